/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_lines.h"

#include <fcntl.h>
#include <stdlib.h>

#include "libcommon/base/alloc.h"
#include "libcommon/elf/kernel_file.h"

struct kernel_lines {
	struct srclines *lines;
	uint64_t moved; /* from the addresses in the file, by which the kernel runs */
};

/* By how much the running kernel was moved (KASLR). Of symbols at one address only one is known. */
static bool find_moved(struct elf *elf, const struct kallsyms *kallsyms, uint64_t *ret)
{
	static const char *const symbols[] = {"_text", "_stext", "schedule", "vfs_read"};
	uint64_t in_memory, in_file;

	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		if (!kallsyms_address(kallsyms, "", symbols[i], &in_memory) ||
			!elf_symbol_address(elf, symbols[i], &in_file, NULL))
			continue;
		*ret = in_memory - in_file;
		return true;
	}
	return false;
}

static bool is_running(const struct host *host, struct elf *elf)
{
	struct build_id running = kernel_file_id(host), found = build_id_read(elf);

	return build_id_is_same(&running, &found);
}

/* Takes over elf. */
static struct kernel_lines *read_file(
	const struct host *host, struct elf *elf, const struct kallsyms *kallsyms)
{
	_cleanup_elf_ struct elf *file = elf;
	struct kernel_lines *lines;
	struct srclines *found;
	uint64_t moved;

	if (!is_running(host, file) || !find_moved(file, kallsyms, &moved))
		return NULL;
	found = srclines_open(host, &file);
	if (!found)
		return NULL;
	lines = xcalloc(1, sizeof(*lines));
	*lines = (struct kernel_lines){.lines = found, .moved = moved};
	return lines;
}

struct kernel_lines *kernel_lines_open(
	const struct host *host, int fd, const struct kallsyms *kallsyms)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct kernel_lines *lines = NULL;
	struct elf *elf = NULL;
	const char *place;

	if (fd >= 0) {
		_cleanup_error_ struct error *error =
			elf_open_fd("vmlinux", fcntl(fd, F_DUPFD_CLOEXEC, 0), &elf);

		return error ? NULL : read_file(host, elf, kallsyms);
	}
	for (size_t i = 0; !lines && (place = kernel_file_path(host, i, &arena)); i++) {
		_cleanup_error_ struct error *error = elf_open(host, place, &elf);

		if (!error)
			lines = read_file(host, elf, kallsyms);
	}
	return lines;
}

void kernel_lines_free(struct kernel_lines *lines)
{
	if (!lines)
		return;
	srclines_free(lines->lines);
	free(lines);
}

const struct srcline *kernel_lines_find(
	struct kernel_lines *lines, uint64_t address, size_t *ret_count)
{
	return srclines_find(lines->lines, address - lines->moved, ret_count);
}
