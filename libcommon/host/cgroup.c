/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Without privileges the kernel finds no cgroup by its id, so all directories of a hierarchy are
 * read with their inode numbers, and cached. A number that is not among them may be that of a new
 * cgroup: then they are read again, at a limited rate for each such number.
 */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/hashmap.h"

static const char unified[] = "unified";

enum {
	RETRY_S = 1,
	DEPTH_MAX = 64,
};

struct hierarchy {
	const char *name;
	int fd;
	dev_t device; /* of its file system */
	ino_t root;
};

struct cgroup_key {
	uint64_t id;
	uint64_t hierarchy; /* index */
};

struct cgroup_tree {
	struct arena arena;
	VEC(struct hierarchy) hierarchies;
	struct hashmap paths;  /* struct cgroup_key → its path */
	struct hashmap missed; /* id → struct timespec of the last look */
};

struct error *cgroup_id(const struct host *host, const char *path, uint64_t *ret)
{
	_cleanup_close_ int fd = -1;
	struct statfs system;
	struct stat status;
	struct error *error = host_open(host, path, O_RDONLY | O_DIRECTORY, &fd);

	if (error)
		return error;
	if (fstat(fd, &status) != 0 || fstatfs(fd, &system) != 0)
		return error_system(errno, "%s", path);
	if (host_is_live(host) && system.f_type != CGROUP2_SUPER_MAGIC &&
		system.f_type != CGROUP_SUPER_MAGIC)
		return error_new(EINVAL, "%s: not the directory of a cgroup", path);
	*ret = status.st_ino;
	return NULL;
}

/* --- hierarchies --- */

/* Blanks and backslashes are written as \ooo, see proc_pid_mounts(5). */
static void unescape(char *path)
{
	char *to = path;

	for (const char *from = path; *from; from++) {
		bool is_escape = from[0] == '\\' && from[1] && from[2] && from[3];

		*to++ = is_escape ? (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 |
					    (from[3] - '0'))
				  : *from;
		from += is_escape ? 3 : 0;
	}
	*to = '\0';
}

static struct hierarchy *find_mounted(
	const struct cgroup_tree *tree, const struct host *host, const struct stat *root)
{
	struct hierarchy *hierarchy;

	vec_for_each (&tree->hierarchies, hierarchy) {
		if (hierarchy->device == root->st_dev &&
			(host_is_live(host) || hierarchy->root == root->st_ino))
			return hierarchy;
	}
	return NULL;
}

/* Of a hierarchy that is mounted more than once the mount that shows most is kept: groups are
 * younger, and have higher numbers, than those that they are in. Owns fd. */
static void add_hierarchy(
	struct cgroup_tree *tree, const struct host *host, const char *name, int fd)
{
	_cleanup_close_ int other = fd;
	struct stat root;
	struct hierarchy *known;

	if (fstat(fd, &root) != 0)
		return;
	known = find_mounted(tree, host, &root);
	if (known && known->root <= root.st_ino)
		return;
	if (!known)
		known = vec_add(&tree->hierarchies);
	else
		close(known->fd);
	*known = (struct hierarchy){
		.name = name == unified ? name : arena_strdup(&tree->arena, name),
		.fd = TAKE_FD(other),
		.device = root.st_dev,
		.root = root.st_ino,
	};
}

/* A line of /proc/self/mounts: device, directory, type, options. */
static void add_mount(struct cgroup_tree *tree, const struct host *host, char *line)
{
	char *rest = NULL;
	const char *device = strtok_r(line, " ", &rest);
	char *path = device ? strtok_r(NULL, " ", &rest) : NULL;
	const char *type = path ? strtok_r(NULL, " ", &rest) : NULL;
	bool is_unified = type && strcmp(type, "cgroup2") == 0;
	int fd = -1;

	if (!type || (!is_unified && strcmp(type, "cgroup") != 0))
		return;
	unescape(path);

	_cleanup_error_ struct error *error = host_open(host, path, O_RDONLY | O_DIRECTORY, &fd);
	const char *slash = strrchr(path, '/');

	if (!error)
		add_hierarchy(tree, host, is_unified ? unified : slash ? slash + 1 : path, fd);
}

static int compare_hierarchies(const void *a, const void *b)
{
	const struct hierarchy *left = a, *right = b;
	bool left_first = left->name == unified, right_first = right->name == unified;

	return left_first != right_first ? right_first - left_first
					 : strcmp(left->name, right->name);
}

static struct error *add_hierarchies(struct cgroup_tree *tree, const struct host *host)
{
	_cleanup_str_ struct str mounts = STR_INIT;
	struct error *error = host_read_file(host, "/proc/self/mounts", &mounts);
	char *rest = NULL;

	if (error || !mounts.length)
		return error;
	for (char *line = strtok_r(mounts.data, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest))
		add_mount(tree, host, line);
	if (tree->hierarchies.count)
		qsort(tree->hierarchies.items, tree->hierarchies.count,
			sizeof(tree->hierarchies.items[0]), compare_hierarchies);
	return NULL;
}

/* --- directories --- */

/* One walk through a hierarchy. */
struct look {
	struct cgroup_tree *tree;
	uint64_t hierarchy;
	struct str path; /* of the directory that is read, "" for the root */
	int depth;
};

static void remember(struct look *look, uint64_t id)
{
	struct cgroup_key key = {.id = id, .hierarchy = look->hierarchy};
	const char **slot = (const char **)hashmap_slot(&look->tree->paths, &key, sizeof(key));
	const char *path = look->path.length ? str_text(&look->path) : "/";

	if (!*slot || strcmp(*slot, path) != 0)
		*slot = arena_strdup(&look->tree->arena, path);
}

static void cleanup_closedir(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static void look_into(struct look *look, int parent_fd, const char *name);

static void look_at(struct look *look, int fd, const struct dirent *entry)
{
	size_t before = look->path.length;

	if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 ||
		strcmp(entry->d_name, "..") == 0)
		return;
	str_append_char(&look->path, '/');
	str_append(&look->path, entry->d_name);
	remember(look, entry->d_ino);
	look_into(look, fd, entry->d_name);
	str_truncate(&look->path, before);
}

/* What cannot be read, or is gone meanwhile, is left out. */
static void look_into(struct look *look, int parent_fd, const char *name)
{
	int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_(cleanup_closedir) DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!directory || look->depth == DEPTH_MAX)
		return;
	look->depth++;
	while ((entry = readdir(directory)))
		look_at(look, fd, entry);
	look->depth--;
}

static void look_everywhere(struct cgroup_tree *tree)
{
	for (size_t i = 0; i < tree->hierarchies.count; i++) {
		struct look look = {.tree = tree, .hierarchy = i};
		struct stat root;

		if (fstat(tree->hierarchies.items[i].fd, &root) == 0)
			remember(&look, root.st_ino);
		look_into(&look, tree->hierarchies.items[i].fd, ".");
		str_deinit(&look.path);
	}
}

struct error *cgroup_tree_open(const struct host *host, struct cgroup_tree **ret)
{
	struct cgroup_tree *tree = xcalloc(1, sizeof(*tree));
	struct error *error = add_hierarchies(tree, host);

	if (error) {
		cgroup_tree_free(tree);
		return error;
	}
	look_everywhere(tree);
	*ret = tree;
	return NULL;
}

void cgroup_tree_free(struct cgroup_tree *tree)
{
	struct hierarchy *hierarchy;

	if (!tree)
		return;
	vec_for_each (&tree->hierarchies, hierarchy)
		close(hierarchy->fd);
	vec_deinit(&tree->hierarchies);
	hashmap_deinit(&tree->paths);
	hashmap_deinit(&tree->missed);
	arena_deinit(&tree->arena);
	free(tree);
}

/* --- answers --- */

static const char *path_of(const struct cgroup_tree *tree, uint64_t id, uint64_t hierarchy)
{
	struct cgroup_key key = {.id = id, .hierarchy = hierarchy};

	return hashmap_get(&tree->paths, &key, sizeof(key));
}

static bool is_known(const struct cgroup_tree *tree, uint64_t id)
{
	for (size_t i = 0; i < tree->hierarchies.count; i++) {
		if (path_of(tree, id, i))
			return true;
	}
	return false;
}

/* Whether it is time to look for an id once more; that it was looked for is noted. */
static bool may_look(struct cgroup_tree *tree, uint64_t id)
{
	struct timespec **last = (struct timespec **)hashmap_slot(&tree->missed, &id, sizeof(id));
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (*last && now.tv_sec - (*last)->tv_sec <= RETRY_S)
		return false;
	if (!*last)
		*last = arena_new(&tree->arena, struct timespec);
	**last = now;
	return true;
}

void cgroup_tree_paths(struct cgroup_tree *tree, uint64_t id, const char *wildcard, struct str *out)
{
	bool first = true;

	if (!is_known(tree, id) && may_look(tree, id))
		look_everywhere(tree);
	for (size_t i = 0; i < tree->hierarchies.count; i++) {
		const char *name = tree->hierarchies.items[i].name;
		const char *path = path_of(tree, id, i);

		if (!path || (*wildcard && fnmatch(wildcard, name, 0) != 0))
			continue;
		str_printf(out, "%s%s:%s", first ? "" : ",", name, path);
		first = false;
	}
}
