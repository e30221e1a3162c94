/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helper that finds names of addresses. It reads files of all users and what is mapped by their
 * processes, which this process may not any more, and parses files that anybody may have made.
 */
#pragma once

#include <stdint.h>

#include "bpftrace/door/stack.h"
#include "bpftrace/runner/process/helper.h"

enum symbols_mode {
	SYMBOLS_BPFTRACE, /* "name+offset"; with lines "name+offset@source:line" */
	SYMBOLS_PERF,     /* "address name+offset (file)"; with lines likewise */
	SYMBOLS_RAW,      /* "address" */
	SYMBOLS_BUILD_ID, /* "build-id offset" */
	SYMBOLS_NAME,     /* "name" */
	SYMBOLS_FUNCTION, /* "name", "name (inlined)", without one "[file]" or "[unknown]" */
	/* Fields of frames (frames.h) instead of lines. */
	SYMBOLS_FIELDS,
	SYMBOLS_FIELDS_RAW,      /* addresses only */
	SYMBOLS_FIELDS_BUILD_ID, /* places in files only */
	NR_SYMBOLS_MODES,
};

static inline bool symbols_has_fields(uint32_t mode)
{
	return mode >= SYMBOLS_FIELDS;
}

/* What the helper is started for. */
struct symbols_needs {
	bool kernel;
	bool processes;
	bool demangle;
	bool lines;          /* files and lines of frames, and functions that were inlined */
	const char *vmlinux; /* the kernel's file, for lines; NULL: where distributions put it */
	bool keeps_little;   /* symbols of one file at a time: slow, in little memory */
	int fetcher_fd;      /* for fetcher_ask; -1: files come from this machine only */
};

/* Starts it and waits until it follows what processes map; before any privilege is dropped. *ret is
 * owned by the caller: helper_stop. */
struct error *symbols_start(const struct symbols_needs *needs, struct helper_process *ret);

/* A stack to be named: count addresses behind it. */
struct symbols_stack {
	uint32_t mode;
	uint32_t count;
	uint64_t process; /* 0: of the kernel */
	uint64_t time;
	uint64_t frames[];
};

/*
 * Appends a text for each stack that follows the other in stacks, which have size bytes: its frames
 * with a newline between them, or as fields, and a NUL. Returns false when the helper has ended or
 * does not answer; what was appended by then are whole texts.
 */
bool symbols_ask(
	const struct helper_process *helper, const void *stacks, size_t size, struct str *out);
