/* SPDX-License-Identifier: Apache-2.0 */
/* What the C compiler has read: declarations of types by their names, and the values that unit.h
 * asks for. */
#pragma once

#include "unit.h"

enum declared {
	BY_SCRIPT,
	BY_HEADER,
	BY_KERNEL, /* a header of the kernel */
};

struct c_declaration {
	const char *keyword; /* as in types_find */
	const char *name;    /* "" for an unnamed enum */
	CXCursor cursor;
	enum declared where;
	bool is_made; /* type is known */
	uint32_t type;
};

struct c_enumerator {
	CXCursor cursor;
	size_t declaration; /* index of its enum */
};

struct c_declarations {
	struct cfront *cfront;
	VEC(struct c_declaration) list;
	VEC(struct c_enumerator) enumerators;
	struct hashmap by_name;           /* "struct name" → index + 1 */
	struct hashmap enumerators_named; /* name → index + 1 */
};

/* Reads all of them, after unit_read, into cfront->declarations and the items. */
void declarations_collect(struct cfront *cfront);

void declarations_deinit(struct c_declarations *declarations); /* NULL-safe */

/* By name; NULL when there is none. */
struct c_declaration *declarations_find(
	struct c_declarations *declarations, const char *keyword, const char *name);
const struct c_enumerator *declarations_find_enumerator(
	const struct c_declarations *declarations, const char *name);

/* "struct", "union" or "enum" of a declaration; NULL for others. */
const char *c_keyword(enum CXCursorKind kind);

/* Whether a struct, union or enum has no name of its own; a typedef may have one for it. */
bool c_is_unnamed(const struct cfront *cfront, CXCursor cursor);

/* The value of an enumerator, of an unsigned enum the bits of a number above INT64_MAX. */
int64_t c_enumerator_value(const struct cfront *cfront, CXCursor of_enum, CXCursor enumerator);
