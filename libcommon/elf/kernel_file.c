/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_file.h"

#include <elf.h>
#include <string.h>

#include "libcommon/host/procfs.h"

/* Paths of distributions, with the kernel's release. */
static const char *const places[] = {
	"/usr/lib/debug/boot/vmlinux-%s",
	"/usr/lib/debug/lib/modules/%s/vmlinux",
	"/lib/modules/%s/build/vmlinux",
	"/lib/modules/%s/vmlinux",
	"/boot/vmlinux-%s",
};

const char *kernel_file_path(const struct host *host, size_t index, struct arena *arena)
{
	_cleanup_str_ struct str release = STR_INIT;
	_cleanup_error_ struct error *error = procfs_release(host, &release);

	if (error || index >= ARRAY_SIZE(places))
		return NULL;
	return arena_printf(arena, places[index], str_text(&release));
}

/* Notes: sizes of owner and data, type, then both, padded to 4 bytes each. */
static void find_id(const char *notes, size_t size, struct build_id *ret)
{
	Elf64_Nhdr note;

	while (size >= sizeof(note)) {
		memcpy(&note, notes, sizeof(note));

		size_t owner = ALIGN_UP((size_t)note.n_namesz, (size_t)4);
		size_t whole = sizeof(note) + owner + ALIGN_UP((size_t)note.n_descsz, (size_t)4);

		if (whole > size)
			return;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof("GNU") &&
			memcmp(notes + sizeof(note), "GNU", sizeof("GNU")) == 0 &&
			note.n_descsz <= sizeof(ret->bytes)) {
			memcpy(ret->bytes, notes + sizeof(note) + owner, note.n_descsz);
			ret->size = note.n_descsz;
			return;
		}
		notes += whole;
		size -= whole;
	}
}

struct build_id kernel_notes_id(const struct host *host, const char *path)
{
	_cleanup_str_ struct str notes = STR_INIT;
	_cleanup_error_ struct error *error = host_read_file(host, path, &notes);
	struct build_id id = {};

	if (!error)
		find_id(str_text(&notes), notes.length, &id);
	return id;
}

struct build_id kernel_file_id(const struct host *host)
{
	return kernel_notes_id(host, "/sys/kernel/notes");
}
