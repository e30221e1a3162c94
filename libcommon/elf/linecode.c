/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line has several rows in the table of its unit: of loops, and of statements that the compiler
 * moved. The first address counts, in each function, and in each copy of it that was inlined.
 */
#include "linecode.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "inlined.h"

enum { PLACES_MOST = 4096 };

/* The first address of the line in one function or inlined copy. */
struct place {
	uint64_t scope, address;
};

struct search {
	struct debuginfo *info;
	const char *file;
	uint32_t line, column;
	Dwarf_Die unit;
	struct arena arena;    /* of the path that is compared */
	const char *last_path; /* of libdw, which has one text for each file */
	bool last_matches;
	VEC(struct place) places;
	struct linecode *ret;
};

/* Whether path ends in the components of the file that is searched. */
static bool ends_in(const char *path, const char *file)
{
	size_t length = strlen(path), wanted = strlen(file);

	if (wanted > length || strcmp(path + length - wanted, file) != 0)
		return false;
	return wanted == length || *file == '/' || path[length - wanted - 1] == '/';
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_file(struct search *search, const char *path)
{
	if (path == search->last_path)
		return search->last_matches;
	search->last_path = path;
	search->last_matches =
		path && ends_in(die_source_path(&search->unit, path, &search->arena), search->file);
	if (path && !search->last_matches)
		suggest_offer(&search->ret->near_file, last_component(path));
	return search->last_matches;
}

/* A number that is the same for all code of one function, or inlined copy. */
static uint64_t scope_of(struct debuginfo *info, uint64_t address)
{
	Dwarf_Die function, calls[INLINED_MOST];
	size_t count;

	if (!debuginfo_function(info, address, &function))
		return 0;
	count = inlined_calls(&function, address, calls);
	return dwarf_dieoffset(count ? &calls[count - 1] : &function);
}

static void add_place(struct search *search, uint64_t address)
{
	uint64_t scope = scope_of(search->info, address);
	struct place *place;

	vec_for_each (&search->places, place) {
		if (place->scope != scope)
			continue;
		place->address = MIN(place->address, address);
		return;
	}
	if (search->places.count < PLACES_MOST)
		vec_push(&search->places, ((struct place){scope, address}));
}

static void note_column(struct linecode *ret, uint32_t column)
{
	const uint32_t *known;

	vec_for_each (&ret->columns, known) {
		if (*known == column)
			return;
	}
	vec_push(&ret->columns, column);
}

static void note_line(struct search *search, uint32_t line)
{
	struct linecode *ret = search->ret;

	if (line < search->line)
		ret->before = MAX(ret->before, line);
	else if (ret->after == 0 || line < ret->after)
		ret->after = line;
}

static void look_at(struct search *search, Dwarf_Line *row)
{
	int line = 0, column = 0;
	bool is_end = false, begins = false;
	Dwarf_Addr address;

	if (dwarf_lineno(row, &line) != 0 || line <= 0 || dwarf_lineaddr(row, &address) != 0 ||
		dwarf_lineendsequence(row, &is_end) != 0 || is_end ||
		dwarf_linebeginstatement(row, &begins) != 0 || !begins ||
		!is_file(search, dwarf_linesrc(row, NULL, NULL)))
		return;
	search->ret->has_file = true;
	if ((uint32_t)line != search->line) {
		note_line(search, (uint32_t)line);
		return;
	}
	(void)dwarf_linecol(row, &column);
	note_column(search->ret, (uint32_t)column);
	if (search->column == 0 || search->column == (uint32_t)column)
		add_place(search, address);
}

static void look_into_unit(struct search *search)
{
	Dwarf_Lines *rows;
	size_t count;

	search->last_path = NULL;
	if (dwarf_getsrclines(&search->unit, &rows, &count) != 0)
		return;
	for (size_t i = 0; i < count; i++)
		look_at(search, dwarf_onesrcline(rows, i));
}

static int compare_columns(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int compare_addresses(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void linecode_find(struct debuginfo *info, const char *file, uint32_t line, uint32_t column,
	struct linecode *ret)
{
	struct search search = {info, file, line, column, .arena = ARENA_INIT, .ret = ret};
	const struct place *place;

	*ret = (struct linecode){.near_file = suggest_start(last_component(file))};
	for (size_t i = 0; debuginfo_lines_at(info, i, &search.unit); i++)
		look_into_unit(&search);
	vec_for_each (&search.places, place)
		vec_push(&ret->addresses, place->address);
	if (ret->addresses.count)
		qsort(ret->addresses.items, ret->addresses.count, sizeof(*ret->addresses.items),
			compare_addresses);
	if (ret->columns.count)
		qsort(ret->columns.items, ret->columns.count, sizeof(*ret->columns.items),
			compare_columns);
	vec_deinit(&search.places);
	arena_deinit(&search.arena);
}

void linecode_deinit(struct linecode *code)
{
	vec_deinit(&code->addresses);
	vec_deinit(&code->columns);
}
