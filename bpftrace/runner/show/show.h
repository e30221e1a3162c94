/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output: an interface with one file per format. Values are rendered from their BTF type; an
 * aggregation is one row { merge the CPUs' parts, sort key, text, json }.
 */
#pragma once

#include <stdint.h>

#include "bpftrace/runner/mapread.h"
#include "bpftrace/runner/session.h"
#include "libcommon/base/json.h"
#include "libcommon/base/str.h"

/* Buffering of standard output or the file of -o; writes are large and retried when interrupted. */
enum buffering {
	BUFFER_LINE, /* the default on a terminal */
	BUFFER_FULL, /* the default elsewhere; flushed when the loop goes idle */
	BUFFER_NONE,
};

struct output {
	const struct output_ops *ops;
	int fd;
	enum buffering buffering;
	struct str pending;
	int failed; /* errno of a write that failed for good (EPIPE, ENOSPC); 0 otherwise */
	void *state; /* of the format */
};

/* What can be said; one implementation per format. None of them flushes. */
struct output_ops {
	const char *name; /* for -f */
	void (*attached)(struct output *out, size_t probes); /* text: nothing (the banner is a notice) */
	void (*printed)(struct output *out, const char *kind, const void *text, size_t size); /* "printf", "time" … */
	void (*value)(struct output *out, struct session *session, uint32_t type, const void *data, const void *record, size_t record_size);
	void (*map)(struct output *out, struct session *session, struct map_content *content, uint64_t top, uint64_t divisor);
	void (*lost)(struct output *out, uint64_t events);
};

extern const struct output_ops output_text, output_json;

/* Opens path (standard output when NULL) in the format and buffering asked for. */
struct error *output_open(const char *format, const char *path, const char *buffering, struct output **ret);
void output_write(struct output *out, const void *data, size_t size);
void output_flush(struct output *out);
void output_close(struct output *out);

/* Prints all maps that were written and not cleared, in the order of the manifest, as at the end of a run and on SIGUSR1. */
void show_maps(struct session *session);

/* Appends a value as print() shows it. record is the whole record (for strings in its tail), may be NULL. */
void render_text(const struct session *session, uint32_t type, const void *data, const void *record,
	size_t record_size, struct str *out);
json_t *render_json(const struct session *session, uint32_t type, const void *data, const void *record,
	size_t record_size);
