/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the types of patterns like "struct task_*". */
#pragma once

#include <stdbool.h>

#include "libcommon/base/error.h"
#include "libcommon/base/suggest.h"

struct layout;
struct listing;

/* A type for the output. */
struct definition {
	const char *name;   /* "struct path" */
	const char *module; /* that defines it; NULL: the kernel or the file */
	const char *text;   /* definition in C; NULL to show the name only */
	const struct layout
		*layout; /* NULL if text is; without lines for other types than structs */
};

/* Whether the word is a keyword that begins such a pattern: "struct". */
bool definition_is_keyword(const char *word);

/* True for "struct NAME", "union NAME", "enum NAME" and "typedef NAME". */
bool definition_is(const char *pattern);

/* Shows the definitions of a pattern without wildcards, or the names of one with wildcards; with
 * DETAIL_ARGUMENTS always definitions, with DETAIL_LAYOUT their layout. The pattern must satisfy
 * definition_is. Errors are those of listing_show. */
struct error *definition_show(
	struct listing *listing, const char *pattern, struct suggestion *suggestion);
