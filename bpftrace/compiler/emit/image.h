/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "emitter.h"

/*
 * A number (i64) of the current process and the program that it executes: equal for all its
 * threads, another one after execve(2) and for a later process of the same pid. process: its tgid.
 * Where the kernel's types are not known it depends on the tgid only.
 */
LLVMValueRef image_number(struct emitter *e, LLVMValueRef process);
