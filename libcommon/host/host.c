/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Below "/" a path is opened as it is. Below another root the kernel keeps the resolution inside of
 * the tree (openat2, Linux 5.6); where a sandbox hides that call, the path is walked by hand, one
 * component at a time, each opened without following links. ".." is kept inside by the list of
 * directories walked through.
 */
#include "host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "arch.h"

enum {
	LINKS_MAX = 40, /* as path_resolution(7) allows */
	LINK_LENGTH_MAX = 4096,
};

struct error *host_open_root(const char *path, struct host *ret)
{
	struct stat root, system;
	_cleanup_close_ int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &root) < 0 || stat("/", &system) < 0)
		return error_system(errno, "%s", path);
	ret->live = root.st_dev == system.st_dev && root.st_ino == system.st_ino;
	ret->root_fd = TAKE_FD(fd);
	return NULL;
}

void host_deinit(struct host *host)
{
	cleanup_close(&host->root_fd);
	*host = HOST_INIT;
}

bool host_is_live(const struct host *host)
{
	return host->live;
}

const struct arch *host_arch(const struct host *host)
{
	return host->arch ? host->arch : arch_native();
}

/* The directories from the root, exclusive, down to the current one of a walk. */
struct walk {
	int root_fd;
	VEC(int) directories;
	int links;
};

static int walk_here(const struct walk *walk)
{
	return walk->directories.count ? *vec_last(&walk->directories) : walk->root_fd;
}

static void walk_up(struct walk *walk, size_t depth)
{
	while (walk->directories.count > depth)
		close(walk->directories.items[--walk->directories.count]);
}

static void walk_deinit(struct walk *walk)
{
	walk_up(walk, 0);
	vec_deinit(&walk->directories);
}

/* Puts the target of a link before the rest of the path, which is empty or begins with a "/". */
static int walk_link(struct walk *walk, int link_fd, struct str *rest)
{
	_cleanup_str_ struct str path = STR_INIT;
	char *target = str_reserve(&path, LINK_LENGTH_MAX);
	ssize_t length = readlinkat(link_fd, "", target, LINK_LENGTH_MAX);

	if (length < 0)
		return -errno;
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	path.length = (size_t)length;
	if (path.data[0] == '/')
		walk_up(walk, 0);
	str_append_bytes(&path, str_text(rest), rest->length);
	str_deinit(rest);
	*rest = path;
	path = STR_INIT;
	return 0;
}

/* Opens the last component of a path, which is no link to be followed. */
static int walk_end(const struct walk *walk, const char *name, int flags, int *ret)
{
	int fd = openat(walk_here(walk), name, flags);

	if (fd < 0)
		return -errno;
	*ret = fd;
	return 0;
}

/* Moves the first component of the path to name, which stays empty when none is left. */
static void take_component(struct str *path, struct str *name)
{
	size_t begin = strspn(path->data, "/");
	size_t length = strcspn(path->data + begin, "/");

	str_append_bytes(name, path->data + begin, length);
	memmove(path->data, path->data + begin + length, path->length - begin - length);
	str_truncate(path, path->length - begin - length);
}

/* One step down the path; the last one opens what it leads to with flags into *ret. */
static int walk_step(struct walk *walk, struct str *path, int flags, int *ret)
{
	_cleanup_str_ struct str name = STR_INIT;
	struct stat status;

	take_component(path, &name);

	bool last = path->data[strspn(path->data, "/")] == '\0';
	bool directory = path->length > 0; /* a "/" follows */
	bool up = strcmp(name.data, "..") == 0;

	if (up && walk->directories.count)
		walk_up(walk, walk->directories.count - 1);
	if (up || name.length == 0 || strcmp(name.data, ".") == 0)
		return last ? walk_end(walk, ".", flags, ret) : 0;

	_cleanup_close_ int fd =
		openat(walk_here(walk), name.data, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	if (S_ISLNK(status.st_mode) && (directory || !(flags & O_NOFOLLOW)))
		return walk_link(walk, fd, path);
	if (last)
		return walk_end(
			walk, name.data, flags | O_NOFOLLOW | (directory ? O_DIRECTORY : 0), ret);
	vec_push(&walk->directories, TAKE_FD(fd));
	return 0;
}

/* The descriptor, or a negative errno. */
static int open_by_hand(const struct host *host, const char *path, int flags)
{
	_cleanup_(walk_deinit) struct walk walk = {.root_fd = host->root_fd};
	_cleanup_str_ struct str rest = STR_INIT;
	int fd = -1;

	str_append(&rest, path);
	while (fd < 0) {
		int result = walk_step(&walk, &rest, flags, &fd);

		if (result < 0)
			return result;
	}
	return fd;
}

static int open_below(const struct host *host, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)flags,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, host->root_fd, path, &how, sizeof(how));

	if (fd >= 0)
		return (int)fd;
	if (errno == ENOSYS || errno == EPERM)
		return open_by_hand(host, path, flags);
	return -errno;
}

/* Whether a failure may be for a lack of privileges: processes of others can be hidden, too. */
static bool is_refusal(int number, const char *path)
{
	return number == EACCES || number == EPERM ||
	       (number == ENOENT && strncmp(path, "/proc/", strlen("/proc/")) == 0);
}

/* What the opener has for the path, or else -number. */
static int ask_opener(
	const struct host *host, const char *path, enum host_wanted wanted, int number)
{
	int fd = -ENOLINK;

	if (host->opener && host->opener->open && is_refusal(number, path))
		fd = host->opener->open(host->opener, host->root, path, wanted);
	return fd == -ENOLINK ? -number : fd;
}

/* The descriptor, or a negative errno. */
static int open_live(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* The same by this process's own rights. */
static int open_self(const struct host *host, const char *path, int flags)
{
	if (host->live)
		return open_live(path, flags);
	return host->root_fd < 0 ? -EACCES : open_below(host, path, flags | O_CLOEXEC);
}

const struct processes *host_processes(const struct host *host)
{
	const struct host_opener *opener = host->opener;

	return opener && opener->processes ? opener->processes(opener) : NULL;
}

int host_debug_file(const struct host *host, const unsigned char *build_id, size_t size)
{
	const struct host_opener *opener = host->opener;

	return opener && opener->debug_file ? opener->debug_file(opener, build_id, size) : -1;
}

static struct error *take_fd(int fd, const char *path, int *ret_fd)
{
	if (fd < 0)
		return error_system(-fd, "%s", path);
	*ret_fd = fd;
	return NULL;
}

struct error *host_open(const struct host *host, const char *path, int flags, int *ret_fd)
{
	enum host_wanted wanted = flags & O_DIRECTORY ? HOST_DIRECTORY : HOST_FILE;

	if (path[0] != '/')
		return error_new(EINVAL, "%s: not an absolute path", path);

	int fd = open_self(host, path, flags);

	if (fd < 0 && (flags & O_ACCMODE) == O_RDONLY && !(flags & O_NOFOLLOW))
		fd = ask_opener(host, path, wanted, -fd);
	return take_fd(fd, path, ret_fd);
}

struct error *host_open_named(const struct host *host, const char *path, int *ret_fd)
{
	struct host system = {.opener = host->opener};
	int fd = open_live(path, O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		fd = ask_opener(&system, path, HOST_FILE, -fd);
	return take_fd(fd, path, ret_fd);
}

bool host_exists(const struct host *host, const char *path)
{
	_cleanup_close_ int fd = -1;
	_cleanup_error_ struct error *error = host_open(host, path, O_PATH, &fd);

	return !error;
}

/* Reading a device may never end, but for /dev/null, which containers mount over files to hide
 * them. */
static bool is_endless(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return false;
	if (S_ISCHR(status.st_mode))
		return status.st_rdev != makedev(1, 3);
	return S_ISBLK(status.st_mode) || S_ISFIFO(status.st_mode);
}

struct error *host_read_file(const struct host *host, const char *path, struct str *out)
{
	_cleanup_close_ int fd = -1;
	struct error *error = host_open(host, path, O_RDONLY | O_NONBLOCK, &fd);

	if (error)
		return error;
	int number = is_endless(fd) ? ENODEV : str_read(out, fd);

	return number ? error_system(number, "%s", path) : NULL;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void cleanup_closedir(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

/* The names in an open directory, which is closed; 0 or an errno value. */
static int read_entries(int fd, struct arena *arena, host_names *ret)
{
	_cleanup_(cleanup_closedir) DIR *directory = fdopendir(fd);
	const struct dirent *entry;

	if (!directory) {
		close(fd);
		return errno;
	}
	while (errno = 0, entry = readdir(directory)) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			vec_push(ret, arena_strdup(arena, entry->d_name));
	}
	return errno;
}

/* The names in a file of HOST_NAMES; the same. */
static int read_names(int fd, struct arena *arena, host_names *ret)
{
	_cleanup_str_ struct str text = STR_INIT;
	int number = str_read(&text, fd);

	close(fd);
	for (size_t at = 0; !number && at < text.length; at += strlen(text.data + at) + 1)
		vec_push(ret, arena_strdup(arena, text.data + at));
	return number;
}

/* fd: of the directory, or the negative errno value with which this process was refused it. */
static struct error *read_directory(
	const struct host *host, const char *path, int fd, struct arena *arena, host_names *ret)
{
	size_t before = ret->count;
	int number = 0;

	if (fd >= 0) {
		number = read_entries(fd, arena, ret);
	} else {
		fd = ask_opener(host, path, HOST_NAMES, -fd);
		number = fd < 0 ? -fd : read_names(fd, arena, ret);
	}
	if (number) {
		ret->count = before;
		return error_system(number, "%s", path);
	}
	if (ret->count > before)
		qsort(ret->items + before, ret->count - before, sizeof(*ret->items), compare_names);
	return NULL;
}

struct error *host_read_dir(
	const struct host *host, const char *path, struct arena *arena, host_names *ret)
{
	int fd = open_self(host, path, O_RDONLY | O_DIRECTORY);

	return read_directory(host, path, fd, arena, ret);
}

struct error *host_read_named_dir(
	const struct host *host, const char *path, struct arena *arena, host_names *ret)
{
	struct host system = {.opener = host->opener};

	return read_directory(&system, path, open_live(path, O_RDONLY | O_DIRECTORY), arena, ret);
}
