/* SPDX-License-Identifier: Apache-2.0 */
/* The script's words that are macros, and the script without them. */
#pragma once

#include "unit.h"

/* Adds an item for each word that could be a macro, and one that asks where macros are defined. */
void macros_add_words(struct cfront *cfront, const parse_words *words);

/* A part of the text. */
struct expanded_piece {
	uint32_t at;    /* where it begins */
	uint32_t begin; /* in the script */
	uint32_t end;
	bool is_copy; /* the same bytes as in the script */
};

/* The script's text with macros expanded, and without its text in C and what conditions exclude. */
struct expanded {
	struct str text;
	VEC(struct expanded_piece) pieces;
};

void macros_expand(struct cfront *cfront, struct expanded *ret);
void expanded_deinit(struct expanded *expanded);

/* The span of the script that a span of the text is from. */
struct span expanded_origin(const struct expanded *expanded, struct span span);
