/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file is known by its path and by the process whose root that is in. Debug files are looked for
 * below the root that the file itself was found in, which can be another one (a file that is opened
 * by a link of /proc).
 */
#include "programs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/hashmap.h"

struct program {
	struct host root; /* of its debug file, where that was opened for it */
	struct elf *elf;  /* for its addresses */
	struct debuginfo *info;
};

struct programs {
	struct hashmap found; /* key → struct program */
	VEC(struct program *) items;
};

struct programs *programs_new(void)
{
	return xcalloc(1, sizeof(struct programs));
}

static void program_free(struct program *program)
{
	debuginfo_free(program->info);
	elf_close(program->elf);
	host_deinit(&program->root);
	free(program);
}

void programs_free(struct programs *programs)
{
	struct program **program;

	if (!programs)
		return;
	vec_for_each (&programs->items, program)
		program_free(*program);
	vec_deinit(&programs->items);
	hashmap_deinit(&programs->found);
	free(programs);
}

/* The root of a process, if the host has it open: others may not be permitted to open it. */
static const struct host *known_root(const struct host *host, int32_t pid)
{
	const struct processes *processes = host_processes(host);
	const struct process_root *root;

	if (!processes)
		return NULL;
	vec_for_each (&processes->roots, root) {
		if (root->pid == pid)
			return &root->host;
	}
	return NULL;
}

/* Opens it even where host_open_root returns our own for another namespace. */
static struct error *open_root(
	const struct host *host, int32_t pid, struct program *program, const struct host **ret)
{
	char path[32];

	*ret = known_root(host, pid);
	if (*ret)
		return NULL;
	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	*ret = &program->root;
	return host_open(host, path, O_PATH | O_DIRECTORY, &program->root.root_fd);
}

static struct error *open_elf(const struct probe_world *world, const struct probe_match *match,
	const struct host *home, struct elf **ret)
{
	struct error *error = elf_open(match->process ? home : world->host, match->target, ret);

	if (!error && match->origin)
		elf_set_path(*ret, match->origin);
	return error;
}

/* Opens the file twice: the debug information takes over one of them. */
static struct error *open_program(
	const struct probe_world *world, const struct probe_match *match, struct program *program)
{
	const struct host *home = world->host;
	_cleanup_elf_ struct elf *elf = NULL;
	struct error *error = NULL;

	if (match->debug_process)
		error = open_root(world->host, match->debug_process, program, &home);
	if (!error)
		error = open_elf(world, match, home, &program->elf);
	if (!error)
		error = open_elf(world, match, home, &elf);
	if (!error)
		program->info = debuginfo_open(home, &elf);
	return error;
}

static struct error *find_program(
	const struct probe_world *world, const struct probe_match *match, struct program **ret)
{
	_cleanup_free_ char *key =
		xasprintf("%d %d %s", match->process, match->debug_process, match->target);
	void **slot = hashmap_text_slot(&world->programs->found, key);
	struct program *program = *slot;
	struct error *error;

	if (program) {
		*ret = program;
		return NULL;
	}
	program = xcalloc(1, sizeof(*program));
	program->root = HOST_INIT;
	error = open_program(world, match, program);
	if (error) {
		program_free(program);
		return error;
	}
	*slot = *ret = program;
	vec_push(&world->programs->items, program);
	return NULL;
}

struct error *programs_open(
	const struct probe_world *world, const struct probe_match *match, struct debuginfo **ret)
{
	struct program *program = NULL;
	struct error *error = world->programs ? find_program(world, match, &program) : NULL;

	if (!error)
		*ret = program ? program->info : NULL;
	return error;
}

struct error *programs_find(const struct probe_world *world, const struct probe_match *match,
	struct debuginfo **ret_info, uint64_t *ret_address)
{
	struct program *program = NULL;
	struct error *error = world->programs ? find_program(world, match, &program) : NULL;

	if (error)
		return error;
	*ret_info = NULL;
	if (program && elf_code_address(program->elf, match->address, ret_address))
		*ret_info = program->info;
	return NULL;
}
