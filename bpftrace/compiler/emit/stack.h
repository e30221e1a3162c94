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

/* The address of the innermost frame of the kernel's stack that is not of tracing, i64, by which
 * bodies of loops skip the frames that are. */
LLVMValueRef stack_innermost(struct emitter *e);

/* Stores an address of the current process as a stack of one frame, and returns its number. */
LLVMValueRef stack_take_address(struct emitter *e, LLVMValueRef address);
