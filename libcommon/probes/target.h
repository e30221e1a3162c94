/* SPDX-License-Identifier: Apache-2.0 */
/* The files that the path of an attach point matches, for the probe types that have one. */
#pragma once

#include "libcommon/elf/elf.h"
#include "probe.h"

struct target {
	const char *shown; /* display name: as written, or the path of a short name */
	const char *path;  /* absolute, below its root */
	uint32_t root;     /* number in the processes + 1; 0: our own */
	int32_t process;   /* one that has the root; 0 for our own */

	/* For finding its debug file and libraries: the path (NULL: that above), its root (as
	 * above), and a process that has the root. */
	const char *origin;
	uint32_t debug_root;
	int32_t debug_process;
};

struct targets {
	VEC(struct target) items;
	bool several; /* a wildcard: files that cannot be probed are skipped */

	/* What processes have mapped, once something depends on it: the host's own knowledge, or
	 * else what was read for these targets. Items refer to its roots. */
	const struct processes *known;
	struct processes read;
	bool has_read;
	const struct probe_world *world;
	const struct probe_ops *type; /* for messages */
};

/*
 * Finds the files of path: a file, a library or program by its short name, "*" for everything that
 * running processes (that of -p, if given) have mapped, a path with wildcards, or "" for the
 * program of -p or -c. With -p, paths are resolved in the process's root, and a deleted or replaced
 * file is read from the process's mapping; /proc/PID is always our own. Texts are in arena; the
 * caller deinits *ret. Without wildcards a file that cannot be used is an error: ENOENT, or as
 * elf_open.
 */
struct error *target_find(const struct probe_ops *type, const struct probe_world *world,
	const char *path, struct arena *arena, struct targets *ret);
void targets_deinit(struct targets *targets);

/* The root of its debug file and libraries. */
const struct host *target_home(const struct targets *targets, const struct target *target);

/* For a search that found nothing: an error when some files of the process of -p could not be read,
 * else NULL. */
struct error *target_check_limits(const struct targets *targets);

/* Opens the target; the caller closes *ret. Errors are those of target_find. */
struct error *target_open(
	const struct targets *targets, const struct target *target, struct elf **ret);

#define _cleanup_targets_ _cleanup_(targets_deinit)
