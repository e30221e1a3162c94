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

/* Stacks that the helper is asked for; all zero but the stacks at first. */
struct symbols_request {
	struct str stacks; /* struct symbols_stack, one behind the other */
	size_t sent;       /* bytes of them */
	size_t wanted;     /* texts of what was sent */
	size_t count;      /* texts that were received */
	struct str texts;  /* a text for each stack: its frames with a newline between them, or as
			      fields, and a NUL */
};

void symbols_request_deinit(struct symbols_request *request);

/* Sends what the helper has room for and does not wait. Until symbols_finish no other request may
 * be sent. */
void symbols_begin(const struct helper_process *helper, struct symbols_request *request);

/* Waits until there is a text for each stack. False when the helper has ended or does not answer;
 * what it sent by then are whole texts. */
bool symbols_finish(const struct helper_process *helper, struct symbols_request *request);
