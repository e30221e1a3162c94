/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts that are an array of 64-bit words, as those of raw tracepoints and trampolines are. The
 * members of `args` have the offsets of their words. */
#pragma once

#include "bpftrace/compiler/emit/emitter.h"

/* Return a word by its number, and the one that begins where a member does. */
LLVMValueRef words_load(struct emitter *e, uint32_t number);
LLVMValueRef words_load_member(struct emitter *e, struct types_member member);

/* Returns a member: an integer has the width of its type, a struct is read where it is. */
struct value words_member(struct emitter *e, struct types_member member);
