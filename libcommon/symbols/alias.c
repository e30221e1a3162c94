/* SPDX-License-Identifier: Apache-2.0 */
#include "alias.h"

#include <string.h>

/* Comparisons return a positive number when a is to be preferred, 0 when they do not decide. */
typedef int (*comparison)(const struct alias *a, const struct alias *b);

static int by_size(const struct alias *a, const struct alias *b)
{
	return (a->size > 0) - (b->size > 0);
}

static int by_type(const struct alias *a, const struct alias *b)
{
	return b->is_label - a->is_label;
}

static int by_strength(const struct alias *a, const struct alias *b)
{
	return b->is_weak - a->is_weak;
}

static int by_binding(const struct alias *a, const struct alias *b)
{
	return a->is_global - b->is_global;
}

static int underscores(const struct alias *alias)
{
	return (int)strspn(alias->name, "_");
}

static int by_underscores(const struct alias *a, const struct alias *b)
{
	return underscores(b) - underscores(a);
}

static int by_length(const struct alias *a, const struct alias *b)
{
	size_t x = strlen(a->name), y = strlen(b->name);

	return (x > y) - (x < y);
}

/* By the first comparison that decides; the last is NULL. */
static bool is_better(const struct alias *a, const struct alias *b, const comparison *comparisons)
{
	int result = 0;

	for (; *comparisons && result == 0; comparisons++)
		result = (*comparisons)(a, b);
	return result > 0;
}

bool alias_is_better_in_kernel(const struct alias *a, const struct alias *b)
{
	static const comparison order[] = {
		by_size, by_type, by_strength, by_binding, by_underscores, by_length, NULL};

	return is_better(a, b, order);
}

bool alias_is_better_in_program(const struct alias *a, const struct alias *b)
{
	static const comparison order[] = {
		by_size, by_type, by_binding, by_underscores, by_strength, by_length, NULL};

	return is_better(a, b, order);
}
