/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path is opened with O_PATH first, which touches nothing: a device or a FIFO is refused before
 * it notices. What is to be read is then opened through the descriptor, so that nothing can be put
 * in its place.
 */
#include "broker.h"

#include <ar.h>
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "bpftrace/door/process_list.h"
#include "libcommon/base/alloc.h"
#include "libcommon/elf/elf.h"

enum {
	FILES_MOST = 256,         /* kept; of others links are made by path */
	QUESTIONS_MOST = 1 << 20, /* more than any script needs */
	NAMES_MOST = 16 << 20,    /* bytes of a directory's names */
};

/* --- what a file holds --- */

/* The begin of a file, which decides. */
struct head {
	unsigned char bytes[sizeof("glibc-ld.so.cache1.1")];
	size_t size;
};

/* Memory of processes and of the kernel has the format, too: as a core dump. */
static int judge_elf(const struct head *head)
{
	size_t at = offsetof(Elf64_Ehdr, e_type);
	bool is_big = head->bytes[EI_DATA] == ELFDATA2MSB;
	unsigned type = head->bytes[at + !is_big] << 8 | head->bytes[at + is_big];

	if (type == ET_REL)
		return -ELF_OTHER_OBJECT;
	return type == ET_EXEC || type == ET_DYN ? 0 : -ELF_OTHER_CORE;
}

static bool begins_with(const struct head *head, const char *magic, size_t length)
{
	return head->size >= length && memcmp(head->bytes, magic, length) == 0;
}

static int judge_content(int fd)
{
	static const char *const archives[] = {ARMAG, "!<thin>\n"};
	static const char caches[2][21] = {"glibc-ld.so.cache1.1", "ld.so-1.7.0"};
	const struct btf_header btf = {.magic = BTF_MAGIC, .version = BTF_VERSION};
	struct head head = {};
	ssize_t size = pread(fd, head.bytes, sizeof(head.bytes), 0);

	if (size < 0)
		return -errno;
	head.size = (size_t)size;
	if (begins_with(&head, ELFMAG, SELFMAG) && head.size >= offsetof(Elf64_Ehdr, e_machine))
		return judge_elf(&head);
	if (begins_with(&head, (const char *)&btf, offsetof(struct btf_header, flags)))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(caches); i++) {
		if (begins_with(&head, caches[i], strlen(caches[i])))
			return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(archives); i++) {
		if (begins_with(&head, archives[i], SARMAG))
			return -ELF_OTHER_ARCHIVE;
	}
	return begins_with(&head, ELFMAG, SELFMAG) ? -ELF_OTHER_DAMAGED : -ELF_OTHER_FORMAT;
}

/* --- descriptors --- */

static void own_path(int fd, char path[32])
{
	snprintf(path, 32, "/proc/self/fd/%d", fd);
}

/* Opens the same file or directory again, for reading. */
static int reopen(int path_fd, int flags)
{
	char path[32];

	own_path(path_fd, path);

	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags);

	return fd < 0 ? -errno : fd;
}

/* What the path of a descriptor leads to is at the end of a link; returns its last component, in
 * target, or NULL. */
static const char *own_name(int path_fd, char target[PATH_MAX])
{
	char path[32];
	ssize_t length;

	own_path(path_fd, path);
	length = readlink(path, target, PATH_MAX - 1);
	target[MAX(length, 0)] = '\0';

	const char *slash = strrchr(target, '/');

	return slash ? slash + 1 : NULL;
}

/* A text whose name, links resolved, is that of a script, or of a header in C. */
static bool is_text(int path_fd, int fd)
{
	static const char *const suffixes[] = {".bt", ".h", ".hh", ".hpp", ".hxx"};
	char target[PATH_MAX], head[256];
	const char *name = own_name(path_fd, target), *suffix = name ? strrchr(name, '.') : NULL;
	ssize_t size = pread(fd, head, sizeof(head), 0);

	if (!suffix || size < 0 || memchr(head, '\0', (size_t)size))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (strcmp(suffix, suffixes[i]) == 0)
			return true;
	}
	return false;
}

/* The lists and formats of tracefs. Reading other files there consumes their content, or blocks. */
static const struct {
	long system;
	const char *name;
} lists[] = {
	{TRACEFS_MAGIC, "available_events"},
	{TRACEFS_MAGIC, "available_filter_functions"},
	{TRACEFS_MAGIC, "available_filter_functions_addrs"},
	{TRACEFS_MAGIC, "format"},
	{TRACEFS_MAGIC, "id"},
	{DEBUGFS_MAGIC, "blacklist"},
};

static bool is_list(int path_fd, long system)
{
	char target[PATH_MAX];
	const char *name = own_name(path_fd, target);

	for (size_t i = 0; i < ARRAY_SIZE(lists) && name; i++) {
		if (system == lists[i].system && strcmp(name, lists[i].name) == 0)
			return true;
	}
	return false;
}

static bool is_tracing(const struct statfs *system)
{
	return system->f_type == TRACEFS_MAGIC || system->f_type == DEBUGFS_MAGIC;
}

static int open_file(int path_fd)
{
	struct stat status;
	struct statfs system;

	if (fstat(path_fd, &status) < 0 || fstatfs(path_fd, &system) < 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	if (system.f_type == PROC_SUPER_MAGIC)
		return -EACCES;
	if (is_tracing(&system) && !is_list(path_fd, system.f_type))
		return -ELF_OTHER_FORMAT;

	int fd = reopen(path_fd, 0);
	int number = fd >= 0 && !is_tracing(&system) ? judge_content(fd) : 0;

	if (number == 0 || (number == -ELF_OTHER_FORMAT && is_text(path_fd, fd)))
		return fd;
	close(fd);
	return number;
}

/* A directory gives access to its files, so only those of tracefs are opened. */
static int open_directory(int path_fd)
{
	struct statfs system;

	if (fstatfs(path_fd, &system) < 0)
		return -errno;
	if (!is_tracing(&system))
		return -EACCES;
	return reopen(path_fd, O_DIRECTORY);
}

/* --- names in a directory --- */

/* Whether the compiler may open an entry as well, or list it. */
static bool is_shown(int directory_fd, const char *name)
{
	_cleanup_close_ int path_fd = openat(directory_fd, name, O_PATH | O_CLOEXEC);
	struct stat status;

	if (path_fd < 0 || fstat(path_fd, &status) < 0)
		return false;
	if (S_ISDIR(status.st_mode))
		return true;

	_cleanup_close_ int fd = open_file(path_fd);

	return fd >= 0;
}

static void list_names(DIR *directory, struct str *out)
{
	const struct dirent *entry;

	while ((entry = readdir(directory)) && out->length < NAMES_MOST) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
			is_shown(dirfd(directory), entry->d_name))
			str_append_bytes(out, entry->d_name, strlen(entry->d_name) + 1);
	}
}

/* A file in memory with this text, positioned at its begin. */
static int file_of(const struct str *text)
{
	_cleanup_close_ int fd = memfd_create("bpftrace-answer", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	for (size_t done = 0; done < text->length;) {
		ssize_t count = write(fd, text->data + done, text->length - done);

		if (count < 0)
			return -errno;
		done += (size_t)count;
	}
	return lseek(fd, 0, SEEK_SET) < 0 ? -errno : reopen(fd, 0);
}

static int open_names(int path_fd)
{
	_cleanup_str_ struct str names = STR_INIT;
	struct statfs system;

	if (fstatfs(path_fd, &system) < 0)
		return -errno;
	if (system.f_type == PROC_SUPER_MAGIC)
		return -EACCES;

	int fd = reopen(path_fd, O_DIRECTORY);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);

	if (!directory)
		return fd < 0 ? fd : -ENOMEM;
	list_names(directory, &names);
	closedir(directory);
	return file_of(&names);
}

/* --- questions --- */

int broker_find(const struct broker *broker, uint32_t root, const char *path)
{
	const struct broker_file *file;

	vec_for_each (&broker->files, file) {
		if (file->root == root && strcmp(file->path, path) == 0)
			return file->fd;
	}
	return -1;
}

/* Relative paths are right: both processes have the same working directory. */
static int open_path(const struct broker *broker, const struct opening *opening)
{
	int fd = -1;

	if (opening->root > broker->processes.roots.count)
		return -EINVAL;
	if (!opening->root) {
		fd = open(opening->path, O_PATH | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}

	_cleanup_error_ struct error *error = host_open(
		&broker->processes.roots.items[opening->root - 1].host, opening->path, O_PATH, &fd);

	return error ? -error->number : fd;
}

static void keep(struct broker *broker, const struct opening *opening, int path_fd)
{
	int fd = broker->files.count < FILES_MOST ? fcntl(path_fd, F_DUPFD_CLOEXEC, 0) : -1;

	if (fd >= 0)
		vec_push(&broker->files,
			((struct broker_file){opening->root, xstrdup(opening->path), fd}));
}

/* A file that was opened once is the same from then on, whatever its path leads to. */
static int answer_file(struct broker *broker, const struct opening *opening)
{
	int known_fd = broker_find(broker, opening->root, opening->path);

	if (known_fd >= 0)
		return reopen(known_fd, 0);

	_cleanup_close_ int path_fd = open_path(broker, opening);
	int fd = path_fd < 0 ? path_fd : open_file(path_fd);

	if (fd >= 0)
		keep(broker, opening, path_fd);
	return fd;
}

static int answer_directory(struct broker *broker, const struct opening *opening)
{
	_cleanup_close_ int path_fd = open_path(broker, opening);

	return path_fd < 0 ? path_fd : open_directory(path_fd);
}

static int answer_names(struct broker *broker, const struct opening *opening)
{
	_cleanup_close_ int path_fd = open_path(broker, opening);

	return path_fd < 0 ? path_fd : open_names(path_fd);
}

/* Which processes is not the compiler's choice: that of -p, or all. */
static int answer_processes(struct broker *broker, const struct opening *opening _unused_)
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_error_ struct error *error = NULL;

	if (!broker->has_processes)
		error = processes_read(
			broker->host, broker->pid, broker->arena, &broker->processes);
	if (error)
		return error->number > 0 ? -error->number : -ENODATA;
	broker->has_processes = true;

	_cleanup_json_ json_t *json = process_list_to_json(&broker->processes);

	json_append(json, &text);
	return file_of(&text);
}

/* With O_PATH: it leads to files that are open to the compiler's user, the others are asked for. */
static int answer_root(struct broker *broker, const struct opening *opening)
{
	const struct processes *processes = &broker->processes;

	if (opening->root < 1 || opening->root > processes->roots.count)
		return -EINVAL;

	int fd = fcntl(processes->roots.items[opening->root - 1].host.root_fd, F_DUPFD_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

static int (*const answers[])(struct broker *broker, const struct opening *opening) = {
	[HOST_FILE] = answer_file,
	[HOST_DIRECTORY] = answer_directory,
	[HOST_NAMES] = answer_names,
	[HOST_PROCESSES] = answer_processes,
	[HOST_ROOT] = answer_root,
};
TABLE_COMPLETE(answers, NR_HOST_WANTED);

bool broker_serve(struct broker *broker, int socket)
{
	struct opening opening;

	if (!opening_receive(socket, &opening) || broker->questions++ == QUESTIONS_MOST)
		return false;

	int fd = answers[opening.wanted](broker, &opening);
	bool is_sent = opening_answer(socket, fd);

	if (fd >= 0)
		close(fd);
	return is_sent;
}

static void close_file(struct broker_file *file)
{
	close(file->fd);
	free(file->path);
}

void broker_forget(struct broker *broker,
	bool (*is_used)(const struct broker_file *file, const void *context), const void *context)
{
	size_t kept = 0;

	for (size_t i = 0; i < broker->files.count; i++) {
		if (is_used(&broker->files.items[i], context))
			broker->files.items[kept++] = broker->files.items[i];
		else
			close_file(&broker->files.items[i]);
	}
	broker->files.count = kept;
}

void broker_deinit(struct broker *broker)
{
	struct broker_file *file;

	vec_for_each (&broker->files, file)
		close_file(file);
	vec_deinit(&broker->files);
	processes_deinit(&broker->processes);
}
