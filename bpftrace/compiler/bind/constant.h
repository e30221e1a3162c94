/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that are known when the script is compiled. */
#pragma once

#include "bpftrace/compiler/compilation.h"

/* The value of an expression made of literals and operators, in 64-bit
 * arithmetic; false when it is not constant. Casts inserted by infer are looked through. */
bool constant_integer(struct node *node, int64_t *ret);

/* A literal of the value: INTEGER, below 0 the MINUS of one. */
struct node *constant_new(struct compilation *c, struct span span, int64_t value);
