/* SPDX-License-Identifier: Apache-2.0 */
/* What programs do before their blocks. Conditions that fail branch to function->leave. */
#pragma once

#include "emitter.h"

/* Continues unless tracing has stopped. */
void prologue_stopped(struct emitter *e);

/* Continues unless the iterator is at its end. */
void prologue_iterator(struct emitter *e);

/* Continues when the process is that of -p or, with_child, of -c; always when neither is given. */
void prologue_process(struct emitter *e, bool with_child);

/* Continues when the task that an iterator is at belongs to the process of -p; always when it
 * iterates over other objects. */
void prologue_iterator_process(struct emitter *e, const struct probe_match *match);

/* Returns a slot of scratch memory, to be released; branches to none when all are in use. */
LLVMValueRef prologue_claim_scratch(struct emitter *e, LLVMBasicBlockRef none);
void prologue_release_scratch(struct emitter *e, LLVMValueRef slot);

/* Returns the address of the bytes of a slot that the block may use. */
LLVMValueRef prologue_scratch_bytes(struct emitter *e, LLVMValueRef slot);

/* Returns the index of function->scratch in the map of slots, i64. */
LLVMValueRef prologue_scratch_number(struct emitter *e);
