/* SPDX-License-Identifier: Apache-2.0 */
#include "vmlinux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libcommon/elf/elf.h"
#include "libcommon/host/procfs.h"
#include "rows.h"

/* Where distributions put the file; each takes the kernel's release. */
static const char *const places[] = {
	"/usr/lib/debug/boot/vmlinux-%s",
	"/usr/lib/debug/lib/modules/%s/vmlinux",
	"/lib/modules/%s/build/vmlinux",
	"/lib/modules/%s/vmlinux",
	"/boot/vmlinux-%s",
};

/* A file that the user named, as the user sees it. */
static struct error *open_named(const char *path, struct elf **ret)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_free_ char *full = realpath(path, NULL);

	if (!full)
		return error_system(errno, "BPFTRACE_VMLINUX: %s", path);
	struct error *error = host_open_root("/", &host);

	return error ? error : elf_open(&host, full, ret);
}

/* The path of the file that was found, NULL when there is none. */
static const char *open_known(
	const struct probe_world *world, struct arena *arena, struct elf **ret)
{
	_cleanup_str_ struct str release = STR_INIT;
	_cleanup_error_ struct error *error = procfs_release(world->host, &release);

	for (size_t i = 0; i < ARRAY_SIZE(places) && !error; i++) {
		const char *path = arena_printf(arena, places[i], str_text(&release));
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
		error = open_named(path, &elf);
	else
		path = open_known(world, arena, &elf);
	if (!error && elf)
		error = elf_functions(elf, search_symbol, &search);
	if (error || !search.found)
		return error;
	if (search.size && match->inside >= search.size)
		return error_new(EINVAL, "offset %llu is outside of %s, which has %llu bytes",
			(unsigned long long)match->inside, match->event,
			(unsigned long long)search.size);
	match->code = elf_code(
		elf, search.address, match->inside + LONGEST_INSTRUCTION, arena, &match->code_size);
	match->code_file = path;
	return NULL;
}
