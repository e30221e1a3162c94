/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons and logic. */
#pragma once

#include "emitter.h"

/* Returns whether an expression is not 0, as i1. */
LLVMValueRef compare_condition(struct emitter *e, struct node *node);

/* Casts to bool: of a number whether it is not 0, of a string whether it is not empty. */
bool compare_makes_bool(const struct emitter *e, const struct cast *cast);
struct value compare_as_bool(struct emitter *e, const struct cast *cast);
