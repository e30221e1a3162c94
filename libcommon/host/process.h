/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs and libraries running processes have mapped, and from where they see files: a
 * process in another mount namespace, or below another root, has a root directory of its own. See
 * proc(5), /proc/PID/maps and /proc/PID/root.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "host.h"

/* A root directory other than that of this process. */
struct process_root {
	int32_t pid; /* of a process that has it */
	struct host host;
};

/* A file that is mapped for execution. */
struct process_file {
	const char *path; /* as its process sees it, or saw it */
	const char *link; /* the path leads elsewhere: a link of /proc, below our root, that leads
			     to the file; NULL: the path does */
	uint32_t root;    /* number of the root that path is below + 1; 0: that of this process */
	uint32_t home;    /* the same of its process's root: where path is, or was */
	bool is_program;  /* what its process runs */
};

struct processes {
	VEC(struct process_root) roots;
	VEC(struct process_file) files; /* each file once */
	bool is_limited;                /* the root and program of one could not be looked at */
};

void processes_deinit(struct processes *processes);

/*
 * Reads those of one process, or of all (pid 0; then processes that may not be inspected are
 * skipped). Files that were deleted or replaced are found by links of /proc, which requires
 * CAP_CHECKPOINT_RESTORE; without it all but programs are skipped. Texts are in arena; the caller
 * deinits *ret.
 */
struct error *processes_read(
	const struct host *host, int32_t pid, struct arena *arena, struct processes *ret);

/* The file that is mapped by this path, which does not lead there from the root with this number:
 * it leads elsewhere by now, or is the path that we see. NULL when there is none. */
const struct process_file *processes_find_moved(
	const struct processes *processes, const char *path, uint32_t root);

/* The library with this name ("libc" for libc.so.6); NULL when there is none. */
const struct process_file *processes_find_library(
	const struct processes *processes, const char *name);

/* A program that runs; NULL when none is known. */
const struct process_file *processes_find_program(const struct processes *processes);

#define _cleanup_processes_ _cleanup_(processes_deinit)
