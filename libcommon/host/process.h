/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs and libraries running processes have mapped, and from where they see files: a
 * process in another mount namespace, or below another root, has a root directory of its own. See
 * proc(5), /proc/PID/maps and /proc/PID/root.
 */
#pragma once

#include <stdint.h>

#include "host.h"

/* A root directory that is not ours. */
struct process_root {
	int32_t pid; /* of a process that has it */
	struct host host;
};

/* A file that is mapped for execution. */
struct process_file {
	const char *path; /* as its process sees it */
	uint32_t root;    /* number of its root + 1; 0: ours */
};

struct processes {
	VEC(struct process_root) roots;
	VEC(struct process_file) files; /* each file once; a process's own program comes first */
};

void processes_deinit(struct processes *processes);

/*
 * Reads those of one process, or of all (pid 0; then what we may not look at is left out). Of a
 * file that was deleted nothing is known. Texts are in arena; the caller deinits *ret.
 */
struct error *processes_read(
	const struct host *host, int32_t pid, struct arena *arena, struct processes *ret);

#define _cleanup_processes_ _cleanup_(processes_deinit)
