/* SPDX-License-Identifier: Apache-2.0 */
/* Equality of values in memory. */
#pragma once

#include "emitter.h"

/* Returns as i1 whether the first limit bytes of two strings are equal (as strncmp); limit 0: all
 * bytes. */
LLVMValueRef equal_strings(struct emitter *e, struct node *a, struct node *b, uint64_t limit);

/* The same of two arrays of one type. */
LLVMValueRef equal_arrays(struct emitter *e, struct node *a, struct node *b);

/* Returns as i1 whether two structs, tuples or bufs of one type are the same key. */
LLVMValueRef equal_records(struct emitter *e, struct node *a, struct node *b);
