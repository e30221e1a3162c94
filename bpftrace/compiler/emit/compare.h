/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons and logic. */
#pragma once

#include "emitter.h"

/* Returns whether an expression is not 0, as i1. */
LLVMValueRef compare_condition(struct emitter *e, struct node *node);
