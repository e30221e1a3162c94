/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's tracing file system: which tracepoints there are and how their records look.
 * Source: Documentation/trace/events.rst of the kernel.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host.h"

/* Where it is mounted: a constant text; an error when it is nowhere. */
struct error *tracefs_find(const struct host *host, const char **ret_path);

struct tracefs_event {
	const char *category;
	const char *name;
};

typedef VEC(struct tracefs_event) tracefs_events;

/* Adds all events by category, then name, in byte order, each once; texts are in arena. */
struct error *tracefs_list(const struct host *host, struct arena *arena, tracefs_events *ret);

/* Whether the event exists; a name that is none (empty, with a "/") does not. */
bool tracefs_has_event(const struct host *host, const char *category, const char *name);

/* Has the kernel write the event's lines into its trace (events.rst, "Via the 'enable' toggle");
 * ENOENT: there is no such event. */
struct error *tracefs_enable(const struct host *host, const char *category, const char *name);

enum tracefs_location {
	TRACEFS_IN_PLACE,
	TRACEFS_DATA_LOC, /* a word: offset from the record's begin | length << 16 */
	TRACEFS_REL_LOC,  /* the same, but the offset counts from the end of the word */
};

/* A field of the record, offset and size in bytes. */
struct tracefs_field {
	const char *declaration; /* as in the file: "char comm[16]", "__data_loc char[] name" */
	const char *type;        /* in C, of arrays and located data the element's: "char" */
	const char *name;
	enum tracefs_location location;
	uint32_t offset;
	uint32_t size; /* in the record: of located data the word's */
	bool is_signed;
	bool is_array;
	uint32_t count; /* of an array in place; 0 when it is not a number in the file */
};

/* Without the common_ fields, those that only the trace buffer has (7.x kernels), and those with
 * the name of an earlier one (regcache_sync of 5.10 has two called type). */
struct tracefs_format {
	uint32_t id; /* perf_event_attr.config of the tracepoint */
	VEC(struct tracefs_field) fields;
};

void tracefs_format_deinit(struct tracefs_format *format); /* the vector; texts are in the arena */

/* Parses the text of a `format` file, of which nothing is trusted. */
struct error *tracefs_format_parse(
	const char *text, size_t length, struct arena *arena, struct tracefs_format *ret);

/* Reads and parses that of an event; the caller deinits *ret. */
struct error *tracefs_format_read(const struct host *host, const char *category, const char *name,
	struct arena *arena, struct tracefs_format *ret);
