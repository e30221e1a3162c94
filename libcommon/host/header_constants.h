/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constants that C headers define as macros, which no debug information has: errors, flags of
 * system calls, address families, states of tasks. The rows are in constants_*.def; values that
 * architectures have differently are in a file of theirs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arch;
struct suggestion;

struct header_constant {
	const char *header; /* which a C program includes for it, as "linux/errno.h" */
	const char *name;
	int64_t value;
	const char *advice; /* NULL, or what to use instead, since kernels have different values */
};

/* By name, for programs of the architecture; NULL when there is none. */
const struct header_constant *header_constant_find(const struct arch *arch, const char *name);

/* All that architectures have in common. */
extern const struct header_constant header_constants[];
extern const size_t header_constant_count;

/* A macro with one argument that takes some bits of a number: header_parts.def. */
struct header_part {
	const char *header;
	const char *name;
	unsigned shift;
	uint64_t mask;
	bool is_test; /* whether the bits are value, not what they are */
	uint64_t value;
};

/* NULL when there is none of the name. */
const struct header_part *header_part_find(const char *name);

/* Offers the names of all constants to a search for a similar one. */
void header_constants_suggest(const struct arch *arch, struct suggestion *suggestion);
