/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcommon/base/attributes.h"

enum { HEAD_SIZE = 256 }; /* of a file: as much as the kernel reads, BINPRM_BUF_SIZE */

static bool is_program(const char *path)
{
	struct stat file;

	return stat(path, &file) == 0 && S_ISREG(file.st_mode) && access(path, X_OK) == 0;
}

/* --- what a file is --- */

/* False when it cannot be read, which does not keep it from being run. */
static bool read_head(const char *path, char *head, size_t *ret_length)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t got = fd < 0 ? -1 : read(fd, head, HEAD_SIZE - 1);

	if (got < 0)
		return false;
	head[got] = '\0';
	*ret_length = (size_t)got;
	return true;
}

/* Whether formats are registered with binfmt_misc. Where that is not mounted there are none, since
 * its file system is how they are registered. */
static bool has_more_formats(void)
{
	DIR *list = opendir("/proc/sys/fs/binfmt_misc");
	const struct dirent *entry;
	bool found = false;

	while (list && (entry = readdir(list))) {
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "register") != 0 &&
			strcmp(entry->d_name, "status") != 0)
			found = true;
	}
	if (list)
		closedir(list);
	return found;
}

/* "#! /bin/sh -e" */
static struct error *check_interpreter(const char *path, char *head)
{
	char *interpreter = head + 2 + strspn(head + 2, " \t");

	interpreter[strcspn(interpreter, " \t\n")] = '\0';
	if (!*interpreter)
		return error_new(ENOEXEC, "path '%s' names no interpreter in its first line", path);
	if (!is_program(interpreter))
		return error_new(ENOENT,
			"the interpreter of '%s', '%s', does not exist or is not executable", path,
			interpreter);
	return NULL;
}

static struct error *check_format(const char *path)
{
	char head[HEAD_SIZE];
	size_t length = 0;

	if (!read_head(path, head, &length))
		return NULL;
	if (length == 0)
		return error_new(ENOEXEC, "path '%s' is an empty file", path);
	if (strncmp(head, "#!", 2) == 0)
		return check_interpreter(path, head);
	if (strncmp(head, "\177ELF", 4) == 0 || has_more_formats())
		return NULL;
	if (strlen(head) < length)
		return error_new(ENOEXEC, "path '%s' is no program that this kernel runs", path);
	return error_new(ENOEXEC,
		"path '%s' is a text without a first line as #!/bin/sh; -c 'sh %s' runs it by the "
		"shell",
		path, path);
}

/* --- where it is --- */

static struct error *check_mode(const char *path, mode_t mode)
{
	if (S_ISDIR(mode))
		return error_new(EISDIR, "path '%s' is a directory", path);
	if (!S_ISREG(mode))
		return error_new(EACCES, "path '%s' is not a regular file", path);
	if (access(path, X_OK) == 0)
		return NULL;
	if (mode & (S_IXUSR | S_IXGRP | S_IXOTH))
		return error_system(errno, "path '%s' can not be executed here", path);
	return error_new(
		EACCES, "path '%s' is not executable: chmod +x '%s' makes it so", path, path);
}

static struct error *check_path(const char *path)
{
	struct stat file;

	if (stat(path, &file) == 0) {
		struct error *error = check_mode(path, file.st_mode);

		return error ? error : check_format(path);
	}
	if (errno != ENOENT)
		return error_system(errno, "path '%s'", path);
	if (lstat(path, &file) == 0)
		return error_new(ENOENT, "path '%s' is a link to a file that does not exist", path);
	return error_new(ENOENT, "path '%s' does not exist", path);
}

/* NULL when no directory of PATH has it. */
static const char *search(const char *name, struct arena *arena)
{
	const char *path = getenv("PATH");

	if (!path)
		path = "/usr/local/bin:/usr/bin:/bin";
	for (const char *at = path;; at++) {
		size_t length = strcspn(at, ":");
		const char *candidate = arena_printf(
			arena, "%.*s/%s", length ? (int)length : 1, length ? at : ".", name);

		if (is_program(candidate))
			return candidate;
		at += length;
		if (!*at)
			return NULL;
	}
}

static struct error *not_in_path(const char *name)
{
	return error_new(ENOENT,
		"path '%s' does not exist or is not executable in the directories of PATH%s%s",
		name, is_program(name) ? "; the file here is ./" : "",
		is_program(name) ? name : "");
}

static struct error *find(const char *name, struct arena *arena, const char **ret)
{
	const char *found = strchr(name, '/') ? name : search(name, arena);
	struct error *error = found ? check_path(found) : not_in_path(name);

	if (!error)
		*ret = found;
	return error;
}

struct error *command_find(const char *name, struct arena *arena, const char **ret)
{
	struct error *error = find(name, arena, ret);

	return error ? error_prefix(error, "failed to fork child") : NULL;
}
