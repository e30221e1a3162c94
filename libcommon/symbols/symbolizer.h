/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of addresses of programs, also of programs that have exited. It is fed with what the
 * kernel reports about mappings (mmap_record.h); of what ran before, mappings are read from /proc.
 * Times are of the clock of those records.
 */
#pragma once

#include "images.h"
#include "mmap_record.h"

struct symbolizer;

struct symbolizer_limits {
	size_t mappings; /* of all processes */
	struct image_limits images;
};

/* host is borrowed. */
struct symbolizer *symbolizer_new(const struct host *host, const struct symbolizer_limits *limits);
void symbolizer_free(struct symbolizer *symbolizer); /* NULL-safe */

/* Notes what a record reports; files that are mapped for the first time are opened. */
void symbolizer_record(struct symbolizer *symbolizer, const struct mmap_record *record);

/* Notes what a process has mapped at this time. Nothing happens when it cannot be read. */
void symbolizer_read_process(struct symbolizer *symbolizer, int32_t pid, uint64_t time);

/* Forgets what processes have mapped, not the files: it is read from /proc again. */
void symbolizer_forget_processes(struct symbolizer *symbolizer);

/* What is known of an address; texts are valid until the next call. */
struct user_frame {
	const char *symbol;     /* as in the file, not demangled; NULL when there is none */
	uint64_t offset;        /* from the symbol's begin */
	const char *object;     /* the path of the file that is mapped there; NULL: none is known */
	uint64_t object_offset; /* in the file */
	struct build_id build_id;    /* of it, when it was asked for */
	const struct srcline *lines; /* as srclines_find, when they were asked for */
	size_t line_count;
};

/* What is found only when it is asked for, as bits. */
enum user_frame_part {
	FRAME_BUILD_ID = 1, /* instead of the symbol */
	FRAME_LINES = 2,
};

/* The frame of a process at an address, at that time. */
void symbolizer_find(struct symbolizer *symbolizer, int32_t pid, uint64_t time, uint64_t address,
	unsigned parts, struct user_frame *ret);

/* Processes that had exited and were dropped to keep the limit, and records that were lost. */
uint64_t symbolizer_dropped(const struct symbolizer *symbolizer);
