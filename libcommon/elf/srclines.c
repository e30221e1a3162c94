/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a unit are a table that libdw reads. */
#include "srclines.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "debuginfo.h"
#include "die.h"
#include "inlined.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/arena.h"
#include "libcommon/base/hashmap.h"

enum {
	LINES_MOST = INLINED_MOST + 1, /* of one address */
	BYTES_OF_A_LINE = 64,          /* libdw keeps the table of a unit */
};

/* What was found for an address. */
struct answer {
	size_t count;
	struct srcline lines[];
};

struct srclines {
	struct debuginfo *info;
	struct hashmap counted; /* units whose tables of lines are part of size */
	struct hashmap answers;
	struct arena arena;
	size_t size;
};

static uint32_t number_of(Dwarf_Die *die, unsigned attribute)
{
	Dwarf_Attribute found;
	Dwarf_Word value = 0;

	if (!dwarf_attr(die, attribute, &found) || dwarf_formudata(&found, &value) != 0)
		return 0;
	return value <= UINT32_MAX ? (uint32_t)value : 0;
}

/* --- asking --- */

static const char *whole_path(struct srclines *lines, Dwarf_Die *unit, const char *path)
{
	return die_source_path(unit, path, &lines->arena);
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

/* Adds what libdw keeps of a unit's lines to the size, once. */
static void count_lines(struct srclines *lines, Dwarf_Die *unit)
{
	void **slot = hashmap_slot(&lines->counted, &unit->addr, sizeof(unit->addr));
	Dwarf_Lines *table;
	size_t count = 0;

	if (!*slot && dwarf_getsrclines(unit, &table, &count) == 0)
		lines->size += count * BYTES_OF_A_LINE;
	*slot = lines;
}

/* Appends what is known of the address to ret, which has room for LINES_MOST; returns how many. */
static size_t find_lines(struct srclines *lines, uint64_t address, struct srcline *ret)
{
	Dwarf_Die unit, function, calls[INLINED_MOST];
	size_t count = 0, inlined = 0;

	if (!debuginfo_unit(lines->info, address, &unit))
		return 0;
	count_lines(lines, &unit);

	bool has_function = debuginfo_function(lines->info, address, &function);
	struct srcline place = place_of_code(lines, &unit, address);

	if (has_function)
		inlined = inlined_calls(&function, address, calls);
	while (inlined) {
		Dwarf_Die *call = &calls[--inlined];

		place.function = die_linkage_name(call);
		ret[count++] = place;
		place = place_of_call(lines, &unit, call);
	}
	place.function = has_function ? die_linkage_name(&function) : NULL;
	ret[count++] = place;
	return count;
}

static struct answer *make_answer(struct srclines *lines, uint64_t address)
{
	struct srcline found[LINES_MOST];
	size_t count = find_lines(lines, address, found);
	size_t size = sizeof(struct answer) + count * sizeof(*found);
	struct answer *answer = arena_alloc(&lines->arena, size);

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
	return lines->size + debuginfo_size(lines->info);
}

struct srclines *srclines_open(const struct host *host, struct elf **elf)
{
	struct debuginfo *info = debuginfo_open(host, elf);
	struct srclines *lines;

	if (!info)
		return NULL;
	lines = xcalloc(1, sizeof(*lines));
	lines->info = info;
	lines->size = sizeof(*lines);
	return lines;
}

void srclines_free(struct srclines *lines)
{
	if (!lines)
		return;
	hashmap_deinit(&lines->answers);
	hashmap_deinit(&lines->counted);
	arena_deinit(&lines->arena);
	debuginfo_free(lines->info);
	free(lines);
}
