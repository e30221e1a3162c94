/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroups.h"

#include "libcommon/host/cgroup.h"

static size_t fetch(void *source, const struct name_key *keys, size_t count, struct str *ret)
{
	for (size_t i = 0; i < count; i++) {
		cgroup_tree_paths(source, keys[i].number, keys[i].parameters, ret);
		str_append_char(ret, '\0');
	}
	return count;
}

static void close_source(void *source)
{
	cgroup_tree_free(source);
}

/* The tree itself remembers paths, and looks again for ids that it has not found. */
static const struct name_ops cgroup_ops = {
	.fetch = fetch,
	.close = close_source,
};

struct error *cgroups_open(struct names *names, const struct host *host)
{
	struct cgroup_tree *tree;
	struct error *error = cgroup_tree_open(host, &tree);

	if (!error)
		names_add(names, NAME_CGROUP, &cgroup_ops, tree);
	return error;
}
