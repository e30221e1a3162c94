/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aggregations: values of maps that the kernel keeps in parts, one per CPU, and that are merged,
 * sorted and shown each in its own way. An aggregation is one row. Its values consist of 64-bit
 * words.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpftrace/door/histogram.h"
#include "libcommon/base/error.h"
#include "libcommon/base/str.h"
#include "libcommon/types/types.h"

/* The type of a map's value, looked at once. */
struct aggregate {
	const struct aggregate_row *row; /* NULL: the type is no aggregation */
	bool is_signed;                  /* what its numbers are */
	size_t words;
	uint64_t mask;            /* min, max */
	uint32_t bits;            /* hist */
	struct lhist_range range; /* lhist */
};

struct aggregate_row {
	const char *kind; /* the "type" of its JSON */
	bool block;       /* text: several lines below the name, then an empty one */
	/* Completes *aggregate from the type's form and parameters; fails when they are not as
	 * named.def says. */
	struct error *(*read)(
		const struct types *types, uint32_t type, struct aggregate *aggregate);
	/* Adds a CPU's part to the sum, which was all zeros before the first one. */
	void (*merge)(const struct aggregate *aggregate, uint64_t *sum, const uint64_t *part);
	/* Entries are sorted by this word, ascending. */
	uint64_t (*order)(const struct aggregate *aggregate, const uint64_t *value);
	void (*text)(const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor,
		struct str *out);
	void (*json)(const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor,
		struct str *out);
};

/* Fails when type says that it is an aggregation but is not made like one. */
struct error *aggregate_find(const struct types *types, uint32_t type, struct aggregate *ret);

/* The merge of those that only add: each word to its own. */
void aggregate_add(const struct aggregate *aggregate, uint64_t *sum, const uint64_t *part);

/* hist.c */
extern const struct aggregate_row hist_row, lhist_row;
