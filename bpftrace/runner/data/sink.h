/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a value as an output format receives them. A value is one number, text, or
 * histogram, or a group of values: begin, for each an item and the value itself, end. Groups nest.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum sink_group {
	SINK_KEY, /* the parts of a map's key; without begin and end */
	SINK_TUPLE,
	SINK_ARRAY,
	SINK_STRUCT, /* items have names */
	SINK_FIELDS, /* the numbers of one aggregation; items have names */
	NR_SINK_GROUPS,
};

/* Values from low to high, both included. */
struct bucket {
	uint64_t low, high;
	bool no_low;     /* all values up to high; high is UINT64_MAX (-1) for negative ones */
	bool no_high;    /* all values from low on */
	bool is_single;  /* low and high are the same by design, not by a narrow range */
	uint64_t events; /* as counted */
	uint64_t count;  /* the same, divided as print() asked for */
};

/* The buckets from the first to the last that counted anything. */
struct histogram {
	const struct bucket *buckets;
	size_t count;
	uint64_t largest; /* of the events of all buckets */
	bool has_units;   /* bounds are powers of two, or parts of these */
};

/* The value of an interval of time. */
struct series_point {
	struct timespec begin; /* by the wall clock */
	bool has_value;
	int64_t value;
};

/* Of intervals one after the other, the oldest first; the first and the last have a value. */
struct series {
	const struct series_point *points;
	size_t count;
	uint64_t interval; /* nanoseconds */
};

/* The frames of a stack. */
struct sink_stack {
	const char *frames; /* a line for each without an end, the innermost first; "": none */
	bool is_kernel;
	bool is_table;          /* lines begin with addresses, as perf shows them */
	unsigned blanks_in_key; /* before each line, unless it is a table */
};

struct frame; /* names/frames.h */
struct sink;

/* Texts, histograms and series are valid during the call only. */
struct sink_ops {
	void (*integer)(struct sink *sink, uint64_t value, bool is_signed);
	void (*boolean)(struct sink *sink, bool value);
	void (*real)(struct sink *sink, double value);
	void (*address)(struct sink *sink, uint64_t address);
	/* Any bytes. is_own: written by the script, not found in what is traced. */
	void (*text)(struct sink *sink, const void *data, size_t size, bool is_own);
	void (*histogram)(struct sink *sink, const struct histogram *histogram);
	void (*series)(struct sink *sink, const struct series *series);
	void (*stack)(struct sink *sink, const struct sink_stack *stack);
	/* Instead of stack, of a sink that takes frames: the innermost comes first. */
	void (*frames)(struct sink *sink, const struct frame *frames, size_t count);
	void (*begin)(struct sink *sink, enum sink_group group);
	/* Before each member; name is NULL unless the group's have names. */
	void (*item)(struct sink *sink, enum sink_group group, size_t index, const char *name);
	void (*end)(struct sink *sink, enum sink_group group);
};

struct sink {
	const struct sink_ops *ops;
	bool is_newer; /* the script's generation; value_describe sets it */
	bool takes_frames;
};
