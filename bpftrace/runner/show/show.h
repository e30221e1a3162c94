/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output: an interface with one file per format. Values are rendered from their BTF type; an
 * aggregation is one row { merge the CPUs' parts, sort key, text, json }.
 */
#pragma once

#include <stdint.h>

#include "bpftrace/runner/mapread.h"
#include "bpftrace/runner/session.h"
#include "libcommon/base/str.h"

struct run;

/* Buffering of standard output or the file of -o; writes are large and retried when interrupted. */
enum buffering {
	BUFFER_LINE, /* the default on a terminal */
	BUFFER_FULL, /* the default elsewhere; flushed when the loop goes idle */
	BUFFER_NONE,
	NR_BUFFERINGS,
};

struct output {
	const struct output_ops *ops;
	int fd;
	bool owned; /* -o, or a description of our own: closed at the end */
	enum buffering buffering;
	struct str pending;
	struct str text; /* scratch of actions: what they hand to printed */
	struct str line; /* scratch of the format */
	int failed;    /* errno of a write that failed for good (EPIPE, ENOSPC); ECANCELED: waiting
			* for the reader was given up; 0 otherwise */
	uint64_t lost; /* records reported as lost so far */
	/* Waits until the reader takes more; false: what is left is dropped. While NULL, poll does
	 * it. */
	bool (*wait)(struct run *run);
	struct run *run;
};

/* What can be said; one implementation per format. None of them flushes. */
struct output_ops {
	const char *name; /* for -f */
	void (*attached)(
		struct output *out, size_t probes); /* text: nothing (the banner is a notice) */
	void (*printed)(struct output *out, const char *kind, const void *text,
		size_t size); /* "printf", "time" … */
	void (*value)(struct output *out, const struct session *session, uint32_t type,
		const void *data, const void *record, size_t record_size);
	/* Before the first map of a dump of all maps. */
	void (*dump)(struct output *out);
	/* The largest top elements (0: all), ascending. */
	void (*map)(struct output *out, const struct session *session,
		const struct map_content *content, uint64_t top, uint64_t divisor);
	void (*lost)(struct output *out, uint64_t events);
	/* Updates that the map had no room for, and how many keys it may have. */
	void (*refused)(
		struct output *out, const char *map, uint64_t updates, uint64_t max_map_keys);
	/* Events that came while a program of the script was running on their CPU. */
	void (*missed)(struct output *out, uint64_t events);
	/* Returns of functions that the kernel had no room to wait for. */
	void (*overrun)(struct output *out, uint64_t returns);
	/* Members of wildcards that the kernel did not let be probed. */
	void (*unattached)(struct output *out, uint64_t probes);
};

extern const struct output_ops output_text, output_json;

/*
 * Opens path (standard output when NULL) in the format (text when NULL) and buffering (by the kind
 * of file when NULL) asked for; errors name the choices.
 */
struct error *output_open(
	const char *format, const char *path, const char *buffering, struct output **ret);

/* A write that fails for good is reported once on stderr (not EPIPE: nobody listens), sets failed,
 * and all that follows is dropped. */
void output_write(struct output *out, const void *data, size_t size);
void output_flush(struct output *out);
void output_close(struct output *out); /* flushes; NULL-safe */

/* Prints all maps that were written and not cleared, in the order of the manifest, as at the end of
 * a run and on SIGUSR1. */
void show_maps(struct session *session);

/* Prints one map as the print() function does. */
void show_map(struct session *session, uint32_t map, uint64_t top, uint64_t divisor);
void show_content(struct session *session, const struct map_content *content, uint64_t top,
	uint64_t divisor); /* the same for what was read already; nothing when it is empty */

/* Flushes at the end of the run. Output that got lost (not: that nobody wanted, EPIPE) makes the
 * exit status 1. */
void show_finish(struct session *session);

/* Reports records that were lost since the last call. */
void show_lost(struct session *session);

/* The elements of content that are shown, as indices: the largest top ones (0: all), ascending by
 * value where that has an order, then by key. The caller frees *ret. */
size_t order_content(
	const struct types *types, const struct map_content *content, uint64_t top, uint32_t **ret);

/* Before order[at] is shown: elements that follow soon are far from each other in memory. */
void order_prefetch(
	const struct map_content *content, const uint32_t *order, size_t count, size_t at);
