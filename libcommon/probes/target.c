/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wildcards in paths are matched directory by directory. A file that is found under several names
 * is one, whatever links lead to it, so that no event is seen twice.
 */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "libcommon/base/hashmap.h"
#include "libcommon/elf/locate.h"
#include "libcommon/host/procfs.h"
#include "rows.h"

struct search {
	struct targets *targets;
	struct arena *arena;
	uint32_t root;
	struct hashmap seen; /* "device inode" */
};

void targets_deinit(struct targets *targets)
{
	vec_deinit(&targets->items);
	processes_deinit(&targets->processes);
}

static const struct processes *processes_of(const struct targets *targets)
{
	return targets->world->processes ? targets->world->processes : &targets->processes;
}

static const struct host *root_host(const struct targets *targets, uint32_t root)
{
	return root ? &processes_of(targets)->roots.items[root - 1].host : targets->world->host;
}

const struct host *target_host(const struct targets *targets, const struct target *target)
{
	return root_host(targets, target->root);
}

struct error *target_open(
	const struct targets *targets, const struct target *target, struct elf **ret)
{
	return elf_open(target_host(targets, target), target->path, ret);
}

static void add(struct targets *targets, const char *shown, const char *path, uint32_t root)
{
	int32_t process = root ? processes_of(targets)->roots.items[root - 1].pid : 0;

	vec_push(&targets->items, ((struct target){shown, path, root, process}));
}

/* --- what processes have mapped --- */

static struct error *know_processes(struct targets *targets, struct arena *arena)
{
	const struct probe_world *world = targets->world;

	if (world->processes || targets->processes.files.count > 0)
		return NULL;
	return processes_read(world->host, world->pid, arena, &targets->processes);
}

/* Names of files below several roots must differ. */
static void add_mapped(struct targets *targets, struct arena *arena)
{
	const struct processes *processes = processes_of(targets);
	const struct process_file *file;

	vec_for_each (&processes->files, file) {
		const char *shown = file->path;

		if (file->root && !targets->world->pid)
			shown = arena_printf(arena, "/proc/%d/root%s",
				processes->roots.items[file->root - 1].pid, file->path);
		add(targets, shown, file->path, file->root);
	}
}

/* With -p files are looked for below the process's root. */
static struct error *find_root(struct targets *targets, struct arena *arena, uint32_t *ret)
{
	struct error *error = NULL;

	if (targets->world->pid && host_is_live(targets->world->host))
		error = know_processes(targets, arena);
	if (!error)
		*ret = targets->world->pid && processes_of(targets)->roots.count ? 1 : 0;
	return error;
}

/* --- wildcards in paths --- */

static void add_found(struct search *search, const char *path)
{
	_cleanup_close_ int fd = -1;
	_cleanup_error_ struct error *error =
		host_open(root_host(search->targets, search->root), path, O_PATH, &fd);
	struct stat status;

	if (error || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return;

	void **seen = hashmap_text_slot(
		&search->seen, arena_printf(search->arena, "%lx %lx", (unsigned long)status.st_dev,
				       (unsigned long)status.st_ino));

	if (!*seen)
		add(search->targets, path, path, search->root);
	*seen = search;
}

/* Follows rest, "usr/lib/lib*.so", from a directory, "" for the root. */
static void glob(struct search *search, const char *directory, const char *rest)
{
	size_t length = strcspn(rest, "/");
	const char *component = arena_strndup(search->arena, rest, length);
	const char *next = rest + length + strspn(rest + length, "/");
	host_names names = {};
	const char **name;

	if (!spec_is_wildcard(component))
		vec_push(&names, component);
	else
		error_free(host_read_dir(root_host(search->targets, search->root),
			*directory ? directory : "/", search->arena, &names));
	vec_for_each (&names, name) {
		const char *path = arena_printf(search->arena, "%s/%s", directory, *name);

		if (!probe_wildcard(component, *name))
			continue;
		if (*next)
			glob(search, path, next);
		else
			add_found(search, path);
	}
	vec_deinit(&names);
}

/* A pattern without a directory is looked for where programs are. */
static void glob_programs(struct search *search, const char *pattern)
{
	const char *directories = getenv("PATH");

	while (directories && *directories) {
		size_t length = strcspn(directories, ":");

		if (*directories == '/')
			glob(search, "",
				arena_printf(search->arena, "%.*s/%s", (int)length - 1,
					directories + 1, pattern));
		directories += length + (directories[length] == ':');
	}
}

static void find_by_pattern(struct search *search, const char *pattern)
{
	const struct host *here = search->targets->world->host;

	if (!strchr(pattern, '/')) {
		glob_programs(search, pattern);
	} else {
		const char *path = locate_absolute(here, pattern, search->arena);

		glob(search, "", path + strspn(path, "/"));
	}
	hashmap_deinit(&search->seen);
}

/* --- one file --- */

static struct error *find_program(struct targets *targets, struct arena *arena, uint32_t root)
{
	_cleanup_str_ struct str path = STR_INIT;
	const struct probe_world *world = targets->world;
	struct error *error = NULL;

	if (world->pid)
		error = procfs_program(world->host, world->pid, &path);
	else if (world->program)
		str_append(&path, locate_absolute(world->host, world->program, arena));
	else
		error = error_new(EINVAL, "an empty path means the program of -p or -c");
	if (error)
		return error;

	const char *text = arena_strdup(arena, path.data);

	add(targets, text, text, root);
	return NULL;
}

static struct error *find_file(const struct probe_type *type, struct targets *targets,
	const char *path, struct arena *arena, uint32_t root)
{
	const struct host *host = root_host(targets, root);
	const char *absolute =
		strchr(path, '/') ? locate_absolute(targets->world->host, path, arena) : path;
	const char *found = locate_binary(host, getenv("PATH"), absolute, arena);

	if (!found)
		return error_new(ENOENT, "%s target file '%s' does not exist or is not executable",
			type->name, path);
	add(targets, strchr(path, '/') ? path : found, found, root);
	return NULL;
}

struct error *target_find(const struct probe_type *type, const struct probe_world *world,
	const char *path, struct arena *arena, struct targets *ret)
{
	_cleanup_targets_ struct targets targets = {
		.world = world, .several = spec_is_wildcard(path)};
	uint32_t root = 0;
	struct error *error = find_root(&targets, arena, &root);

	if (error)
		return error;
	if (strcmp(path, "*") == 0) {
		error = know_processes(&targets, arena);
		if (!error)
			add_mapped(&targets, arena);
	} else if (targets.several) {
		find_by_pattern(
			&(struct search){.targets = &targets, .arena = arena, .root = root}, path);
	} else if (!*path) {
		error = find_program(&targets, arena, root);
	} else {
		error = find_file(type, &targets, path, arena, root);
	}
	if (error)
		return error;
	*ret = targets;
	targets = (struct targets){};
	return NULL;
}
