/* SPDX-License-Identifier: Apache-2.0 */
/* What the debug information lacks is an error that names what it has instead. */
#include "source_line.h"

#include <errno.h>
#include <string.h>

#include "libcommon/elf/locate.h"
#include "programs.h"

static bool read_number(const char *text, uint32_t *ret)
{
	uint64_t number = 0;

	if (text[strspn(text, "0123456789")] || !spec_number(text, &number) || number == 0 ||
		number > INT32_MAX)
		return false;
	*ret = (uint32_t)number;
	return true;
}

/* A file can have an "@" in its name. */
static bool is_file(const struct probe_world *world, const char *path, struct arena *arena)
{
	return strchr(path, '/') &&
	       host_exists(world->host, locate_absolute(world->host, path, arena));
}

bool source_line_parse(const struct probe_world *world, const struct probe_spec *spec,
	struct arena *arena, struct source_line *ret)
{
	const char *at = spec->count ? strrchr(spec->parts[0], '@') : NULL;
	struct source_line line = {};

	if (!at || !at[1] || spec->count < 2 || spec->count > 3 ||
		!read_number(spec->parts[1], &line.line) ||
		(spec->count == 3 && !read_number(spec->parts[2], &line.column)) ||
		is_file(world, spec->parts[0], arena))
		return false;
	line.path = arena_strndup(arena, spec->parts[0], (size_t)(at - spec->parts[0]));
	line.file = at + 1;
	*ret = line;
	return true;
}

/* "columns 3, 9" of a line that has code, but not at the wanted column. */
static const char *list_columns(const struct linecode *code, struct arena *arena)
{
	const char *text = code->columns.count == 1 ? "column" : "columns";
	const uint32_t *column;

	vec_for_each (&code->columns, column)
		text = arena_printf(
			arena, "%s%s %u", text, column == code->columns.items ? "" : ",", *column);
	return text;
}

/* "; lines 7 and 10 do" */
static const char *list_lines(const struct linecode *code, struct arena *arena)
{
	if (code->before && code->after)
		return arena_printf(arena, "; lines %u and %u do", code->before, code->after);
	return arena_printf(arena, "; line %u does", code->before ? code->before : code->after);
}

static struct error *error_no_code(const struct probe_match *match, const struct source_line *line,
	const struct linecode *code, struct arena *arena, struct suggestion *suggestion)
{
	if (!code->has_file && suggestion)
		*suggestion = code->near_file;
	if (!code->has_file)
		return error_new(ENOENT,
			"the debug information of %s names no source file %s with code",
			match->code_file, line->file);
	if (code->columns.count)
		return error_new(ENOENT, "%s:%u has no code at column %u, but at %s", line->file,
			line->line, line->column, list_columns(code, arena));
	return error_new(ENOENT, "%s:%u has no code in %s%s", line->file, line->line,
		match->code_file, list_lines(code, arena));
}

struct error *source_line_find(const struct probe_world *world, const struct probe_match *match,
	const struct source_line *line, struct arena *arena, struct suggestion *suggestion,
	struct linecode *ret)
{
	_cleanup_linecode_ struct linecode code = {};
	struct debuginfo *info = NULL;
	struct error *error = programs_open(world, match, &info);

	if (error)
		return error;
	if (!info)
		return error_new(ENODATA,
			"%s has no debug information, which has the lines: build it with -g, or "
			"install its debug symbols",
			match->code_file);
	linecode_find(info, line->file, line->line, line->column, &code);
	if (code.addresses.count == 0)
		return error_no_code(match, line, &code, arena, suggestion);
	*ret = code;
	code = (struct linecode){};
	return NULL;
}
