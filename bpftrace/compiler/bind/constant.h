/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that are known when the script is compiled. */
#pragma once

#include "bpftrace/compiler/compilation.h"

/* The value of an expression made of literals and operators, in 64-bit
 * arithmetic; false when it is not constant. Casts inserted by infer are looked through. */
bool constant_integer(struct node *node, int64_t *ret);

/* The operators on values; false where the result is not constant: a division by 0. */
bool constant_calculate(enum operator op, int64_t left, int64_t right, int64_t *ret);
bool constant_calculate_unary(enum operator op, int64_t operand, int64_t *ret);

/* Whether such a constant is an unsigned number, as C has it: by a literal above INT64_MAX. */
bool constant_is_unsigned(struct node *node);

struct node *constant_new_unsigned(struct compilation *c, struct span span, uint64_t value);

/* One of a type of its own, as an enumerator is; a value below 0 is sign-extended. */
struct node *constant_new_typed(
	struct compilation *c, struct span span, uint32_t type, uint64_t value);

/* A string literal; text is borrowed. */
struct node *constant_new_text(struct compilation *c, struct span span, const char *text);

/* A literal of the value: INTEGER, below 0 the MINUS of one. */
struct node *constant_new(struct compilation *c, struct span span, int64_t value);
