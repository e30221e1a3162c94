/* SPDX-License-Identifier: Apache-2.0 */
/* The walk is breadth first, each library once; a hostile file can make it no longer than a list of
 * LIBRARIES_MOST. */
#include "imports.h"

#include <elf.h>
#include <string.h>

#include "ldcache.h"
#include "libcommon/base/vec.h"
#include "locate.h"

enum { LIBRARIES_MOST = 256 };

struct search {
	const struct host *host;
	struct arena *arena;
	const char *origin; /* directory of the current file */
	VEC(const char *) run_paths;
	VEC(const char *) names; /* of libraries, as files need them */
	VEC(const char *) paths; /* where they are */
};

static void search_deinit(struct search *search)
{
	vec_deinit(&search->run_paths);
	vec_deinit(&search->names);
	vec_deinit(&search->paths);
}

/* Without slashes at the end; "$ORIGIN" and "${ORIGIN}" at the begin are replaced by the
 * directory of the file. */
static const char *expand(const struct search *search, const char *directory, size_t length)
{
	static const char *const origins[] = {"$ORIGIN", "${ORIGIN}"};

	while (length > 1 && directory[length - 1] == '/')
		length--;

	const char *text = arena_strndup(search->arena, directory, length);

	for (size_t i = 0; i < ARRAY_SIZE(origins); i++) {
		size_t size = strlen(origins[i]);

		if (strncmp(text, origins[i], size) == 0)
			return arena_printf(search->arena, "%s%s", search->origin, text + size);
	}
	return text;
}

/* "/opt/lib:$ORIGIN/../lib" */
static void take_run_path(const char *text, void *context)
{
	struct search *search = context;

	while (*text) {
		size_t length = strcspn(text, ":");

		if (length > 0)
			vec_push(&search->run_paths, expand(search, text, length));
		text += length + (text[length] == ':');
	}
}

/* The library in one of the run paths; NULL when it is not there. */
static const char *find_in_run_paths(const struct search *search, const char *name)
{
	const char **directory;

	vec_for_each (&search->run_paths, directory) {
		const char *path = arena_printf(search->arena, "%s/%s", *directory, name);

		if (*path == '/' && host_exists(search->host, path))
			return path;
	}
	return NULL;
}

static bool is_known(const struct search *search, const char *name)
{
	const char **known;

	vec_for_each (&search->names, known) {
		if (strcmp(*known, name) == 0)
			return true;
	}
	return false;
}

static void take_library(const char *name, void *context)
{
	struct search *search = context;
	const char *path = NULL;

	if (search->names.count >= LIBRARIES_MOST || is_known(search, name))
		return;
	vec_push(&search->names, arena_strdup(search->arena, name));
	if (strchr(name, '/'))
		path = locate_absolute(search->host, name, search->arena);
	if (!path)
		path = find_in_run_paths(search, name);
	if (!path)
		path = ldcache_find(search->host, name, search->arena);
	if (path)
		vec_push(&search->paths, path);
}

/* Adds the libraries that a file needs. */
static void add_needed(struct search *search, struct elf *elf)
{
	const char *path = elf_path(elf), *slash = strrchr(path, '/');

	search->origin = arena_strndup(search->arena, path, slash ? (size_t)(slash - path) : 0);
	search->run_paths.count = 0;
	elf_dynamic(elf, DT_RPATH, take_run_path, search);
	elf_dynamic(elf, DT_RUNPATH, take_run_path, search);
	elf_dynamic(elf, DT_NEEDED, take_library, search);
}

struct wanted {
	const char *name;
	bool found;
};

static void look(const struct elf_symbol *symbol, void *context)
{
	struct wanted *wanted = context;

	wanted->found |= !symbol->is_local && strcmp(symbol->name, wanted->name) == 0;
}

const char *imports_find(
	const struct host *host, struct elf *elf, const char *name, struct arena *arena)
{
	_cleanup_(search_deinit) struct search search = {.host = host, .arena = arena};

	add_needed(&search, elf);
	for (size_t i = 0; i < search.paths.count; i++) {
		_cleanup_elf_ struct elf *library = NULL;
		struct wanted wanted = {.name = name};
		_cleanup_error_ struct error *error =
			elf_open(host, search.paths.items[i], &library);

		if (error)
			continue;
		error_free(elf_functions(library, look, &wanted));
		if (wanted.found)
			return search.paths.items[i];
		add_needed(&search, library);
	}
	return NULL;
}
