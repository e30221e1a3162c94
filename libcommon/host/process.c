/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roots are compared by the mount namespace's name and the directory's own device and inode: one
 * that equals the root of this process is not opened. Files are identified by device and inode, as
 * uprobes are in the kernel. The file at a path of /proc/PID/maps is compared with the one that is
 * mapped (/proc/PID/map_files): files are deleted, replaced, and covered by mounts.
 */
#include "process.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcommon/base/hashmap.h"
#include "procfs.h"

/* What makes a root. */
struct place {
	char space[64]; /* the mount namespace: "mnt:[4026531841]" */
	dev_t device;
	ino_t inode;
};

struct reading {
	const struct host *host;
	struct arena *arena;
	struct processes found;
	VEC(struct place) places; /* of the roots */
	struct place ours;
	struct hashmap seen; /* files, by "device inode" */
};

void processes_deinit(struct processes *processes)
{
	struct process_root *root;

	vec_for_each (&processes->roots, root)
		host_deinit(&root->host);
	vec_deinit(&processes->roots);
	vec_deinit(&processes->files);
}

static void reading_deinit(struct reading *reading)
{
	processes_deinit(&reading->found);
	vec_deinit(&reading->places);
	hashmap_deinit(&reading->seen);
}

static bool is_same(const struct place *a, const struct place *b)
{
	return strcmp(a->space, b->space) == 0 && a->device == b->device && a->inode == b->inode;
}

/* The root of "self" or a process number, opened. */
static struct error *open_place(
	const struct host *host, const char *process, struct place *ret, int *ret_fd)
{
	_cleanup_str_ struct str path = STR_INIT;
	_cleanup_close_ int space_fd = -1, root_fd = -1;
	struct stat status;

	str_printf(&path, "/proc/%s/ns/mnt", process);

	struct error *error = host_open(host, path.data, O_PATH | O_NOFOLLOW, &space_fd);

	if (error)
		return error;

	ssize_t length = readlinkat(space_fd, "", ret->space, sizeof(ret->space) - 1);

	if (length < 0)
		return error_system(errno, "%s", path.data);
	ret->space[length] = '\0';
	str_truncate(&path, 0);
	str_printf(&path, "/proc/%s/root", process);
	error = host_open(host, path.data, O_PATH | O_DIRECTORY, &root_fd);
	if (error)
		return error;
	if (fstat(root_fd, &status) < 0)
		return error_system(errno, "%s", path.data);
	ret->device = status.st_dev;
	ret->inode = status.st_ino;
	*ret_fd = TAKE_FD(root_fd);
	return NULL;
}

/* The number of a process's root + 1; 0 for the root of this process, or one that it may not
 * open. */
static uint32_t find_root(struct reading *reading, int32_t pid)
{
	_cleanup_close_ int fd = -1;
	char process[16];
	struct place place = {};

	snprintf(process, sizeof(process), "%d", pid);

	_cleanup_error_ struct error *error = open_place(reading->host, process, &place, &fd);

	if (error && error->number == EACCES)
		reading->found.is_limited = true;
	if (error || is_same(&place, &reading->ours))
		return 0;
	for (uint32_t i = 0; i < reading->places.count; i++) {
		if (is_same(&reading->places.items[i], &place))
			return i + 1;
	}
	vec_push(&reading->places, place);
	vec_push(&reading->found.roots,
		((struct process_root){.pid = pid, .host = {.root_fd = TAKE_FD(fd)}}));
	return (uint32_t)reading->found.roots.count;
}

/* --- the files of one process --- */

/* A process while its files are looked for. */
struct process {
	struct reading *reading;
	int32_t pid;
	uint32_t root; /* the number of its root + 1; 0: that of this process */
	struct stat program;
	bool has_program; /* is known */
};

/* A line of its maps. */
struct mapping {
	const char *range; /* "55e0-55f0" */
	const char *path;
	bool is_deleted;
};

static bool stat_path(const struct host *host, const char *path, struct stat *ret)
{
	_cleanup_close_ int fd = -1;
	_cleanup_error_ struct error *error = host_open(host, path, O_PATH, &fd);

	return !error && fstat(fd, ret) == 0;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static const struct host *root_of(const struct reading *reading, uint32_t root)
{
	return root ? &reading->found.roots.items[root - 1].host : reading->host;
}

/*
 * Where the kernel says what is mapped: the path below the process's root or below ours (maps has
 * paths as we see them, and a process may have changed its root within our mount namespace), else
 * the link itself.
 */
static void find_mapped(const struct process *process, const struct stat *mapped, const char *link,
	struct process_file *file)
{
	uint32_t roots[] = {process->root, 0};
	struct stat status;

	file->is_program = process->has_program && is_same_file(mapped, &process->program);
	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		if (!stat_path(root_of(process->reading, roots[i]), file->path, &status) ||
			!is_same_file(&status, mapped))
			continue;
		file->root = roots[i];
		return;
	}
	file->root = 0;
	file->link = link;
	if (file->is_program)
		file->link = arena_printf(process->reading->arena, "/proc/%d/exe", process->pid);
}

/* The same where map_files cannot be read: false for a file that was deleted, unless it is the
 * program. */
static bool find_by_path(
	const struct process *process, const struct mapping *mapping, struct process_file *file)
{
	_cleanup_str_ struct str program = STR_INIT;
	_cleanup_error_ struct error *error =
		procfs_program(process->reading->host, process->pid, &program);

	file->root = process->root;
	file->is_program = !error && strcmp(str_text(&program), file->path) == 0;
	if (!mapping->is_deleted)
		return true;
	file->root = 0;
	file->link = arena_printf(process->reading->arena, "/proc/%d/exe", process->pid);
	return file->is_program;
}

static void add_file(const struct process *process, const struct mapping *mapping)
{
	struct reading *reading = process->reading;
	const char *link =
		arena_printf(reading->arena, "/proc/%d/map_files/%s", process->pid, mapping->range);
	struct process_file file = {
		.path = arena_strdup(reading->arena, mapping->path), .home = process->root};
	struct stat mapped;

	if (!stat_path(reading->host, link, &mapped)) {
		if (!find_by_path(process, mapping, &file))
			return;
	} else if (S_ISREG(mapped.st_mode)) {
		find_mapped(process, &mapped, link, &file);
	} else {
		return;
	}
	vec_push(&reading->found.files, file);
}

/* Cuts the mark of a deleted file off. */
static bool cut_deleted(char *path)
{
	static const char mark[] = " (deleted)";
	size_t length = strlen(path), size = sizeof(mark) - 1;

	if (length <= size || strcmp(path + length - size, mark) != 0)
		return false;
	path[length - size] = '\0';
	return true;
}

/* "55e0-55f0 r-xp 00001000 08:01 1234   /usr/bin/cat" */
static void take_line(const struct process *process, char *line)
{
	struct reading *reading = process->reading;
	char *words[6];
	char *at = line;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		words[i] = at;
		if (i + 1 == ARRAY_SIZE(words))
			break;
		at += strcspn(at, " ");
		if (*at)
			*at++ = '\0';
		at += strspn(at, " ");
	}
	if (strlen(words[1]) < 4 || words[1][2] != 'x' || *words[5] != '/')
		return;

	void **seen = hashmap_text_slot(
		&reading->seen, arena_printf(reading->arena, "%s %s", words[3], words[4]));

	if (*seen)
		return;
	*seen = reading;

	bool is_deleted = cut_deleted(words[5]);

	add_file(process, &(struct mapping){words[0], words[5], is_deleted});
}

/* Some kernels have no lines for who may not read them; threads of the kernel have none. */
static struct error *check_empty(const struct host *host, int32_t pid)
{
	_cleanup_str_ struct str program = STR_INIT;
	struct error *error = procfs_program(host, pid, &program);

	if (!error || error->number == EACCES)
		return error;
	error_free(error);
	return NULL;
}

static struct error *read_process(struct reading *reading, int32_t pid)
{
	_cleanup_str_ struct str path = STR_INIT, maps = STR_INIT;
	struct process process = {.reading = reading, .pid = pid};

	str_printf(&path, "/proc/%d/maps", pid);

	struct error *error = host_read_file(reading->host, path.data, &maps);

	if (!error && maps.length == 0)
		error = check_empty(reading->host, pid);
	if (error && error->number == EACCES) {
		error_free(error);
		return error_new(EACCES,
			"the files of process %d cannot be read; root or CAP_SYS_PTRACE is needed",
			pid);
	}
	if (error || maps.length == 0)
		return error;
	process.root = find_root(reading, pid);
	str_truncate(&path, 0);
	str_printf(&path, "/proc/%d/exe", pid);
	process.has_program = stat_path(reading->host, path.data, &process.program);

	char *save = NULL;

	for (char *line = strtok_r(maps.data, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save))
		take_line(&process, line);
	return NULL;
}

static struct error *read_all(struct reading *reading)
{
	host_names names = {};
	const char **name;
	struct error *error = host_read_dir(reading->host, "/proc", reading->arena, &names);

	vec_for_each (&names, name) {
		if (!error && isdigit((unsigned char)**name))
			error_free(read_process(reading, atoi(*name)));
	}
	vec_deinit(&names);
	return error;
}

struct error *processes_read(
	const struct host *host, int32_t pid, struct arena *arena, struct processes *ret)
{
	_cleanup_(reading_deinit) struct reading reading = {
		.host = host, .arena = arena, .seen = HASHMAP_INIT};
	_cleanup_close_ int fd = -1;
	struct error *error = open_place(host, "self", &reading.ours, &fd);

	if (!error)
		error = pid ? read_process(&reading, pid) : read_all(&reading);
	if (error)
		return error;
	*ret = reading.found;
	reading.found = (struct processes){};
	return NULL;
}

const struct process_file *processes_find_moved(
	const struct processes *processes, const char *path, uint32_t root)
{
	const struct process_file *file;

	vec_for_each (&processes->files, file) {
		if ((file->link || file->root != root) && strcmp(file->path, path) == 0)
			return file;
	}
	return NULL;
}

const struct process_file *processes_find_library(
	const struct processes *processes, const char *name)
{
	const struct process_file *file;
	size_t length = strlen(name);

	vec_for_each (&processes->files, file) {
		const char *slash = strrchr(file->path, '/');
		const char *base = slash ? slash + 1 : file->path;

		if (strncmp(base, name, length) == 0 &&
			(base[length] == '.' || base[length] == '\0') && strstr(base, ".so"))
			return file;
	}
	return NULL;
}

const struct process_file *processes_find_program(const struct processes *processes)
{
	const struct process_file *file;

	vec_for_each (&processes->files, file) {
		if (file->is_program)
			return file;
	}
	return NULL;
}
