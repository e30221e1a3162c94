/* SPDX-License-Identifier: Apache-2.0 */
/* The files that an attach point's path means; for the probe types that have one. */
#pragma once

#include "libcommon/elf/elf.h"
#include "probe.h"

struct target {
	const char *shown; /* as names show it: as written, or what a short name stands for */
	const char *path;  /* absolute, below its root */
	uint32_t root;     /* number in the world's processes + 1; 0: our own */
	int32_t process;   /* one that has the root; 0 for our own */
};

struct targets {
	VEC(struct target) items;
	bool several;               /* a wildcard: files that do not fit are left out */
	struct processes processes; /* when the world had none; items refer to its roots */
	const struct probe_world *world;
};

/*
 * What path means: a file, a library or program by its short name, "*" for all that running
 * processes (that of -p, if given) have mapped, a path with wildcards, or "" for the program of -p
 * or -c. With -p, paths are those that the process sees. Texts are in arena; the caller deinits
 * *ret. ENOENT when one file is meant that does not exist.
 */
struct error *target_find(const struct probe_type *type, const struct probe_world *world,
	const char *path, struct arena *arena, struct targets *ret);
void targets_deinit(struct targets *targets);

/* The root below which it is. */
const struct host *target_host(const struct targets *targets, const struct target *target);

/* Opens it; the caller closes *ret. */
struct error *target_open(
	const struct targets *targets, const struct target *target, struct elf **ret);

#define _cleanup_targets_ _cleanup_(targets_deinit)
