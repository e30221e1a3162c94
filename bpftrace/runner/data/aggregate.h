/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aggregations: values of maps that the kernel keeps in parts, one per CPU, and that are merged,
 * sorted and described each in its own way. An aggregation is one row. Its values consist of 64-bit
 * words.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpftrace/door/histogram.h"
#include "bpftrace/door/series.h"
#include "bpftrace/runner/data/sink.h"
#include "libcommon/base/error.h"
#include "libcommon/types/types.h"

/* The type of a map's value, looked at once. */
struct aggregate {
	const struct aggregate_ops *ops; /* NULL: the type is no aggregation */
	bool is_signed;                  /* what its numbers are */
	size_t words;
	uint64_t mask;            /* min, max */
	uint32_t bits;            /* hist */
	struct lhist_range range; /* lhist */
	uint64_t interval;        /* tseries: in nanoseconds */
	enum series_kind kind;    /* tseries */
};

/* What the values of an aggregation look like to a user. */
enum aggregate_shape {
	SHAPE_PLAIN, /* one number */
	SHAPE_STATS, /* an average, alone or among others */
	SHAPE_HISTOGRAM,
	SHAPE_SERIES, /* values of intervals */
	NR_SHAPES,
};

struct aggregate_ops {
	enum aggregate_shape shape;
	/* Completes *aggregate from the type's form and parameters; fails when they are not those
	 * of meanings.def. */
	struct error *(*read)(
		const struct types *types, uint32_t type, struct aggregate *aggregate);
	/* Adds a CPU's part to the sum, which was all zeros before the first one. */
	void (*merge)(const struct aggregate *aggregate, uint64_t *sum, const uint64_t *part);
	/* Entries are sorted by this word, ascending. */
	uint64_t (*order)(const struct aggregate *aggregate, const uint64_t *value);
	/* Describes a merged value. The divisor applies to what was measured, or to the counts of
	 * buckets; 0 and 1: none. */
	void (*describe)(const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor,
		struct sink *sink);
	/* What the values add up to, at most UINT64_MAX; false: it is negative. NULL for what does
	 * not add up, and for histograms. */
	bool (*total)(const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor,
		uint64_t *ret);
};

/* Fails when the type is an aggregation by name, but not by its form. */
struct error *aggregate_find(const struct types *types, uint32_t type, struct aggregate *ret);

/* The merge of those that only add: each word to its own. */
void aggregate_add(const struct aggregate *aggregate, uint64_t *sum, const uint64_t *part);

/* hist.c */
extern const struct aggregate_ops hist_ops, lhist_ops;

/* series.c */
extern const struct aggregate_ops series_ops;
