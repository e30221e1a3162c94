/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output: an interface with one file per format. Values describe themselves to a format's sink;
 * what is shown of a map, and in which order, is the same for all formats.
 */
#pragma once

#include <stdint.h>

#include "bpftrace/runner/data/mapread.h"
#include "bpftrace/runner/data/traced.h"
#include "bpftrace/runner/process/waiter.h"
#include "libcommon/base/hashmap.h"
#include "libcommon/base/str.h"
#include "loss.h"
#include "value.h"

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
	const char *path; /* of -o; NULL: standard output */
	bool owned;       /* -o, or a descriptor opened anew: closed at the end */
	bool escapes;     /* for a terminal: escape control characters of traced data */
	enum buffering buffering;
	struct value_reader reader;
	struct str pending;
	struct str text; /* scratch of actions for the text of printed() */
	struct str line; /* scratch of the format */
	int failed;      /* errno of a write that failed for good (EPIPE, ENOSPC), 0 otherwise */
	uint64_t lost;   /* records reported as lost so far */
	const struct waiter *waiter; /* for a reader that pauses; NULL: poll */
	bool has_several_profiles;   /* maps of the script that profiles show */
	void *state;                 /* of the format */
};

/* A map that is being shown. */
struct map_view {
	const char *name;
	uint32_t key_type; /* 0: it has no key, and one element */
	uint32_t value_type;
	const struct aggregate *aggregate; /* of its values; NULL: they are none */
	enum aggregate_shape shape;
	bool is_top;         /* only the largest elements are shown */
	struct hashmap keys; /* for formats that must not spell two keys alike */
};

struct map_element {
	size_t index;     /* among those that are shown */
	struct value key; /* of type 0 where the map has no key */
	struct value value;
};

/* What went wrong at a place of the script while it ran. */
struct report {
	const char *type; /* "errorf", "helper_error" … */
	const char *text;
	const char *helper; /* of BPF that failed with this result; NULL: none */
	int64_t result;
	const char *file;
	uint32_t line, column;
};

/* An output format. None of the functions flushes. */
struct output_ops {
	const char *name;  /* for -f */
	bool escapes;      /* always by itself, terminal or not */
	bool is_profile;   /* of maps alone; frames are names, all else goes to standard error */
	bool takes_frames; /* json_frames: frames of stacks are objects */
	void (*attached)(struct output *out, size_t probes);
	void (*printed)(struct output *out, const char *kind, const void *text,
		size_t size); /* "printf", "time" … */
	void (*value)(struct output *out, const struct value *value);
	/* Before the first map of a dump of all maps. */
	void (*dump)(struct output *out);
	/* A map: its elements come in the order in which they are to be shown. */
	void (*map_begin)(struct output *out, struct map_view *map);
	void (*element)(
		struct output *out, struct map_view *map, const struct map_element *element);
	/* These may be NULL. */
	void (*report)(struct output *out, const struct report *report); /* NULL: a message */
	void (*map_end)(struct output *out, struct map_view *map);
	void (*loss)(struct output *out, const struct loss *loss); /* NULL: a warning */
	/* The elements of the map were removed, or their values made zero; the
	 * run has ended; the format's state is freed. */
	void (*cleared)(struct output *out, const char *map);
	void (*finish)(struct output *out);
	void (*close)(struct output *out);
};

#define FORMAT(name) extern const struct output_ops output_##name;
#include "formats.def"
#undef FORMAT

/*
 * Opens path (standard output when NULL) with the given format (text when NULL) and buffering (by
 * the kind of file when NULL). Errors list the valid choices. The caller closes *ret, and keeps
 * path until then.
 */
struct error *output_open(
	const char *format, const char *path, const char *buffering, struct output **ret);

/* Removes what the file of -o held before; once the script is known to be right. */
struct error *output_empty(struct output *out);

/* Buffers the bytes and writes them according to the buffering. A permanent write error sets failed
 * and is logged once, but for EPIPE; further output is dropped. */
void output_write(struct output *out, const void *data, size_t size);
void output_flush(struct output *out);
void output_close(struct output *out); /* flushes; NULL-safe */

/* The choices of -f and -B, "a, b or c"; the name is one of them, or else the error lists them. */
void output_formats(struct str *out);
void output_bufferings(struct str *out);
struct error *output_check_format(const char *name);
struct error *output_check_buffering(const char *name);

/* Prints all maps that were written and not cleared, in the order of the manifest, as at the end of
 * a run and on SIGUSR1. */
void show_maps(struct output *out, struct traced *traced);

/* Prints one map as the print() function does: the largest top elements (0: all), ascending,
 * numbers divided (by 0 and 1: not). */
void show_map(
	struct output *out, struct traced *traced, uint32_t map, uint64_t top, uint64_t divisor);

/* Scripts of the newer generation print the zero of a map without a key that holds nothing, unless
 * it is a histogram: adds it to the content. */
void show_zero(const struct output *out, struct map_content *content);

/* The same for what was read already; nothing when it is empty. */
void show_content(
	struct output *out, const struct map_content *content, uint64_t top, uint64_t divisor);

/* Once the maps of the script are known. */
void show_prepare(struct output *out, const struct traced *traced);

/* As the format does it, else by a warning. */
void show_loss(struct output *out, const struct loss *loss);

/* Writes it in the way of the format; false when that has none, and messages say it. */
bool show_report(
	struct output *out, const struct traced *traced, struct span place, struct report report);

/* After the elements of a map were removed, or their values made zero. */
void show_cleared(struct output *out, const char *map);

/* Completes the output and flushes it at the end of the run. False when output got lost, other than
 * by a reader that closed it (EPIPE). */
bool show_finish(struct output *out);

/* Reports records that were lost since the last call. */
void show_lost(struct output *out, const struct traced *traced);

/* The elements of content that are shown, as indices: the largest top ones (0: all), ascending by
 * value where that has an order, then by key. The caller frees *ret. */
size_t order_content(struct value_reader *reader, const struct map_content *content, uint64_t top,
	uint32_t **ret);

/* Before order[at] is shown: elements that follow soon are far from each other in memory. */
void order_prefetch(
	const struct map_content *content, const uint32_t *order, size_t count, size_t at);
