/* SPDX-License-Identifier: Apache-2.0 */
#include "locate.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ldcache.h"

enum {
	ANY_MODE = 0,
	EXECUTABLE = S_IXUSR | S_IXGRP | S_IXOTH,
};

/* A regular file with one of the mode's bits. */
static bool is_file(const struct host *host, const char *path, mode_t mode)
{
	_cleanup_close_ int fd = -1;
	_cleanup_error_ struct error *error = host_open(host, path, O_PATH, &fd);
	struct stat status;

	if (error || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return false;
	return mode == ANY_MODE || (status.st_mode & mode) != 0;
}

const char *locate_absolute(const struct host *host, const char *path, struct arena *arena)
{
	if (*path == '/')
		return arena_strdup(arena, path);

	while (path[0] == '.' && path[1] == '/')
		path += 1 + strspn(path + 1, "/");
	if (!host_is_live(host))
		return arena_printf(arena, "/%s", path);

	_cleanup_free_ char *directory = getcwd(NULL, 0);
	bool has_path = directory && *directory == '/'; /* not below another root */

	return arena_printf(arena, "%s/%s", has_path ? directory : "/proc/self/cwd", path);
}

static const char *locate_program(const struct host *host, const char *search, const char *name,
	mode_t mode, struct arena *arena)
{
	while (search && *search) {
		size_t length = strcspn(search, ":");
		const char *path = arena_printf(arena, "%.*s/%s", (int)length, search, name);

		if (*path == '/' && is_file(host, path, mode))
			return path;
		search += length + (search[length] == ':');
	}
	return NULL;
}

const char *locate_binary(
	const struct host *host, const char *search, const char *name, struct arena *arena)
{
	const char *path = NULL;

	if (*name == '\0')
		return NULL;
	if (strchr(name, '/'))
		path = locate_absolute(host, name, arena);
	else if (strncmp(name, "lib", 3) == 0)
		path = ldcache_find(host, name, arena);
	if (!path)
		path = locate_program(host, search, name, EXECUTABLE, arena);
	return path && is_file(host, path, ANY_MODE) ? path : NULL;
}

const char *locate_unfit(
	const struct host *host, const char *search, const char *name, struct arena *arena)
{
	return *name ? locate_program(host, search, name, ANY_MODE, arena) : NULL;
}
