/* SPDX-License-Identifier: Apache-2.0 */
/* Stacks of the kernel and of processes. */
#pragma once

#include "emitter.h"

enum stack_kind {
	STACK_OF_KERNEL,
	STACK_OF_PROCESS,
};

/* Takes the stack, at most depth frames of it, stores it and returns its number (door/stack.h),
 * i64. */
LLVMValueRef stack_take(struct emitter *e, enum stack_kind kind, uint32_t depth);

/* Stores an address of the current process as a stack of one frame, and returns its number. */
LLVMValueRef stack_take_address(struct emitter *e, LLVMValueRef address);
