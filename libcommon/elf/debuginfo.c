/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debug information is a list of units, one for each source file. Which unit an address belongs to,
 * and within it which function, is found in tables of ranges: libdw's own index is missing in files
 * of some compilers. Debug information is hostile input: depths and numbers are bounded.
 */
#include "debuginfo.h"

#include <dwarf.h>
#include <elfutils/libdwelf.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "debugfile.h"
#include "elf_file.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/vec.h"
#include "split_unit.h"

enum {
	SECTIONS_MOST = 1 << 30, /* bytes of debug information, unpacked */
	RANGES_MOST = 8 << 20,   /* in one table */
	ENTRIES_MOST = 8 << 20,  /* of one unit, that are looked at */
	OVERLAPS_MOST = 16,      /* ranges that begin before an address and may cover it */
	DEPTH_MOST = 128,        /* of blocks and functions within one another */
	SPLIT_FILES_MOST = 256,  /* that are open */
	BYTES_OF_A_UNIT = 1024,
};

struct range {
	uint64_t begin, end; /* addresses, the end is exclusive */
	uint64_t item;       /* what the range belongs to */
};

typedef VEC(struct range) range_table;

struct unit {
	Dwarf_Die die;
	bool is_read, is_complete;
	Dwarf_Die
		described; /* with its types and functions: of another file where DWARF is split */
	range_table functions; /* items: offsets of DIEs */
};

struct debuginfo {
	const struct host *host;
	char *path;
	struct elf *elf, *shared_elf; /* the second is of dwz(1) */
	Dwarf *dwarf, *shared;
	VEC(struct unit) units;
	range_table ranges; /* items: indices of units */
	size_t size;
	size_t entries; /* of the unit that is read */
	size_t split_files;
};

/* --- sizes --- */

/* Of an old compressed section: "ZLIB" and the size, a number in the order of networks. */
static uint64_t old_unpacked_size(Elf_Scn *section)
{
	const Elf_Data *data = elf_rawdata(section, NULL);
	uint64_t size = 0;

	if (data && data->d_buf && data->d_size >= 4 + sizeof(size))
		memcpy(&size, (const char *)data->d_buf + 4, sizeof(size));
	return be64toh(size);
}

/* Bytes of memory that a section of debug information takes; 0 for others. */
static uint64_t section_size(Elf_Scn *section, const GElf_Shdr *header, const char *name)
{
	GElf_Chdr compression;

	if (strncmp(name, ".zdebug_", strlen(".zdebug_")) == 0)
		return old_unpacked_size(section);
	if (strncmp(name, ".debug_", strlen(".debug_")) != 0 || header->sh_type == SHT_NOBITS)
		return 0;
	return gelf_getchdr(section, &compression) ? compression.ch_size : header->sh_size;
}

/* The sum of all sections of debug information, which libdw reads and unpacks; false when that is
 * too much, or none. */
static bool measure(const struct elf *elf, size_t *ret)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names = 0, sum = 0;

	(void)elf_getshdrstrndx(elf->file, &names);
	while (sum <= SECTIONS_MOST && (section = elf_nextscn(elf->file, section))) {
		const char *name = gelf_getshdr(section, &header)
					   ? elf_strptr(elf->file, names, header.sh_name)
					   : NULL;

		if (name)
			sum += MIN(
				section_size(section, &header, name), (uint64_t)SECTIONS_MOST + 1);
	}
	*ret = sum;
	return sum > 0 && sum <= SECTIONS_MOST;
}

/* --- ranges --- */

static void add_ranges(range_table *table, Dwarf_Die *die, uint64_t item)
{
	Dwarf_Addr base, begin, end;
	ptrdiff_t at = 0;

	while (table->count < RANGES_MOST &&
		(at = dwarf_ranges(die, at, &base, &begin, &end)) > 0) {
		if (begin < end)
			vec_push(table, ((struct range){begin, end, item}));
	}
}

static int compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->item < y->item ? -1 : x->item > y->item;
}

static void sort_ranges(range_table *table)
{
	if (table->count)
		qsort(table->items, table->count, sizeof(*table->items), compare_ranges);
}

/* The last range that begins at or before the address and covers it; NULL. */
static const struct range *find_range(const range_table *table, uint64_t address)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->items[middle].begin <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t tries = 0; low > 0 && tries < OVERLAPS_MOST; tries++) {
		const struct range *range = &table->items[--low];

		if (address < range->end)
			return range;
	}
	return NULL;
}

/* --- units --- */

static void read_units(struct debuginfo *info)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;
	uint8_t type;

	while (dwarf_get_units(info->dwarf, unit, &unit, NULL, &type, &die, NULL) == 0) {
		vec_push(&info->units, ((struct unit){.die = die}));
		add_ranges(&info->ranges, &die, info->units.count - 1);
	}
	sort_ranges(&info->ranges);
	info->size +=
		info->units.count * BYTES_OF_A_UNIT + info->ranges.capacity * sizeof(struct range);
}

static bool may_hold_functions(int tag)
{
	switch (tag) {
	case DW_TAG_class_type:
	case DW_TAG_interface_type:
	case DW_TAG_lexical_block:
	case DW_TAG_module:
	case DW_TAG_namespace:
	case DW_TAG_structure_type:
	case DW_TAG_subprogram:
	case DW_TAG_union_type: return true;
	default: return false;
	}
}

static void add_functions(
	struct debuginfo *info, range_table *functions, Dwarf_Die *scope, unsigned depth)
{
	Dwarf_Die die;

	if (depth > DEPTH_MOST || dwarf_child(scope, &die) != 0)
		return;
	do {
		int tag = dwarf_tag(&die);

		if (tag == DW_TAG_subprogram)
			add_ranges(functions, &die, dwarf_dieoffset(&die));
		if (may_hold_functions(tag))
			add_functions(info, functions, &die, depth + 1);
	} while (++info->entries < ENTRIES_MOST && dwarf_siblingof(&die, &die) == 0);
}

/* Counts what a file takes that a unit of split DWARF is in. */
static bool accept_split(struct elf *elf, void *context)
{
	struct debuginfo *info = context;
	size_t sections;

	if (info->split_files >= SPLIT_FILES_MOST || !measure(elf, &sections))
		return false;
	info->split_files++;
	info->size += sections;
	return true;
}

/* Finds the unit's other half when it is asked for first. */
static void read_unit(struct debuginfo *info, struct unit *unit)
{
	if (unit->is_read)
		return;
	unit->is_read = true;
	if (!split_unit_find(
		    info->host, info->elf, &unit->die, accept_split, info, &unit->described))
		unit->described = unit->die;
}

static void read_functions(struct debuginfo *info, struct unit *unit)
{
	if (unit->is_complete)
		return;
	unit->is_complete = true;
	read_unit(info, unit);
	info->entries = 0;
	add_functions(info, &unit->functions, &unit->described, 0);
	sort_ranges(&unit->functions);
	info->size += unit->functions.capacity * sizeof(struct range);
}

/* --- asking --- */

static struct unit *unit_at(struct debuginfo *info, uint64_t address)
{
	const struct range *range = find_range(&info->ranges, address);

	return range ? &info->units.items[range->item] : NULL;
}

bool debuginfo_unit(struct debuginfo *info, uint64_t address, Dwarf_Die *ret)
{
	const struct unit *unit = unit_at(info, address);

	if (unit)
		*ret = unit->die;
	return unit;
}

bool debuginfo_described(struct debuginfo *info, uint64_t address, Dwarf_Die *ret)
{
	struct unit *unit = unit_at(info, address);

	if (!unit)
		return false;
	read_unit(info, unit);
	*ret = unit->described;
	return true;
}

bool debuginfo_function(struct debuginfo *info, uint64_t address, Dwarf_Die *ret)
{
	struct unit *unit = unit_at(info, address);
	const struct range *range;

	if (!unit)
		return false;
	read_functions(info, unit);
	range = find_range(&unit->functions, address);
	return range && dwarf_offdie(dwarf_cu_getdwarf(unit->described.cu), range->item, ret);
}

bool debuginfo_unit_at(struct debuginfo *info, size_t index, Dwarf_Die *ret)
{
	struct unit *unit = index < info->units.count ? &info->units.items[index] : NULL;

	if (!unit)
		return false;
	read_unit(info, unit);
	*ret = unit->described;
	return true;
}

bool debuginfo_lines_at(struct debuginfo *info, size_t index, Dwarf_Die *ret)
{
	if (index >= info->units.count)
		return false;
	*ret = info->units.items[index].die;
	return true;
}

size_t debuginfo_size(const struct debuginfo *info)
{
	return info->size;
}

/* --- opening --- */

/* dwz(1) moves what several files have in common to a file of its own. False when it is missing:
 * names would be, too. */
static bool open_shared(const struct host *host, struct debuginfo *info)
{
	struct build_id id = {};
	const void *bytes = NULL;
	const char *name = NULL;
	ssize_t size = dwelf_dwarf_gnu_debugaltlink(info->dwarf, &name, &bytes);
	size_t sections;

	if (size == 0)
		return true;
	if (size < 0 || (size_t)size > sizeof(id.bytes))
		return false;
	memcpy(id.bytes, bytes, (size_t)size);
	id.size = (size_t)size;
	if (!debugfile_open_shared(host, info->elf, name, &id, &info->shared_elf) ||
		!measure(info->shared_elf, &sections))
		return false;
	info->size += sections;
	info->shared = elf_dwarf(info->shared_elf);
	if (info->shared)
		dwarf_setalt(info->dwarf, info->shared);
	return info->shared;
}

static bool has_units(struct elf *elf)
{
	struct elf_section section;

	return elf_section(elf, ".debug_info", &section) ||
	       elf_section(elf, ".zdebug_info", &section);
}

/* Takes over elf. */
static struct debuginfo *read_file(const struct host *host, struct elf *elf)
{
	struct debuginfo *info = xcalloc(1, sizeof(*info));
	size_t sections;

	info->host = host;
	info->elf = elf;
	if (measure(elf, &sections))
		info->dwarf = elf_dwarf(elf);
	if (!info->dwarf || !open_shared(host, info)) {
		debuginfo_free(info);
		return NULL;
	}
	info->size += sizeof(*info) + sections;
	read_units(info);
	return info;
}

struct debuginfo *debuginfo_open(const struct host *host, struct elf **elf)
{
	_cleanup_elf_ struct elf *own = TAKE(*elf), *debug = NULL;
	_cleanup_free_ char *path = xstrdup(elf_path(own));
	struct debuginfo *info = NULL;

	if (has_units(own))
		info = read_file(host, TAKE(own));
	else if (debugfile_open(host, own, &debug) && has_units(debug))
		info = read_file(host, TAKE(debug));
	if (info)
		info->path = TAKE(path);
	return info;
}

const char *debuginfo_path(const struct debuginfo *info)
{
	return info->path;
}

void debuginfo_free(struct debuginfo *info)
{
	struct unit *unit;

	if (!info)
		return;
	vec_for_each (&info->units, unit)
		vec_deinit(&unit->functions);
	vec_deinit(&info->units);
	vec_deinit(&info->ranges);
	dwarf_end(info->dwarf);
	dwarf_end(info->shared);
	elf_close(info->elf);
	elf_close(info->shared_elf);
	free(info->path);
	free(info);
}
