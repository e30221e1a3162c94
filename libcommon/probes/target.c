/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wildcards in paths are matched directory by directory. A file that is found by several paths is
 * used once (by device and inode), so that no event is counted twice.
 */
#include "target.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "libcommon/base/hashmap.h"
#include "libcommon/elf/locate.h"
#include "libcommon/host/procfs.h"
#include "rows.h"

struct search {
	struct targets *targets;
	struct arena *arena;
	uint32_t root;
	size_t typed;        /* length of the prefix that paths have before the text of the user */
	struct hashmap seen; /* "device inode" */
};

void targets_deinit(struct targets *targets)
{
	vec_deinit(&targets->items);
	processes_deinit(&targets->read);
}

static const struct processes *processes_of(const struct targets *targets)
{
	return targets->known ? targets->known : &targets->read;
}

static const struct host *root_host(const struct targets *targets, uint32_t root)
{
	return root ? &processes_of(targets)->roots.items[root - 1].host : targets->world->host;
}

const struct host *target_home(const struct targets *targets, const struct target *target)
{
	return root_host(targets, target->debug_root);
}

/* The error for a file that cannot be probed; frees the error of opening it. */
static struct error *refuse(const struct probe_ops *type, const char *path, struct error *error)
{
	int number = error->number;
	const char *other = elf_other(number);
	bool is_missing = number == ENOENT || number == ENOTDIR;
	bool is_process = strncmp(path, "/proc/", strlen("/proc/")) == 0;

	error_free(error);
	if (number == EACCES || number == EPERM)
		return error_new(number,
			"%s target file '%s' is not readable: %s; root or CAP_DAC_READ_SEARCH%s is "
			"needed",
			type->name, path, strerror(number),
			is_process ? " with CAP_SYS_PTRACE" : "");
	if (!other && !is_missing)
		return error_system(number, "%s target file '%s'", type->name, path);
	return error_new(number, "%s target file '%s' %s%s", type->name, path,
		other ? "is " : "does not exist", other ? other : "");
}

struct error *target_open(
	const struct targets *targets, const struct target *target, struct elf **ret)
{
	_cleanup_elf_ struct elf *elf = NULL;
	struct error *error = elf_open(root_host(targets, target->root), target->path, &elf);

	if (!error && elf_is_object(elf))
		error = error_new(ELF_OTHER_OBJECT, "%s", target->path);
	if (error)
		return refuse(targets->type, target->shown, error);
	if (target->origin)
		elf_set_path(elf, target->origin);
	*ret = TAKE(elf);
	return NULL;
}

static int32_t process_of(const struct targets *targets, uint32_t root)
{
	return root ? processes_of(targets)->roots.items[root - 1].pid : 0;
}

static void add(struct targets *targets, const char *shown, const char *path, uint32_t root)
{
	int32_t process = process_of(targets, root);

	vec_push(&targets->items, ((struct target){
					  .shown = shown,
					  .path = path,
					  .root = root,
					  .process = process,
					  .debug_root = root,
					  .debug_process = process,
				  }));
}

/* --- files mapped by processes --- */

static struct error *know_processes(struct targets *targets, struct arena *arena)
{
	const struct probe_world *world = targets->world;
	struct error *error = NULL;

	if (targets->known || targets->has_read)
		return NULL;
	targets->known = host_processes(world->host);
	if (!targets->known) {
		error = processes_read(world->host, world->pid, arena, &targets->read);
		targets->has_read = !error;
	}
	return error;
}

static void add_file(struct targets *targets, const char *shown, const struct process_file *file)
{
	add(targets, shown, file->link ? file->link : file->path, file->root);
	if (!file->link)
		return;

	struct target *target = vec_last(&targets->items);

	target->origin = file->path;
	target->debug_root = file->home;
	target->debug_process = process_of(targets, file->home);
}

/* Names of files below several roots must be unique, and usable as paths. */
static const char *name_mapped(
	const struct targets *targets, const struct process_file *file, struct arena *arena)
{
	const struct processes *processes = processes_of(targets);

	if (targets->world->pid)
		return file->path;
	if (file->link)
		return file->link;
	return file->root ? arena_printf(arena, "/proc/%d/root%s",
				    processes->roots.items[file->root - 1].pid, file->path)
			  : file->path;
}

static void add_mapped(struct targets *targets, struct arena *arena)
{
	const struct process_file *file;

	vec_for_each (&processes_of(targets)->files, file)
		add_file(targets, name_mapped(targets, file, arena), file);
}

/* The files mapped by the process of -p; none without -p. */
static const struct processes *mapped_by_process(const struct targets *targets)
{
	static const struct processes nothing;

	return targets->world->pid ? processes_of(targets) : &nothing;
}

/* Adds the files mapped by the process of -p whose names match a pattern without a directory. */
static void add_named(struct targets *targets, const char *pattern)
{
	const struct process_file *file;

	vec_for_each (&mapped_by_process(targets)->files, file) {
		if (spec_wildcard(pattern, strrchr(file->path, '/') + 1))
			add_file(targets, file->path, file);
	}
}

/* The same for all patterns. */
static void add_links(struct targets *targets, const char *pattern)
{
	const struct process_file *file;

	vec_for_each (&mapped_by_process(targets)->files, file) {
		if (file->link && spec_wildcard(pattern, file->path))
			add_file(targets, file->path, file);
	}
}

/* With -p files are searched in the process's root. */
static struct error *find_root(struct targets *targets, struct arena *arena, uint32_t *ret)
{
	const struct host *host = targets->world->host;
	struct error *error = NULL;

	if (targets->world->pid && (host_is_live(host) || host->opener))
		error = know_processes(targets, arena);
	if (error && error->number == EACCES) {
		error_free(error); /* a process of another user: its root is not readable */
		return NULL;
	}
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

	if (!*seen && !processes_find_moved(mapped_by_process(search->targets), path, search->root))
		add(search->targets, path + search->typed, path, search->root);
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
		vec_push(&names, spec_literal(component, search->arena));
	else
		error_free(host_read_dir(root_host(search->targets, search->root),
			*directory ? directory : "/", search->arena, &names));
	vec_for_each (&names, name) {
		const char *path = arena_printf(search->arena, "%s/%s", directory, *name);

		if (!spec_wildcard(component, *name))
			continue;
		if (*next)
			glob(search, path, next);
		else
			add_found(search, path);
	}
	vec_deinit(&names);
}

/* Searches the directories of programs for a pattern without a directory. */
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

/* Without slashes at the end. */
static const char *working_directory(const struct host *here, struct arena *arena)
{
	const char *path = locate_absolute(here, "", arena);
	size_t length = strlen(path);

	while (length > 0 && path[length - 1] == '/')
		length--;
	return arena_strndup(arena, path, length);
}

static void find_by_pattern(struct search *search, const char *pattern)
{
	const struct host *here = search->targets->world->host;

	if (!strchr(pattern, '/') && search->targets->world->pid) {
		add_named(search->targets, pattern);
	} else if (!strchr(pattern, '/')) {
		glob_programs(search, pattern);
	} else if (*pattern == '/') {
		glob(search, "", pattern + strspn(pattern, "/"));
	} else {
		const char *directory = working_directory(here, search->arena);

		search->typed = strlen(directory) + 1;
		glob(search, directory, pattern);
	}
	if (strchr(pattern, '/'))
		add_links(search->targets, locate_absolute(here, pattern, search->arena));
	hashmap_deinit(&search->seen);
}

/* --- one file --- */

/* Reads the mappings of the process of -p, unless they have been read; kernel threads have none. */
static struct error *need_files(struct targets *targets, struct arena *arena)
{
	struct error *error = know_processes(targets, arena);

	if (!error && targets->world->pid && processes_of(targets)->files.count == 0)
		error = error_new(ENOENT,
			"process %d has no program: it is a kernel thread, or has exited",
			targets->world->pid);
	return error;
}

struct error *target_check_limits(const struct targets *targets)
{
	if (!targets->world->pid || !processes_of(targets)->is_limited)
		return NULL;
	return error_new(EACCES,
		"not all mapped files of process %d can be read: root or CAP_SYS_PTRACE is needed",
		targets->world->pid);
}

static struct error *find_program(struct targets *targets, struct arena *arena, uint32_t root)
{
	_cleanup_str_ struct str path = STR_INIT;
	const struct probe_world *world = targets->world;
	const struct process_file *running;
	struct error *error = world->pid ? need_files(targets, arena) : NULL;

	if (error)
		return error;
	running = processes_find_program(mapped_by_process(targets));
	if (running) {
		add_file(targets, running->path, running);
		return NULL;
	}
	if (world->pid)
		error = procfs_program(world->host, world->pid, &path);
	else if (world->program)
		str_append(&path, locate_absolute(world->host, world->program, arena));
	else
		error = error_new(EINVAL, "an empty path needs -p or -c, whose program it means");
	if (error)
		return error;

	const char *text = arena_strdup(arena, path.data);

	add(targets, text, text, root);
	return NULL;
}

/* Paths as "/proc/7/exe" use our own process ids, also when -p has another root. */
static bool is_of_process(const char *path)
{
	size_t length = strlen("/proc/");

	return strncmp(path, "/proc/", length) == 0 && isdigit((unsigned char)path[length]);
}

/* Whether it is a regular file, at least, and none that the kernel makes when it is read. */
static struct error *check_file(const struct host *host, const char *path)
{
	_cleanup_close_ int fd = -1;
	struct stat status;
	struct statfs system;
	struct error *error = host_open(host, path, O_PATH, &fd);

	if (error)
		return error;
	if (fstat(fd, &status) < 0 || fstatfs(fd, &system) < 0)
		return error_system(errno, "%s", path);
	if (S_ISDIR(status.st_mode))
		return error_new(ELF_OTHER_FOLDER, "%s", path);
	if (!S_ISREG(status.st_mode))
		return error_new(ELF_OTHER_IRREGULAR, "%s", path);
	if (system.f_type == PROC_SUPER_MAGIC)
		return error_new(ELF_OTHER_FORMAT, "%s", path);
	return NULL;
}

static struct error *find_path(
	struct targets *targets, const char *path, struct arena *arena, uint32_t root)
{
	const char *absolute = locate_absolute(targets->world->host, path, arena);
	const struct process_file *mapped =
		processes_find_moved(mapped_by_process(targets), absolute, root);

	if (mapped) {
		add_file(targets, path, mapped);
		return NULL;
	}
	if (is_of_process(absolute))
		root = 0;

	struct error *error = check_file(root_host(targets, root), absolute);

	if (error)
		return refuse(targets->type, path, error);
	add(targets, path, absolute, root);
	return NULL;
}

/* Whether the current directory has a file of the name. */
static bool is_here(const struct host *host, const char *name, struct arena *arena)
{
	const char *path = arena_printf(arena, "./%s", name);
	_cleanup_error_ struct error *error = check_file(host, locate_absolute(host, path, arena));

	return !error;
}

/* The name of a library, or of a program. */
static struct error *find_name(
	struct targets *targets, const char *name, struct arena *arena, uint32_t root)
{
	const struct host *host = root_host(targets, root);
	const char *type = targets->type->name, *search = getenv("PATH");
	const char *found = locate_binary(host, search, name, arena);
	const char *unfit = found ? NULL : locate_unfit(host, search, name, arena);
	const struct process_file *mapped =
		found ? processes_find_moved(mapped_by_process(targets), found, root)
		      : processes_find_library(mapped_by_process(targets), name);

	if (mapped) {
		add_file(targets, mapped->path, mapped);
		return NULL;
	}
	if (unfit)
		return error_new(
			EACCES, "%s target file '%s' is not executable: %s", type, name, unfit);
	if (!found && is_here(targets->world->host, name, arena))
		return error_new(ENOENT,
			"%s target file '%s' is no program in PATH and no library; for the file "
			"in this directory write ./%s",
			type, name, name);
	if (!found)
		return error_new(ENOENT,
			"%s target file '%s' does not exist: no %s of that name is known", type,
			name,
			strncmp(name, "lib", 3) == 0 ? "library (ldconfig -p) or program (PATH)"
						     : "program (PATH)");
	add(targets, found, found, root);
	return NULL;
}

struct error *target_find(const struct probe_ops *type, const struct probe_world *world,
	const char *path, struct arena *arena, struct targets *ret)
{
	_cleanup_targets_ struct targets targets = {
		.world = world, .type = type, .several = spec_is_wildcard(path)};
	uint32_t root = 0;
	struct error *error = find_root(&targets, arena, &root);

	if (error)
		return error;
	if (!targets.several)
		path = spec_literal(path, arena);
	if (strcmp(path, "*") == 0 && targets.several) {
		error = need_files(&targets, arena);
		if (!error)
			add_mapped(&targets, arena);
	} else if (targets.several) {
		if (is_of_process(path))
			root = 0;
		find_by_pattern(
			&(struct search){.targets = &targets, .arena = arena, .root = root}, path);
	} else if (!*path) {
		error = find_program(&targets, arena, root);
	} else if (strchr(path, '/')) {
		error = find_path(&targets, path, arena, root);
	} else {
		error = find_name(&targets, path, arena, root);
	}
	if (error)
		return error;
	*ret = targets;
	targets = (struct targets){};
	return NULL;
}
