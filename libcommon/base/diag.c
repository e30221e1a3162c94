/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spans go in, text for people comes out. Everything is counted in bytes inside; only a printed
 * column counts characters (UTF-8 continuation bytes do not count). A span that reaches beyond its
 * source is cut at the source's end, so that no caller can make the renderer read elsewhere.
 */
#include "diag.h"

#include <stdarg.h>
#include <string.h>

#include "alloc.h"
#include "hashmap.h"

void diags_deinit(struct diags *diags)
{
	struct source *source;

	vec_for_each (&diags->sources, source)
		free(source->lines);
	vec_deinit(&diags->sources);
	vec_deinit(&diags->list);
	arena_deinit(&diags->arena);
	*diags = DIAGS_INIT;
}

uint32_t diags_add_source(struct diags *diags, const char *name, const char *text, size_t length)
{
	struct source *source = vec_add(&diags->sources);

	source->name = name;
	source->text = text;
	source->length = length;
	return (uint32_t)(diags->sources.count - 1);
}

static void find_lines(struct source *source)
{
	VEC(uint32_t) lines = {};

	vec_push(&lines, 0);
	for (size_t i = 0; i < source->length; i++) {
		if (source->text[i] == '\n')
			vec_push(&lines, (uint32_t)(i + 1));
	}
	source->lines = lines.items;
	source->line_count = lines.count;
}

struct position diags_position(const struct diags *diags, uint32_t source_number, uint32_t byte)
{
	struct source *source = &diags->sources.items[source_number];

	if (!source->lines)
		find_lines(source);

	size_t low = 0, high = source->line_count;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (source->lines[middle] <= byte)
			low = middle;
		else
			high = middle;
	}
	return (struct position){
		.line = (uint32_t)(low + 1),
		.column = byte - source->lines[low] + 1,
	};
}

static void add(struct diags *diags, enum severity severity, struct span span, const char *format,
	va_list args) _printf_(4, 0);

static void add(struct diags *diags, enum severity severity, struct span span, const char *format,
	va_list args)
{
	_cleanup_str_ struct str message = STR_INIT;
	struct diag *diag = vec_add(&diags->list);

	str_vprintf(&message, format, args);
	diag->severity = severity;
	diag->span = span;
	diag->message = arena_strdup(&diags->arena, message.data);
}

void diag_error(struct diags *diags, struct span span, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(diags, SEVERITY_ERROR, span, format, args);
	va_end(args);
	diags->errors++;
}

void diag_warning(struct diags *diags, struct span span, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(diags, SEVERITY_WARNING, span, format, args);
	va_end(args);
}

void diag_hint(struct diags *diags, const char *format, ...)
{
	_cleanup_str_ struct str hint = STR_INIT;
	va_list args;

	if (diags->list.count == 0)
		return;
	va_start(args, format);
	str_vprintf(&hint, format, args);
	va_end(args);
	vec_last(&diags->list)->hint = arena_strdup(&diags->arena, hint.data);
}

struct span span_join(struct span a, struct span b)
{
	return (struct span){
		.source = a.source,
		.begin = MIN(a.begin, b.begin),
		.end = MAX(a.end, b.end),
	};
}

static size_t count_characters(const char *text, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; i++)
		count += (text[i] & 0xc0) != 0x80;
	return count;
}

/* A span made ready to be shown: inside its source, at least one byte long, its first line found.
 */
struct excerpt {
	const struct source *source;
	uint32_t first, last; /* lines */
	const char *line;
	size_t line_length;
	size_t begin, end; /* bytes of the line; end may be one past it */
};

static struct excerpt excerpt_of(const struct diags *diags, struct span span)
{
	const struct source *source = &diags->sources.items[span.source];
	uint32_t begin = (uint32_t)MIN((size_t)span.begin, source->length);
	uint32_t end = (uint32_t)MIN((size_t)span.end, source->length);
	struct position first = diags_position(diags, span.source, begin);
	struct position last = end > begin ? diags_position(diags, span.source, end - 1) : first;
	const char *line = source->text + source->lines[first.line - 1];
	size_t left = source->length - source->lines[first.line - 1];
	const char *newline = left ? memchr(line, '\n', left) : NULL;
	struct excerpt excerpt = {
		.source = source,
		.first = first.line,
		.last = last.line,
		.line = line,
		.line_length = newline ? (size_t)(newline - line) : left,
		.begin = first.column - 1,
	};

	size_t length = first.line == last.line ? MAX(end, begin) - begin : excerpt.line_length;

	excerpt.end = MIN(excerpt.begin + length, excerpt.line_length);
	excerpt.end = MAX(excerpt.end, excerpt.begin + 1);
	return excerpt;
}

/* "name:line:col-col" or "name:first-last". */
static void render_place(const struct excerpt *excerpt, struct str *out)
{
	str_printf(out, "%s:%u", excerpt->source->name, excerpt->first);
	if (excerpt->last != excerpt->first) {
		str_printf(out, "-%u", excerpt->last);
		return;
	}

	/* One byte past the line counts as a character. */
	size_t before = count_characters(excerpt->line, excerpt->begin);
	size_t upto = count_characters(excerpt->line, MIN(excerpt->end, excerpt->line_length));

	str_printf(out, ":%zu-%zu", before + 1, MAX(upto, before + 1) + 1);
}

enum {
	LINE_MOST = 300, /* bytes of a line that is shown whole */
	LINE_PART = 240,
	LINE_BEFORE = 60, /* of a part, before what it is about */
};

/* A long line becomes the part around what is marked; true when something before it is left out. */
static bool cut_line(struct excerpt *excerpt)
{
	size_t from = excerpt->begin > LINE_BEFORE ? excerpt->begin - LINE_BEFORE : 0;

	while (from < excerpt->begin && (excerpt->line[from] & 0xc0) == 0x80)
		from++;
	excerpt->line += from;
	excerpt->line_length -= from;
	excerpt->begin -= from;
	excerpt->end -= from;

	size_t length = MIN(excerpt->line_length, (size_t)LINE_PART);

	while (length < excerpt->line_length && (excerpt->line[length] & 0xc0) == 0x80)
		length++;
	excerpt->line_length = length;
	excerpt->end = MIN(excerpt->end, length + 1);
	return from > 0;
}

/* The source line and the tildes below it, each tab kept so that they stay aligned. */
static void render_line(struct excerpt *excerpt, struct str *out)
{
	bool is_long = excerpt->line_length > LINE_MOST;
	const char *end = excerpt->line + excerpt->line_length;
	bool is_cut = is_long && cut_line(excerpt);

	str_append(out, is_cut ? "…" : "");
	str_append_bytes(out, excerpt->line, excerpt->line_length);
	str_append(out, excerpt->line + excerpt->line_length < end ? "…\n" : "\n");
	str_append(out, is_cut ? " " : "");
	for (size_t i = 0; i < excerpt->end; i++) {
		char c = i < excerpt->line_length ? excerpt->line[i] : ' ';

		if ((c & 0xc0) == 0x80)
			continue;
		if (c == '\t')
			str_append_char(out, '\t');
		else
			str_append_char(out, i < excerpt->begin ? ' ' : '~');
	}
	str_append_char(out, '\n');
}

static void render_origin(const struct diags *diags, const struct source *source, struct str *out)
{
	/* A parent is older than its child, so the walk ends. */
	while (source->has_parent && &diags->sources.items[source->parent.source] < source) {
		struct excerpt excerpt = excerpt_of(diags, source->parent);

		str_append(out, "NOTE: expanded at ");
		render_place(&excerpt, out);
		str_append_char(out, '\n');
		source = excerpt.source;
	}
}

static void render(const struct diags *diags, const struct diag *diag, struct str *out)
{
	struct excerpt excerpt = excerpt_of(diags, diag->span);

	render_place(&excerpt, out);
	str_printf(out, ": %s: %s\n", diag->severity == SEVERITY_ERROR ? "ERROR" : "WARNING",
		diag->message);
	render_line(&excerpt, out);
	if (diag->hint)
		str_printf(out, "HINT: %s\n", diag->hint);
	render_origin(diags, excerpt.source, out);
}

void diags_render(const struct diags *diags, bool warnings, struct str *out)
{
	_cleanup_hashmap_ struct hashmap seen = HASHMAP_INIT;
	_cleanup_str_ struct str key = STR_INIT;
	const struct diag *diag;

	vec_for_each (&diags->list, diag) {
		if (diag->severity == SEVERITY_WARNING && !warnings)
			continue;
		str_truncate(&key, 0);
		str_append_bytes(&key, &diag->span, sizeof(diag->span));
		str_append(&key, diag->message);

		void **slot = hashmap_slot(&seen, key.data, key.length);

		if (!*slot)
			render(diags, diag, out);
		*slot = key.data;
	}
}
