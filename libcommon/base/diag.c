/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offsets are in bytes; only printed columns count characters (UTF-8 continuation bytes do not
 * count). Spans are clamped to their source.
 */
#include "diag.h"

#include <stdarg.h>
#include <string.h>

#include "alloc.h"
#include "color.h"
#include "hashmap.h"
#include "utf8.h"

enum {
	TEXT_MAX = 60, /* bytes of a text that is quoted in a message */
	LINES_MAX = 6, /* line numbers in one note */
};

void diags_deinit(struct diags *diags)
{
	struct source *source;

	vec_for_each (&diags->sources, source)
		free(source->lines);
	vec_deinit(&diags->sources);
	vec_deinit(&diags->list);
	vec_deinit(&diags->explanations);
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

uint32_t diags_add_expansion(struct diags *diags, uint32_t source, struct span call)
{
	const struct source original = diags->sources.items[source];
	struct source *expansion = vec_add(&diags->sources);

	expansion->name = original.name;
	expansion->text = original.text;
	expansion->length = original.length;
	expansion->original = source;
	expansion->parent = call;
	expansion->has_parent = expansion->is_expansion = true;
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

const char *diags_text(struct diags *diags, struct span span)
{
	const struct source *source = &diags->sources.items[span.source];
	size_t begin = MIN((size_t)span.begin, source->length);
	size_t length = MIN((size_t)span.end, source->length) - begin;

	if (length > TEXT_MAX || memchr(source->text + begin, '\n', length))
		return "…";
	return arena_strndup(&diags->arena, source->text + begin, length);
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

void diag_one_cause(struct diags *diags)
{
	if (diags->list.count)
		vec_last(&diags->list)->one_cause = true;
}

void diag_note(struct diags *diags, struct span span, const char *format, ...)
{
	_cleanup_str_ struct str note = STR_INIT;
	va_list args;

	if (diags->list.count == 0 ||
		memcmp(&vec_last(&diags->list)->span, &span, sizeof(span)) == 0)
		return;
	va_start(args, format);
	str_vprintf(&note, format, args);
	va_end(args);
	vec_last(&diags->list)->note = arena_strdup(&diags->arena, note.data);
	vec_last(&diags->list)->note_span = span;
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

/* Appends text in which '?' stands for each control character but the tab, so that columns stay. */
static void append_harmless(struct str *out, const char *text, size_t size)
{
	for (size_t i = 0, length; i < size; i += length) {
		const unsigned char *at = (const unsigned char *)text + i;
		size_t valid = utf8_sequence(at, size - i);
		bool is_c1 = valid == 2 && at[0] == 0xc2 && at[1] < 0xa0;

		length = MAX(valid, (size_t)1);
		if ((*at < ' ' && *at != '\t') || *at == 0x7f || is_c1)
			str_append_char(out, '?');
		else if (valid > 0 || *at >= 0xa0)
			str_append_bytes(out, at, length);
	}
}

/* "name:line:col-col" or "name:first-last". */
static void render_place(const struct excerpt *excerpt, struct str *out)
{
	append_harmless(out, excerpt->source->name, strlen(excerpt->source->name));
	str_printf(out, ":%u", excerpt->first);
	if (excerpt->last != excerpt->first) {
		str_printf(out, "-%u", excerpt->last);
		return;
	}

	/* One byte past the line counts as a character. */
	size_t before = count_characters(excerpt->line, excerpt->begin);
	size_t upto = count_characters(excerpt->line, MIN(excerpt->end, excerpt->line_length));

	str_printf(out, ":%zu-%zu", before + 1, MAX(upto, before + 1) + 1);
}

void diags_append_place(const struct diags *diags, struct span span, struct str *out)
{
	struct excerpt excerpt = excerpt_of(diags, span);

	render_place(&excerpt, out);
}

enum {
	SHOWN_LINE_MAX = 300, /* bytes of a line that is shown whole */
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
static void render_line(struct excerpt *excerpt, enum color color, struct str *out)
{
	bool is_long = excerpt->line_length > SHOWN_LINE_MAX;
	const char *end = excerpt->line + excerpt->line_length;
	bool is_cut = is_long && cut_line(excerpt);

	str_append(out, is_cut ? "…" : "");
	append_harmless(out, excerpt->line, excerpt->line_length);
	str_append(out, excerpt->line + excerpt->line_length < end ? "…\n" : "\n");
	str_append(out, is_cut ? " " : "");
	color_begin(out, color);
	for (size_t i = 0; i < excerpt->end; i++) {
		char c = i < excerpt->line_length ? excerpt->line[i] : ' ';

		if ((c & 0xc0) == 0x80)
			continue;
		if (c == '\t')
			str_append_char(out, '\t');
		else
			str_append_char(out, i < excerpt->begin ? ' ' : '~');
	}
	color_end(out);
	str_append_char(out, '\n');
}

/* How the kinds of messages are shown. */
static const struct label {
	const char *text;
	enum color color;
} labels[] =
	{
		[SEVERITY_ERROR] = {"ERROR:", COLOR_ERROR},
		[SEVERITY_WARNING] = {"WARNING:", COLOR_WARNING},
},
  note_label = {"NOTE:", COLOR_PLACE};

/* "place: LABEL: message" and the line; returns the source. */
static const struct source *render_message(const struct diags *diags, struct span span,
	const struct label *label, const char *message, struct str *out)
{
	struct excerpt excerpt = excerpt_of(diags, span);

	color_begin(out, COLOR_PLACE);
	render_place(&excerpt, out);
	str_append_char(out, ':');
	color_end(out);
	str_append_char(out, ' ');
	color_begin(out, label->color);
	str_append(out, label->text);
	color_end(out);
	str_append_char(out, ' ');
	utf8_append_visible(out, message, strlen(message), "\n");
	str_append_char(out, '\n');
	render_line(&excerpt, label->color, out);
	return excerpt.source;
}

static void render_origin(const struct diags *diags, const struct source *source, struct str *out)
{
	/* A parent is older than its child, so the walk ends. */
	while (source->has_parent && &diags->sources.items[source->parent.source] < source) {
		struct excerpt excerpt = excerpt_of(diags, source->parent);

		if (source->is_expansion) {
			render_message(
				diags, source->parent, &note_label, "expanded from here", out);
		} else {
			str_append(out,
				source->is_included ? "NOTE: included at " : "NOTE: expanded at ");
			render_place(&excerpt, out);
			str_append_char(out, '\n');
		}
		source = excerpt.source;
	}
}

/* Diagnostics of one cause. */
struct group {
	const struct diag *first;
	uint32_t last;       /* the line of the one before */
	VEC(uint32_t) lines; /* of the others, each once */
};

static void render_others(const struct group *group, struct str *out)
{
	size_t count = group->lines.count, shown = count > LINES_MAX ? LINES_MAX - 1 : count;

	if (count == 0)
		return;
	str_append(out, count == 1 ? "NOTE: the same in line " : "NOTE: the same in lines ");
	for (size_t i = 0; i < shown; i++)
		str_printf(out, "%s%u",
			i == 0           ? ""
			: i + 1 == count ? " and "
					 : ", ",
			group->lines.items[i]);
	if (shown < count)
		str_printf(out, " and %zu more", count - shown);
	str_append_char(out, '\n');
}

static void render_explanation(const struct diags *diags, struct span span, struct str *out)
{
	const struct explanation *explanation;

	vec_for_each (&diags->explanations, explanation) {
		const struct span *about = &explanation->span;

		if (about->source != span.source || span.begin < about->begin ||
			span.end > about->end)
			continue;
		if (explanation->has_place)
			render_message(
				diags, explanation->place, &note_label, explanation->text, out);
		else
			str_printf(out, "NOTE: %s\n", explanation->text);
		return;
	}
}

static void render_group(const struct diags *diags, const struct group *group, struct str *out)
{
	const struct diag *diag = group->first;
	const struct source *source =
		render_message(diags, diag->span, &labels[diag->severity], diag->message, out);

	if (diag->hint) {
		str_append(out, "HINT: ");
		utf8_append_visible(out, diag->hint, strlen(diag->hint), "\n");
		str_append_char(out, '\n');
	}
	if (diag->note)
		render_message(diags, diag->note_span, &note_label, diag->note, out);
	else
		render_explanation(diags, diag->span, out);
	render_others(group, out);
	render_origin(diags, source, out);
}

/* True for the first time that the map sees the key. */
static bool is_new(struct hashmap *seen, const struct str *key)
{
	void **slot = hashmap_slot(seen, key->data, key->length);
	bool result = !*slot;

	*slot = seen;
	return result;
}

struct grouping {
	struct hashmap places; /* span and message: what was cloned appears once */
	struct hashmap causes; /* by message: number of the group + 1 */
	VEC(struct group) groups;
};

static void grouping_deinit(struct grouping *grouping)
{
	struct group *group;

	vec_for_each (&grouping->groups, group)
		vec_deinit(&group->lines);
	vec_deinit(&grouping->groups);
	hashmap_deinit(&grouping->places);
	hashmap_deinit(&grouping->causes);
}

static void group_diag(
	const struct diags *diags, const struct diag *diag, struct grouping *grouping)
{
	_cleanup_str_ struct str place = STR_INIT;

	str_append_bytes(&place, &diag->span, sizeof(diag->span));
	str_append(&place, diag->message);
	if (!is_new(&grouping->places, &place))
		return;

	void **slot = hashmap_text_slot(&grouping->causes, diag->message);
	uint32_t line = excerpt_of(diags, diag->span).first;

	if (!*slot || !diag->one_cause) {
		vec_push(&grouping->groups, ((struct group){.first = diag, .last = line}));
		*slot = (void *)(uintptr_t)grouping->groups.count;
		return;
	}

	struct group *group = &grouping->groups.items[(uintptr_t)*slot - 1];

	if (group->last != line)
		vec_push(&group->lines, line);
	group->last = line;
}

void diags_render(const struct diags *diags, bool warnings, struct str *out)
{
	_cleanup_(grouping_deinit) struct grouping grouping = {
		.places = HASHMAP_INIT, .causes = HASHMAP_INIT};
	const struct diag *diag;
	const struct group *group;

	vec_for_each (&diags->list, diag) {
		if (diag->severity == SEVERITY_ERROR || warnings)
			group_diag(diags, diag, &grouping);
	}
	vec_for_each (&grouping.groups, group)
		render_group(diags, group, out);
}
