/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the types that patterns as "struct task_*" name. */
#pragma once

#include <stdbool.h>

#include "libcommon/base/error.h"
#include "libcommon/base/suggest.h"

struct layout;
struct listing;

/* What an output shows of a type. */
struct definition {
	const char *name;            /* "struct path" */
	const char *module;          /* that defines it; NULL: the kernel or the file */
	const char *text;            /* in C; NULL when only the name is wanted */
	const struct layout *layout; /* NULL where text is; without lines of what is no struct */
};

/* True for "struct NAME", "union NAME", "enum NAME" and "typedef NAME". */
bool definition_is(const char *pattern);

/* Shows the definitions of a pattern without wildcards, the names of one with them; when arguments
 * are wanted definitions in any case, and when more is wanted their layout. Errors as listing_show.
 */
struct error *definition_show(
	struct listing *listing, const char *pattern, struct suggestion *suggestion);
