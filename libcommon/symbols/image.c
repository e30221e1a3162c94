/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <string.h>

#include "gopclntab.h"
#include "libcommon/base/alloc.h"
#include "libcommon/elf/debugfile.h"
#include "libcommon/elf/plt.h"
#include "symbol_table.h"

enum {
	SEGMENTS_MOST = 16,
	SYMBOLS_MOST = 1 << 23, /* four times those of the largest browsers */
	NAMES_MOST = 512 << 20, /* bytes */
};

struct image {
	struct symbol_table table; /* by addresses of the file */
	struct elf_segment segments[SEGMENTS_MOST];
	size_t segment_count;
};

void image_free(struct image *image)
{
	if (!image)
		return;
	symbol_table_deinit(&image->table);
	free(image);
}

/* All symbols may have the same long name, or stand in the table thousands of times. */
static bool is_full(const struct symbol_table *table)
{
	return table->entries.count >= SYMBOLS_MOST || table->names.length >= NAMES_MOST;
}

static void add_symbol(const struct elf_symbol *symbol, void *context)
{
	struct alias alias = {
		.name = symbol->name,
		.size = symbol->size,
		.is_weak = symbol->is_weak,
		.is_global = !symbol->is_local,
		.is_label = symbol->is_label,
	};

	/* Names of assemblers and linkers: ".L5", "$x". */
	if (symbol->is_label && (symbol->name[0] == '.' || symbol->name[0] == '$'))
		return;
	if (!is_full(context))
		symbol_table_add(context, symbol->address, alias, strlen(symbol->name));
}

static void add_debug_symbols(const struct host *host, struct elf *elf, struct symbol_table *table)
{
	_cleanup_elf_ struct elf *debug = NULL;

	if (debugfile_open(host, elf, &debug))
		error_free(elf_code_symbols(debug, add_symbol, table));
	else
		gopclntab_add(elf, table);
}

/* Where the last segment ends. */
static uint64_t code_end(const struct image *image)
{
	uint64_t end = 0;

	for (size_t i = 0; i < image->segment_count; i++)
		end = MAX(end, image->segments[i].address + image->segments[i].size);
	return end;
}

struct image *image_read(const struct host *host, struct elf *elf)
{
	struct image *image = xcalloc(1, sizeof(*image));

	image->segment_count = elf_code_segments(elf, image->segments, SEGMENTS_MOST);
	error_free(elf_code_symbols(elf, add_symbol, &image->table));
	plt_visit(elf, add_symbol, &image->table);
	if (!elf_has_symbols(elf))
		add_debug_symbols(host, elf, &image->table);
	symbol_table_finish(&image->table, code_end(image));
	return image;
}

bool image_address(const struct image *image, uint64_t offset, uint64_t *ret)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *segment = &image->segments[i];

		if (offset < segment->offset || offset - segment->offset >= segment->size)
			continue;
		*ret = offset - segment->offset + segment->address;
		return true;
	}
	return false;
}

bool image_find(const struct image *image, uint64_t offset, struct image_symbol *ret)
{
	struct symbol_found found;
	uint64_t address;

	if (!image_address(image, offset, &address) ||
		!symbol_table_find(&image->table, address, &found))
		return false;
	*ret = (struct image_symbol){.name = found.name, .offset = address - found.start};
	return true;
}

size_t image_size(const struct image *image)
{
	return sizeof(*image) + symbol_table_size(&image->table);
}
