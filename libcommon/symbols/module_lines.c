/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the kernel has loaded the sections of a module does not matter: its functions are found by
 * their names in the file.
 */
#include "module_lines.h"

#include <stdlib.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/arena.h"
#include "libcommon/base/hashmap.h"
#include "libcommon/elf/kernel_module.h"
#include "libcommon/elf/relocate.h"

struct function {
	uint64_t address; /* in the file */
	bool is_ambiguous;
};

struct module_lines {
	struct srclines *lines;
	struct hashmap functions; /* name → struct function in the arena */
	struct arena arena;
};

static void add_function(const struct elf_symbol *symbol, void *context)
{
	struct module_lines *lines = context;
	void **slot = hashmap_slot(&lines->functions, symbol->name, strlen(symbol->name));
	struct function *function = *slot;

	if (function) {
		function->is_ambiguous |= function->address != symbol->address;
		return;
	}
	*slot = function = arena_alloc(&lines->arena, sizeof(*function));
	*function = (struct function){.address = symbol->address};
}

/* Whether the file is of the module that is loaded; kernels may be built without such numbers. */
static bool is_loaded(const struct host *host, const char *module, struct elf *elf)
{
	struct build_id loaded = kernel_module_id(host, module), found = build_id_read(elf);

	return !loaded.size || build_id_is_same(&loaded, &found);
}

static struct module_lines *read_file(const struct host *host, const char *module, const char *path)
{
	_cleanup_elf_ struct elf *elf = NULL;
	_cleanup_error_ struct error *error = elf_open(host, path, &elf);
	struct module_lines *lines;

	if (!error && !is_loaded(host, module, elf))
		return NULL;
	if (!error)
		error = relocate(&elf);
	if (error)
		return NULL;
	lines = xcalloc(1, sizeof(*lines));
	error = elf_functions(elf, add_function, lines);
	lines->lines = srclines_open(host, &elf);
	if (lines->lines)
		return lines;
	module_lines_free(lines);
	return NULL;
}

struct module_lines *module_lines_open(const struct host *host, const char *module)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	const char *paths[KERNEL_MODULE_PATHS];
	size_t count = kernel_module_paths(host, module, &arena, paths);
	struct module_lines *lines = NULL;

	for (size_t i = 0; i < count && !lines; i++)
		lines = read_file(host, module, paths[i]);
	return lines;
}

void module_lines_free(struct module_lines *lines)
{
	if (!lines)
		return;
	srclines_free(lines->lines);
	hashmap_deinit(&lines->functions);
	arena_deinit(&lines->arena);
	free(lines);
}

const struct srcline *module_lines_find(
	struct module_lines *lines, const char *function, uint64_t offset, size_t *ret_count)
{
	const struct function *found = hashmap_get(&lines->functions, function, strlen(function));

	return found && !found->is_ambiguous
		       ? srclines_find(lines->lines, found->address + offset, ret_count)
		       : NULL;
}
