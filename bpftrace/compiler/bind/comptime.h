/* SPDX-License-Identifier: Apache-2.0 */
/* What is known while compiling: comptime, and the builtins that answer questions about types. */
#pragma once

#include "bind.h"

struct comptime_value {
	const char *text; /* NULL: a number */
	int64_t number;
};

/* Evaluates an expression, whose names are resolved; false: it is not known, or not known yet. */
bool comptime_evaluate(
	struct compilation *c, struct unit *unit, struct node *node, struct comptime_value *ret);

/* Whether the condition is true; false in *ret_known: as above. */
bool comptime_holds(struct compilation *c, struct unit *unit, struct node *condition, bool *ret);

/* Puts the chosen branch of an if or ?: with a comptime condition in its place. */
void comptime_choose(struct compilation *c, struct node **slot, bool holds);

/* When no type changes any more: decides what can be decided of the ifs whose conditions depend on
 * types. False when that was nothing. */
bool comptime_decide(struct compilation *c);

/* After the last round: puts values in the place of what is evaluated. */
void comptime_fold(struct compilation *c);

uint32_t comptime_infer(struct compilation *c, struct unit *unit, struct comptime_value_of *node);

/* The type of a value, or of a member of a value, of a builtin that is evaluated; 0 for others. */
uint32_t comptime_infer_text(struct compilation *c, struct unit *unit, struct node *node);
