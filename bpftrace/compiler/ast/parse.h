/* SPDX-License-Identifier: Apache-2.0 */
/* From script text to syntax tree. */
#pragma once

#include "ast.h"
#include "libcommon/base/vec.h"

/* Levels of a tree, which passes walk by recursion. */
enum {
	PARSE_LEVELS_MAX = 1000,
};

/*
 * Parses source number source of diags. Always returns a tree, of what could be understood; all
 * errors found are in diags. The tree lives in arena.
 */
struct program *parse(struct arena *arena, struct diags *diags, uint32_t source);

/* Words of statements and expressions that are not reserved, in the order in which they were read,
 * perhaps twice: those that macros of C may replace. */
typedef VEC(struct span) parse_words;

/* The same, and adds these words to *ret; it has them where the text has mistakes, too. */
struct program *parse_with_words(
	struct arena *arena, struct diags *diags, uint32_t source, parse_words *ret);

/* Parses a type as scripts spell it ("struct task_struct *", "uint8[16]"); NULL after an error. */
struct type *parse_type_text(struct arena *arena, struct diags *diags, uint32_t source);
