/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the expansion of macros share. */
#pragma once

#include "bind.h"

/* One argument of a call: itself expanded already. */
struct macro_argument {
	struct node *node;
	size_t nodes;
	unsigned levels;
};

/* A call whose macro's body is being expanded. */
struct macro_call {
	const struct macro_call *outer;
	const struct macro *macro; /* parameters are in the order of arguments */
	struct macro_argument *arguments;
	uint32_t source; /* of the expansion */
};

/* Returns the macro of the name whose parameters take the list of arguments best; NULL: none.
 * *is_named is whether a macro of the name exists. */
const struct macro *expansion_match(const struct compilation *c, const char *name,
	const struct node *arguments, bool *is_named);

/* Reports that no macro of the name takes the arguments, and shows the nearest one. */
void expansion_report_mismatch(
	struct compilation *c, struct span call, const char *name, const struct node *arguments);

/* Reports mistakes in the definitions themselves. */
void expansion_check(struct compilation *c);

/* What an argument is behind the ARGUMENTs around it. */
const struct node *expansion_strip(const struct node *argument);
