/* SPDX-License-Identifier: Apache-2.0 */
#include "vmlinux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libcommon/elf/elf.h"
#include "libcommon/elf/kernel_file.h"
#include "rows.h"

/* The path of the first file that exists, NULL when none does. */
static const char *open_known(
	const struct probe_world *world, struct arena *arena, struct elf **ret)
{
	const char *path;

	for (size_t i = 0; (path = kernel_file_path(world->host, i, arena)); i++) {
		_cleanup_error_ struct error *missing = elf_open(world->host, path, ret);

		if (!missing)
			return path;
	}
	return NULL;
}

struct search {
	const char *name;
	uint64_t address;
	uint64_t size;
	bool found;
};

static void search_symbol(const struct elf_symbol *symbol, void *context)
{
	struct search *search = context;

	if (search->found || strcmp(symbol->name, search->name) != 0)
		return;
	search->address = symbol->address;
	search->size = symbol->size;
	search->found = true;
}

struct error *vmlinux_code(
	const struct probe_world *world, struct arena *arena, struct probe_match *match)
{
	_cleanup_elf_ struct elf *elf = NULL;
	struct search search = {.name = match->event};
	const char *path = world->vmlinux;
	struct error *error = NULL;

	if (path)
		error = elf_open_named(world->host, path, &elf);
	else
		path = open_known(world, arena, &elf);
	if (error)
		return error_prefix(error, "BPFTRACE_VMLINUX");
	if (elf)
		error = elf_functions(elf, search_symbol, &search);
	if (error || !search.found)
		return error;
	if (search.size && match->function_offset >= search.size)
		return error_new(EINVAL, "offset %llu is outside of %s, which has %llu bytes",
			(unsigned long long)match->function_offset, match->event,
			(unsigned long long)search.size);
	match->code = elf_code(elf, search.address, match->function_offset + LONGEST_INSTRUCTION,
		arena, &match->code_size);
	match->code_file = path;
	return NULL;
}
