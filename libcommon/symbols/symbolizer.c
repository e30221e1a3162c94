/* SPDX-License-Identifier: Apache-2.0 */
#include "symbolizer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "address_spaces.h"
#include "jit.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/str.h"
#include "maps.h"

enum {
	IMAGE_ANONYMOUS = UINT32_MAX, /* code without a file */
	IMAGE_VDSO = UINT32_MAX - 1,
};

struct symbolizer {
	const struct host *host;
	size_t most_mappings;
	struct address_spaces *spaces;
	struct images *images;
	struct jits *jits;
	struct image *vdso; /* this process's own, which all have */
	uint64_t lost;
};

/* --- the vdso --- */

/* The size of the mapping at an address of this process. */
static size_t own_mapping_size(const struct host *host, uint64_t address)
{
	_cleanup_str_ struct str maps = STR_INIT;
	_cleanup_error_ struct error *error = host_read_file(host, "/proc/self/maps", &maps);
	struct maps_line line;
	char *save = NULL;

	if (error || !maps.data)
		return 0;
	for (char *text = strtok_r(maps.data, "\n", &save); text;
		text = strtok_r(NULL, "\n", &save)) {
		if (maps_line_parse(text, &line) && line.start == address)
			return line.end - line.start;
	}
	return 0;
}

static struct image *read_vdso(const struct host *host)
{
	uint64_t address = getauxval(AT_SYSINFO_EHDR);
	size_t size = address ? own_mapping_size(host, address) : 0;
	_cleanup_elf_ struct elf *elf = NULL;
	char *copy;

	if (!size)
		return NULL;
	copy = xmalloc(size);
	memcpy(copy, (const void *)address, size);

	_cleanup_error_ struct error *error = elf_open_memory("[vdso]", copy, size, &elf);

	if (error) {
		free(copy);
		return NULL;
	}
	return image_read(host, elf);
}

struct symbolizer *symbolizer_new(const struct host *host, const struct symbolizer_limits *limits)
{
	struct symbolizer *symbolizer = xcalloc(1, sizeof(*symbolizer));

	symbolizer->host = host;
	symbolizer->most_mappings = limits->mappings;
	symbolizer->spaces = address_spaces_new(limits->mappings);
	symbolizer->images = images_new(host, &limits->images);
	symbolizer->jits = jits_new(host);
	return symbolizer;
}

void symbolizer_free(struct symbolizer *symbolizer)
{
	if (!symbolizer)
		return;
	address_spaces_free(symbolizer->spaces);
	images_free(symbolizer->images);
	jits_free(symbolizer->jits);
	image_free(symbolizer->vdso);
	free(symbolizer);
}

void symbolizer_forget_processes(struct symbolizer *symbolizer)
{
	address_spaces_free(symbolizer->spaces);
	symbolizer->spaces = address_spaces_new(symbolizer->most_mappings);
}

uint64_t symbolizer_dropped(const struct symbolizer *symbolizer)
{
	return symbolizer->lost + address_spaces_dropped(symbolizer->spaces);
}

/* --- mappings --- */

/* The number of what is mapped, whose file is opened while the process lives. */
static uint32_t image_of(struct symbolizer *symbolizer, int32_t pid, const struct mapping *mapping,
	const struct image_key *key)
{
	uint32_t number;

	if (strcmp(key->path, "[vdso]") == 0)
		return IMAGE_VDSO;
	if (key->path[0] != '/' || key->path[1] == '/') {
		jits_keep(symbolizer->jits, pid);
		return IMAGE_ANONYMOUS;
	}
	number = images_number(symbolizer->images, key);
	if (images_wants(symbolizer->images, number))
		images_open(symbolizer->images, number, pid, mapping->start, mapping->end);
	return number;
}

static void add_mapping(struct symbolizer *symbolizer, const struct mmap_record *record)
{
	struct mapping mapping = {
		.start = record->start,
		.end = record->start + record->size,
		.offset = record->offset,
		.since = record->time,
	};

	mapping.image = image_of(symbolizer, record->pid, &mapping,
		&(struct image_key){
			.path = record->path,
			.build_id = record->build_id,
			.build_id_size = record->build_id_size,
			.major = record->major,
			.minor = record->minor,
			.inode = record->inode,
		});
	address_spaces_map(symbolizer->spaces, record->pid, &mapping);
}

void symbolizer_record(struct symbolizer *symbolizer, const struct mmap_record *record)
{
	struct address_spaces *spaces = symbolizer->spaces;

	switch (record->kind) {
	case MMAP_RECORD_MAP: add_mapping(symbolizer, record); break;
	case MMAP_RECORD_FORK:
		address_spaces_fork(spaces, record->pid, record->parent, record->time);
		break;
	case MMAP_RECORD_EXEC: address_spaces_exec(spaces, record->pid, record->time); break;
	case MMAP_RECORD_EXIT: address_spaces_exit(spaces, record->pid, record->time); break;
	case MMAP_RECORD_LOST: symbolizer->lost += record->lost; break;
	case MMAP_RECORD_OTHER: break;
	}
}

void symbolizer_read_process(struct symbolizer *symbolizer, int32_t pid, uint64_t time)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/maps", pid);
	_cleanup_str_ struct str maps = STR_INIT;
	_cleanup_error_ struct error *error = host_read_file(symbolizer->host, path, &maps);
	char *save = NULL;

	if (error || !maps.data)
		return;
	for (char *text = strtok_r(maps.data, "\n", &save); text;
		text = strtok_r(NULL, "\n", &save)) {
		struct maps_line line;

		if (!maps_line_parse(text, &line) || !line.is_code)
			continue;
		add_mapping(symbolizer, &(struct mmap_record){
						.pid = pid,
						.time = time,
						.start = line.start,
						.size = line.end - line.start,
						.offset = line.offset,
						.path = line.path,
						.major = line.major,
						.minor = line.minor,
						.inode = line.inode,
					});
	}
}

/* --- asking --- */

static void find_in_jit(
	struct symbolizer *symbolizer, int32_t pid, uint64_t address, struct user_frame *ret)
{
	struct symbol_found found;

	if (!jits_find(symbolizer->jits, pid, address, &found))
		return;
	ret->symbol = found.name;
	ret->offset = address - found.start;
}

static const struct image *mapped_image(struct symbolizer *symbolizer, uint32_t number)
{
	if (number != IMAGE_VDSO)
		return images_get(symbolizer->images, number);
	if (!symbolizer->vdso)
		symbolizer->vdso = read_vdso(symbolizer->host);
	return symbolizer->vdso;
}

static void find_lines(struct symbolizer *symbolizer, const struct mapping *mapping,
	const struct image *image, struct user_frame *ret)
{
	uint64_t address;
	struct srclines *lines = image_address(image, ret->object_offset, &address)
					 ? images_lines(symbolizer->images, mapping->image)
					 : NULL;

	if (lines)
		ret->lines = srclines_find(lines, address, &ret->line_count);
}

static void find_in_image(struct symbolizer *symbolizer, const struct mapping *mapping,
	uint64_t address, unsigned parts, struct user_frame *ret)
{
	bool is_named = !(parts & FRAME_BUILD_ID);
	const struct image *image = is_named ? mapped_image(symbolizer, mapping->image) : NULL;
	struct image_symbol symbol;

	ret->object_offset = address - mapping->start + mapping->offset;
	ret->object = "[vdso]";
	if (mapping->image != IMAGE_VDSO) {
		ret->object = images_path(symbolizer->images, mapping->image);
		if (parts & FRAME_BUILD_ID)
			images_build_id(symbolizer->images, mapping->image, &ret->build_id);
	}
	if (image && image_find(image, ret->object_offset, &symbol)) {
		ret->symbol = symbol.name;
		ret->offset = symbol.offset;
	}
	if (image && (parts & FRAME_LINES) && mapping->image != IMAGE_VDSO)
		find_lines(symbolizer, mapping, image, ret);
}

void symbolizer_find(struct symbolizer *symbolizer, int32_t pid, uint64_t time, uint64_t address,
	unsigned parts, struct user_frame *ret)
{
	struct mapping mapping;

	*ret = (struct user_frame){};
	if (!address_spaces_knows(symbolizer->spaces, pid, time))
		symbolizer_read_process(symbolizer, pid, time);
	if (!address_spaces_find(symbolizer->spaces, pid, time, address, &mapping) ||
		mapping.image == IMAGE_ANONYMOUS)
		find_in_jit(symbolizer, pid, address, ret);
	else
		find_in_image(symbolizer, &mapping, address, parts, ret);
}
