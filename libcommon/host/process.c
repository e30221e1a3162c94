/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roots are compared by the mount namespace's name and the directory's own device and inode: one
 * that equals ours needs no directory of its own. Files are told apart by device and inode, which
 * is how the kernel tells them apart for probes, too.
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

/* The number of a process's root + 1; 0 for ours, or one that we may not look at. */
static uint32_t find_root(struct reading *reading, int32_t pid)
{
	_cleanup_close_ int fd = -1;
	char process[16];
	struct place place = {};

	snprintf(process, sizeof(process), "%d", pid);

	_cleanup_error_ struct error *error = open_place(reading->host, process, &place, &fd);

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

/* "55e0-55f0 r-xp 00001000 08:01 1234   /usr/bin/cat" */
static void take_file(struct reading *reading, char *line, uint32_t root)
{
	static const char deleted[] = " (deleted)";
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

	const char *path = words[5];
	size_t length = strlen(path), end = sizeof(deleted) - 1;

	if (strlen(words[1]) < 4 || words[1][2] != 'x' || *path != '/' ||
		(length > end && strcmp(path + length - end, deleted) == 0))
		return;

	void **seen = hashmap_text_slot(
		&reading->seen, arena_printf(reading->arena, "%s %s", words[3], words[4]));

	if (*seen)
		return;
	*seen = reading;
	vec_push(&reading->found.files,
		((struct process_file){arena_strdup(reading->arena, path), root}));
}

static struct error *read_process(struct reading *reading, int32_t pid)
{
	_cleanup_str_ struct str path = STR_INIT, maps = STR_INIT;

	str_printf(&path, "/proc/%d/maps", pid);

	struct error *error = host_read_file(reading->host, path.data, &maps);

	if (error || maps.length == 0)
		return error;

	uint32_t root = find_root(reading, pid);
	char *save = NULL;

	for (char *line = strtok_r(maps.data, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save))
		take_file(reading, line, root);
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
