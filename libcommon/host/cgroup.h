/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control groups: their ids, which programs use, and their paths. The id of a cgroup is the inode
 * number of its directory, in each hierarchy its own. See cgroups(7), and kernfs_id() in
 * include/linux/kernfs.h of the kernel.
 */
#pragma once

#include <stdint.h>

#include "host.h"

/* The id of the cgroup whose directory path is. */
struct error *cgroup_id(const struct host *host, const char *path, uint64_t *ret);

/* The mounted hierarchies, opened: their directories can be read without further privileges. */
struct cgroup_tree;

/* There may be no hierarchy at all. The caller frees *ret. */
struct error *cgroup_tree_open(const struct host *host, struct cgroup_tree **ret);
void cgroup_tree_free(struct cgroup_tree *tree);

/*
 * Appends "hierarchy:/path" for each hierarchy in which a cgroup has the id, joined by commas:
 * "unified" (version 2) first, the others by name, which is that of the directory they are mounted
 * on. Only hierarchies whose name matches the wildcard, "" for all. Nothing when there is none.
 * Cgroups that were seen once are remembered when they are gone.
 */
void cgroup_tree_paths(
	struct cgroup_tree *tree, uint64_t id, const char *wildcard, struct str *out);
