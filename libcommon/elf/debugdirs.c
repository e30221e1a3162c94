/* SPDX-License-Identifier: Apache-2.0 */
#include "debugdirs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "libcommon/base/alloc.h"

static const char *used = "";

void debugdirs_use(const char *list)
{
	used = list ? list : "";
}

static struct debugdir split(const char *text)
{
	struct debugdir dir = {.is_checked = *text == '+'};

	/* A minus is the default: no checksum. */
	dir.path = text + (*text == '+' || *text == '-');
	dir.length = strcspn(dir.path, ":");
	return dir;
}

static struct error *append(const struct debugdir *dir, struct str *out)
{
	_cleanup_free_ char *path = xstrndup(dir->path, dir->length);
	_cleanup_free_ char *absolute = realpath(path, NULL);
	struct stat status;

	if (!*path)
		return error_new(EINVAL, "--debuginfo takes DIR[:DIR]..., none of them empty");
	if (!absolute || stat(absolute, &status) < 0)
		return error_new(EINVAL, "--debuginfo: %s: %s", path, strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return error_new(EINVAL, "--debuginfo: %s: %s", path, strerror(ENOTDIR));
	if (strchr(absolute, ':'))
		return error_new(EINVAL, "--debuginfo: %s: its path has a colon", absolute);
	str_printf(out, "%s%s%s", out->length ? ":" : "", dir->is_checked ? "+" : "", absolute);
	return NULL;
}

struct error *debugdirs_append(const char *list, struct str *out)
{
	for (const char *at = list;; at++) {
		struct debugdir dir = split(at);
		struct error *error = append(&dir, out);

		if (error)
			return error;
		at = dir.path + dir.length;
		if (!*at)
			return NULL;
	}
}

bool debugdirs_next(const char **state, struct debugdir *ret)
{
	const char *at = *state ? *state : used;

	if (!*at)
		return false;
	*ret = split(at);
	at = ret->path + ret->length;
	*state = at + (*at == ':');
	return true;
}
