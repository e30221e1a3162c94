/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debug information is a list of units, one for each source file. Which unit an address belongs to,
 * and within it which function, is found in tables of ranges: libdw's own index is missing in files
 * of some compilers. Debug information is hostile input: depths and numbers are bounded.
 */
#include "srclines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "debugfile.h"
#include "die.h"
#include "elf_file.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/arena.h"
#include "libcommon/base/hashmap.h"
#include "libcommon/base/vec.h"
#include "split_unit.h"

enum {
	SECTIONS_MOST = 1 << 30, /* bytes of debug information, unpacked */
	RANGES_MOST = 8 << 20,   /* in one table */
	ENTRIES_MOST = 8 << 20,  /* of one unit, that are looked at */
	OVERLAPS_MOST = 16,      /* ranges that begin before an address and may cover it */
	DEPTH_MOST = 128,        /* of blocks and functions within one another */
	LINES_MOST = 64,         /* of one address */
	SPLIT_FILES_MOST = 256,  /* that are open */
	BYTES_OF_A_LINE = 64,    /* libdw keeps the table of a unit */
	BYTES_OF_A_UNIT = 1024,
};

struct range {
	uint64_t begin, end; /* addresses, the end is exclusive */
	uint64_t item;       /* what the range belongs to */
};

typedef VEC(struct range) range_table;

struct unit {
	Dwarf_Off die;
	bool is_read;
	Dwarf *dwarf;          /* of the functions: another one where DWARF is split */
	range_table functions; /* items: offsets of DIEs */
};

/* What was found for an address. */
struct answer {
	size_t count;
	struct srcline lines[];
};

struct srclines {
	const struct host *host;
	struct elf *elf, *shared_elf; /* the second is of dwz(1) */
	Dwarf *dwarf, *shared;
	VEC(struct unit) units;
	range_table ranges; /* items: indices of units */
	struct hashmap answers;
	struct arena arena;
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

static void read_units(struct srclines *lines)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;
	uint8_t type;

	while (dwarf_get_units(lines->dwarf, unit, &unit, NULL, &type, &die, NULL) == 0) {
		vec_push(&lines->units, ((struct unit){.die = dwarf_dieoffset(&die)}));
		add_ranges(&lines->ranges, &die, lines->units.count - 1);
	}
	sort_ranges(&lines->ranges);
	lines->size += lines->units.count * BYTES_OF_A_UNIT +
		       lines->ranges.capacity * sizeof(struct range);
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
	struct srclines *lines, range_table *functions, Dwarf_Die *scope, unsigned depth)
{
	Dwarf_Die die;

	if (depth > DEPTH_MOST || dwarf_child(scope, &die) != 0)
		return;
	do {
		int tag = dwarf_tag(&die);

		if (tag == DW_TAG_subprogram)
			add_ranges(functions, &die, dwarf_dieoffset(&die));
		if (may_hold_functions(tag))
			add_functions(lines, functions, &die, depth + 1);
	} while (++lines->entries < ENTRIES_MOST && dwarf_siblingof(&die, &die) == 0);
}

/* Counts what a file takes that a unit of split DWARF is in. */
static bool accept_split(struct elf *elf, void *context)
{
	struct srclines *lines = context;
	size_t sections;

	if (lines->split_files >= SPLIT_FILES_MOST || !measure(elf, &sections))
		return false;
	lines->split_files++;
	lines->size += sections;
	return true;
}

/* Reads the unit's functions and lines when it is asked for first. */
static void read_unit(struct srclines *lines, struct unit *unit, Dwarf_Die *die)
{
	Dwarf_Lines *table;
	Dwarf_Die described;
	size_t count = 0;

	if (unit->is_read)
		return;
	unit->is_read = true;
	lines->entries = 0;
	if (!split_unit_find(lines->host, lines->elf, die, accept_split, lines, &described))
		described = *die;
	unit->dwarf = dwarf_cu_getdwarf(described.cu);
	add_functions(lines, &unit->functions, &described, 0);
	sort_ranges(&unit->functions);
	if (dwarf_getsrclines(die, &table, &count) != 0)
		count = 0;
	lines->size += count * BYTES_OF_A_LINE + unit->functions.capacity * sizeof(struct range);
}

/* --- functions that were inlined --- */

static bool is_block(int tag)
{
	switch (tag) {
	case DW_TAG_catch_block:
	case DW_TAG_inlined_subroutine:
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_with_stmt: return true;
	default: return false;
	}
}

/* The block of a scope that has the address. */
static bool find_block(struct srclines *lines, Dwarf_Die *scope, uint64_t address, Dwarf_Die *ret)
{
	Dwarf_Die die;

	if (dwarf_child(scope, &die) != 0)
		return false;
	do {
		if (is_block(dwarf_tag(&die)) && dwarf_haspc(&die, address) > 0) {
			*ret = die;
			return true;
		}
	} while (++lines->entries < ENTRIES_MOST && dwarf_siblingof(&die, &die) == 0);
	return false;
}

/* The calls that were inlined at the address, the outermost first. */
static size_t find_calls(
	struct srclines *lines, Dwarf_Die *function, uint64_t address, Dwarf_Die *ret, size_t most)
{
	Dwarf_Die scope = *function;
	size_t count = 0;

	lines->entries = 0;
	for (unsigned depth = 0; depth < DEPTH_MOST && count < most; depth++) {
		Dwarf_Die inner;

		if (!find_block(lines, &scope, address, &inner))
			break;
		if (dwarf_tag(&inner) == DW_TAG_inlined_subroutine)
			ret[count++] = inner;
		scope = inner;
	}
	return count;
}

static uint32_t number_of(Dwarf_Die *die, unsigned attribute)
{
	Dwarf_Attribute found;
	Dwarf_Word value = 0;

	if (!dwarf_attr(die, attribute, &found) || dwarf_formudata(&found, &value) != 0)
		return 0;
	return value <= UINT32_MAX ? (uint32_t)value : 0;
}

/* --- asking --- */

/* A path that is relative is so to the directory that the compiler was run in. */
static const char *whole_path(struct srclines *lines, Dwarf_Die *unit, const char *path)
{
	const char *directory = path && *path != '/' ? die_text(unit, DW_AT_comp_dir) : NULL;

	return directory ? arena_printf(&lines->arena, "%s/%s", directory, path) : path;
}

/* Where the function was called that was inlined. */
static struct srcline place_of_call(struct srclines *lines, Dwarf_Die *unit, Dwarf_Die *call)
{
	struct srcline place = {.number = number_of(call, DW_AT_call_line)};
	Dwarf_Files *files;
	size_t count;

	if (dwarf_getsrcfiles(unit, &files, &count) == 0)
		place.file = whole_path(lines, unit,
			dwarf_filesrc(files, number_of(call, DW_AT_call_file), NULL, NULL));
	return place;
}

static struct srcline place_of_code(struct srclines *lines, Dwarf_Die *unit, uint64_t address)
{
	Dwarf_Line *line = dwarf_getsrc_die(unit, address);
	struct srcline place = {};
	bool ends = false;
	int number = 0;

	if (!line || dwarf_lineendsequence(line, &ends) != 0 || ends)
		return place;
	if (dwarf_lineno(line, &number) == 0 && number > 0)
		place.number = (uint32_t)number;
	place.file = whole_path(lines, unit, dwarf_linesrc(line, NULL, NULL));
	return place;
}

/* Appends what is known of the address to ret, which has room for LINES_MOST; returns how many. */
static size_t find_lines(
	struct srclines *lines, struct unit *unit, uint64_t address, struct srcline *ret)
{
	Dwarf_Die die, function, calls[LINES_MOST];
	size_t count = 0, inlined = 0;

	if (!dwarf_offdie(lines->dwarf, unit->die, &die))
		return 0;
	read_unit(lines, unit, &die);

	const struct range *range = find_range(&unit->functions, address);
	bool has_function = range && dwarf_offdie(unit->dwarf, range->item, &function);
	struct srcline place = place_of_code(lines, &die, address);

	if (has_function)
		inlined = find_calls(lines, &function, address, calls, LINES_MOST - 1);
	while (inlined) {
		Dwarf_Die *call = &calls[--inlined];

		place.function = die_linkage_name(call);
		ret[count++] = place;
		place = place_of_call(lines, &die, call);
	}
	place.function = has_function ? die_linkage_name(&function) : NULL;
	ret[count++] = place;
	return count;
}

static struct answer *make_answer(struct srclines *lines, uint64_t address)
{
	const struct range *range = find_range(&lines->ranges, address);
	struct srcline found[LINES_MOST];
	struct answer *answer;
	size_t count = 0, size;

	if (range)
		count = find_lines(lines, &lines->units.items[range->item], address, found);
	size = sizeof(*answer) + count * sizeof(*found);
	answer = arena_alloc(&lines->arena, size);
	answer->count = count;
	memcpy(answer->lines, found, count * sizeof(*found));
	lines->size += size + 2 * sizeof(address) + sizeof(void *);
	return answer;
}

const struct srcline *srclines_find(struct srclines *lines, uint64_t address, size_t *ret_count)
{
	void **slot = hashmap_slot(&lines->answers, &address, sizeof(address));

	if (!*slot)
		*slot = make_answer(lines, address);

	const struct answer *answer = *slot;

	*ret_count = answer->count;
	return answer->count ? answer->lines : NULL;
}

size_t srclines_size(const struct srclines *lines)
{
	return lines->size;
}

/* --- opening --- */

/* dwz(1) moves what several files have in common to a file of its own. False when it is missing:
 * names would be, too. */
static bool open_shared(const struct host *host, struct srclines *lines)
{
	struct build_id id = {};
	const void *bytes = NULL;
	const char *name = NULL;
	ssize_t size = dwelf_dwarf_gnu_debugaltlink(lines->dwarf, &name, &bytes);
	size_t sections;

	if (size == 0)
		return true;
	if (size < 0 || (size_t)size > sizeof(id.bytes))
		return false;
	memcpy(id.bytes, bytes, (size_t)size);
	id.size = (size_t)size;
	if (!debugfile_open_shared(host, lines->elf, name, &id, &lines->shared_elf) ||
		!measure(lines->shared_elf, &sections))
		return false;
	lines->size += sections;
	lines->shared = elf_dwarf(lines->shared_elf);
	if (lines->shared)
		dwarf_setalt(lines->dwarf, lines->shared);
	return lines->shared;
}

static bool has_units(struct elf *elf)
{
	struct elf_section section;

	return elf_section(elf, ".debug_info", &section) ||
	       elf_section(elf, ".zdebug_info", &section);
}

/* Takes over elf. */
static struct srclines *read_file(const struct host *host, struct elf *elf)
{
	struct srclines *lines = xcalloc(1, sizeof(*lines));
	size_t sections;

	lines->host = host;
	lines->elf = elf;
	if (measure(elf, &sections))
		lines->dwarf = elf_dwarf(elf);
	if (!lines->dwarf || !open_shared(host, lines)) {
		srclines_free(lines);
		return NULL;
	}
	lines->size += sizeof(*lines) + sections;
	read_units(lines);
	return lines;
}

struct srclines *srclines_open(const struct host *host, struct elf **elf)
{
	_cleanup_elf_ struct elf *own = TAKE(*elf), *debug = NULL;

	if (has_units(own))
		return read_file(host, TAKE(own));
	if (debugfile_open(host, own, &debug) && has_units(debug))
		return read_file(host, TAKE(debug));
	return NULL;
}

void srclines_free(struct srclines *lines)
{
	struct unit *unit;

	if (!lines)
		return;
	vec_for_each (&lines->units, unit)
		vec_deinit(&unit->functions);
	vec_deinit(&lines->units);
	vec_deinit(&lines->ranges);
	hashmap_deinit(&lines->answers);
	arena_deinit(&lines->arena);
	dwarf_end(lines->dwarf);
	dwarf_end(lines->shared);
	elf_close(lines->elf);
	elf_close(lines->shared_elf);
	free(lines);
}
