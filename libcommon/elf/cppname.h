/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of C++ functions as programmers write them, compared with the names that are made from
 * symbols: blanks count only between words, and what a name leaves out may be anything: the types
 * of the parameters, the type that a template returns, the qualifiers behind the parameters, and
 * the arguments of templates, of all or of the last.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* How a name is compared with a text: as a whole, or as a pattern. */
typedef bool (*cppname_compare)(const char *name, const char *text);

/* Whether name means the symbol, which may be one of C. */
bool cppname_means(const char *name, cppname_compare compare, const char *symbol);

/* The length of a name without the types of its parameters, "ns::fn" of "ns::fn(int) const". */
size_t cppname_length(const char *name);

/* The name as a pattern (malloc'ed) in which the stars of pointers among its parameters, "(char*,
 * void
 * (*)(int))", are "\*": no wildcards. */
char *cppname_pattern(const char *name);
