/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The innermost frames of the kernel's stack that are of tracing, not of what is traced: the
 * program, and how the kernel came to it. Where the kernel begins with the registers of the event
 * there are none.
 */
#pragma once

#include "emitter.h"

/* Has the runner find the addresses that tracing_frames compares with; of the pass check. */
void tracing_need(struct compilation *c, const struct unit *unit);

/* As many there are at the most where the block's code stands now; 0: all frames are wanted. */
uint32_t tracing_most(const struct emitter *e);

/* How many there are, i64, at most tracing_most(), in the kernel's stack that begins at frames and
 * was taken there by the block's code; it has room for one more. */
LLVMValueRef tracing_frames(struct emitter *e, LLVMValueRef frames);

/* Functions jump to a trampoline that calls them, from Linux 7.0 on, and are then no frame: puts
 * the traced one in place of the innermost of those that are skipped, and returns how many are left
 * of these. */
LLVMValueRef tracing_add_function(struct emitter *e, LLVMValueRef frames, LLVMValueRef skipped);

/* The address of the first frame behind them, i64, by which bodies of loops find it. */
LLVMValueRef tracing_innermost(struct emitter *e);
