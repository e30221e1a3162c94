/* SPDX-License-Identifier: Apache-2.0 */
/* Searching strings. */
#pragma once

#include "emitter.h"

/* Returns as i64 where the needle begins in the haystack, -1 when it is not in it. */
LLVMValueRef search_index(struct emitter *e, struct node *haystack, struct node *needle);

/* Returns as i1 whether the haystack contains the needle. */
LLVMValueRef search_contains(struct emitter *e, struct node *haystack, struct node *needle);
