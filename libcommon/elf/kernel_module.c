/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_module.h"

#include <string.h>

#include "kernel_file.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/attributes.h"
#include "libcommon/host/procfs.h"

/* With the kernel's release and the path of the module. */
static const char *const places[KERNEL_MODULE_PATHS] = {
	"/usr/lib/debug/lib/modules/%s/%s",
	"/usr/lib/debug/lib/modules/%s/%s.debug",
	"/lib/modules/%s/%s",
};

/* Names of files may have dashes where the kernel has underscores. */
static bool is_named(const char *file, size_t length, const char *module)
{
	for (size_t i = 0; i < length; i++) {
		if ((file[i] == '-' ? '_' : file[i]) != module[i])
			return false;
	}
	return module[length] == '\0';
}

/* The path of a module in a line "kernel/fs/some-name.ko.xz: …", without what it is packed by. */
static char *path_in(const char *line, const char *module)
{
	const char *colon = strchr(line, ':'), *name = colon, *end;

	if (!colon)
		return NULL;
	while (name > line && name[-1] != '/')
		name--;
	end = strstr(name, ".ko");
	return end && end < colon && is_named(name, (size_t)(end - name), module)
		       ? xstrndup(line, (size_t)(end - line) + strlen(".ko"))
		       : NULL;
}

/* NULL when there is none; the caller frees it. */
static char *find_path(const struct host *host, const char *release, const char *module)
{
	_cleanup_free_ char *list = xasprintf("/lib/modules/%s/modules.dep", release);
	_cleanup_str_ struct str lines = STR_INIT;
	_cleanup_error_ struct error *error = host_read_file(host, list, &lines);
	char *save = NULL, *found = NULL;

	if (error || !lines.data)
		return NULL;
	for (char *line = strtok_r(lines.data, "\n", &save); line && !found;
		line = strtok_r(NULL, "\n", &save))
		found = path_in(line, module);
	return found;
}

size_t kernel_module_paths(const struct host *host, const char *module, struct arena *arena,
	const char *ret[static KERNEL_MODULE_PATHS])
{
	_cleanup_str_ struct str release = STR_INIT;
	_cleanup_error_ struct error *error = procfs_release(host, &release);
	_cleanup_free_ char *path = error ? NULL : find_path(host, str_text(&release), module);

	for (size_t i = 0; path && i < KERNEL_MODULE_PATHS; i++)
		ret[i] = arena_printf(arena, places[i], str_text(&release), path);
	return path ? KERNEL_MODULE_PATHS : 0;
}

struct build_id kernel_module_id(const struct host *host, const char *module)
{
	_cleanup_free_ char *path = xasprintf("/sys/module/%s/notes/.note.gnu.build-id", module);

	return kernel_notes_id(host, path);
}
