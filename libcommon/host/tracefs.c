/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of a format file that describes a field looks like
 *
 *	\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
 *
 * All other lines but "ID:" are skipped. The text is not trusted: a field line that cannot be read
 * as above makes the parse fail, and numbers have bounds; that a field lies inside of the record is
 * for the reader of records to check, since the file does not contain the record's size.
 */
#include "tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_MAX = 1 << 16 }; /* perf_trace_buf_alloc() of the kernel refuses 8 KB already */

struct error *tracefs_find(const struct host *host, const char **ret_path)
{
	static const char *const paths[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_str_ struct str events = STR_INIT;
		_cleanup_close_ int fd = -1;

		str_printf(&events, "%s/events", paths[i]);

		_cleanup_error_ struct error *error =
			host_open(host, str_text(&events), O_RDONLY | O_DIRECTORY, &fd);

		if (!error) {
			*ret_path = paths[i];
			return NULL;
		}
		if (error->number == EACCES || error->number == EPERM)
			return error_new(error->number, "%s; root or CAP_DAC_READ_SEARCH is needed",
				error->message);
		if (error->number != ENOENT && error->number != ENOTDIR)
			return TAKE(error);
	}
	return error_new(ENOENT,
		"tracefs is not mounted on %s; \"mount -t tracefs tracefs %s\" does it", paths[0],
		paths[0]);
}

static int compare_events(const void *a, const void *b)
{
	const struct tracefs_event *one = a, *other = b;
	int order = strcmp(one->category, other->category);

	return order ? order : strcmp(one->name, other->name);
}

/* Drops duplicates from the sorted items from first on. */
static void drop_twins(tracefs_events *events, size_t first)
{
	size_t kept = first;

	for (size_t i = first; i < events->count; i++) {
		if (kept > first &&
			compare_events(&events->items[kept - 1], &events->items[i]) == 0)
			continue;
		events->items[kept++] = events->items[i];
	}
	events->count = kept;
}

struct error *tracefs_list(const struct host *host, struct arena *arena, tracefs_events *ret)
{
	_cleanup_str_ struct str path = STR_INIT;
	_cleanup_str_ struct str text = STR_INIT;
	const char *tracefs;
	size_t first = ret->count;
	struct error *error = tracefs_find(host, &tracefs);

	if (error)
		return error;
	str_printf(&path, "%s/available_events", tracefs);
	error = host_read_file(host, path.data, &text);
	if (error)
		return error;

	for (const char *line = str_text(&text); *line;) {
		size_t length = strcspn(line, "\n");
		const char *colon = memchr(line, ':', length);

		if (colon) {
			struct tracefs_event *event = vec_add(ret);

			event->category = arena_strndup(arena, line, (size_t)(colon - line));
			event->name = arena_strndup(
				arena, colon + 1, length - (size_t)(colon + 1 - line));
		}
		line += length + (line[length] == '\n');
	}
	if (ret->count > first)
		qsort(ret->items + first, ret->count - first, sizeof(*ret->items), compare_events);
	drop_twins(ret, first);
	return NULL;
}

static bool is_name(const char *text)
{
	return *text && !strchr(text, '/') && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

/* The path of one of an event's files. */
static struct error *event_path(const struct host *host, const char *category, const char *name,
	const char *file, struct str *out)
{
	const char *tracefs;

	if (!is_name(category) || !is_name(name))
		return error_new(ENOENT, "no event is called %s:%s", category, name);

	struct error *error = tracefs_find(host, &tracefs);

	if (!error)
		str_printf(out, "%s/events/%s/%s/%s", tracefs, category, name, file);
	return error;
}

bool tracefs_has_event(const struct host *host, const char *category, const char *name)
{
	_cleanup_str_ struct str path = STR_INIT;
	_cleanup_error_ struct error *error = event_path(host, category, name, "format", &path);

	return !error && host_exists(host, path.data);
}

struct error *tracefs_enable(const struct host *host, const char *category, const char *name)
{
	_cleanup_str_ struct str path = STR_INIT;
	_cleanup_close_ int fd = -1;
	struct error *error = event_path(host, category, name, "enable", &path);

	if (!error)
		error = host_open(host, str_text(&path), O_WRONLY, &fd);
	if (!error && write(fd, "1", 1) != 1)
		error = error_system(errno, "%s", str_text(&path));
	return error;
}

/* A part of the text. */
struct slice {
	const char *text;
	size_t length;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static struct slice trim(struct slice slice)
{
	while (slice.length && is_blank(slice.text[0])) {
		slice.text++;
		slice.length--;
	}
	while (slice.length && is_blank(slice.text[slice.length - 1]))
		slice.length--;
	return slice;
}

static bool skip_prefix(struct slice *slice, const char *prefix)
{
	size_t length = strlen(prefix);

	if (slice->length < length || memcmp(slice->text, prefix, length) != 0)
		return false;
	slice->text += length;
	slice->length -= length;
	return true;
}

/* Cuts the text before the character off the slice. */
static bool cut(struct slice *slice, char end, struct slice *ret)
{
	const char *found = slice->length ? memchr(slice->text, end, slice->length) : NULL;

	if (!found)
		return false;
	ret->text = slice->text;
	ret->length = (size_t)(found - slice->text);
	slice->length -= ret->length + 1;
	slice->text = found + 1;
	return true;
}

/* Decimal digits only. */
static bool number(struct slice slice, uint32_t limit, uint32_t *ret)
{
	uint64_t value = 0;

	slice = trim(slice);
	if (slice.length == 0 || slice.length > 10)
		return false;
	for (size_t i = 0; i < slice.length; i++) {
		if (slice.text[i] < '0' || slice.text[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(slice.text[i] - '0');
	}
	if (value > limit)
		return false;
	*ret = (uint32_t)value;
	return true;
}

/* "key:NUMBER;" */
static bool attribute(struct slice *line, const char *key, uint32_t limit, uint32_t *ret)
{
	struct slice value;

	*line = trim(*line);
	return skip_prefix(line, key) && cut(line, ';', &value) && number(value, limit, ret);
}

/* Removes "[N][M]" from the end; count becomes their product, or 0 if one is not in digits. */
static void parse_dimensions(struct slice *left, struct tracefs_field *field)
{
	uint64_t count = 1;

	while (left->length && left->text[left->length - 1] == ']') {
		const char *open = memrchr(left->text, '[', left->length);
		uint32_t dimension = 0;

		if (!open)
			break;

		struct slice inside = {open + 1, left->length - (size_t)(open - left->text) - 2};

		number(inside, RECORD_MAX, &dimension);
		count = count * dimension <= RECORD_MAX ? count * dimension : 0;
		left->length = (size_t)(open - left->text);
		*left = trim(*left);
		field->is_array = true;
	}
	field->count = field->is_array ? (uint32_t)count : 0;
}

/* Declarations are shown to users and read as C: no control characters, no foreign ones. */
static bool is_plain(struct slice slice)
{
	for (size_t i = 0; i < slice.length; i++) {
		if (slice.text[i] < ' ' || slice.text[i] > '~')
			return false;
	}
	return true;
}

/* Splits "__data_loc char[] name", "unsigned long args[6]", "const char * filename". */
static bool parse_declaration(
	struct slice declaration, struct arena *arena, struct tracefs_field *field)
{
	struct slice left = trim(declaration);

	if (!is_plain(left))
		return false;
	field->declaration = arena_strndup(arena, left.text, left.length);
	if (skip_prefix(&left, "__data_loc "))
		field->location = TRACEFS_DATA_LOC;
	else if (skip_prefix(&left, "__rel_loc "))
		field->location = TRACEFS_REL_LOC;
	parse_dimensions(&left, field);

	size_t begin = left.length;

	while (begin && is_word(left.text[begin - 1]))
		begin--;
	if (begin == left.length || (left.text[begin] >= '0' && left.text[begin] <= '9'))
		return false;
	field->name = arena_strndup(arena, left.text + begin, left.length - begin);
	left.length = begin;
	left = trim(left);
	if (field->location != TRACEFS_IN_PLACE) {
		parse_dimensions(&left, field);
		field->count = 0;
	}
	field->type = arena_strndup(arena, left.text, left.length);
	return left.length > 0;
}

static bool parse_field(struct slice line, struct arena *arena, struct tracefs_field *field)
{
	struct slice declaration;
	uint32_t is_signed;

	if (!cut(&line, ';', &declaration) || !parse_declaration(declaration, arena, field))
		return false;
	if (!attribute(&line, "offset:", RECORD_MAX, &field->offset) ||
		!attribute(&line, "size:", RECORD_MAX, &field->size) ||
		!attribute(&line, "signed:", 1, &is_signed))
		return false;
	if (field->location != TRACEFS_IN_PLACE && field->size != sizeof(uint32_t))
		return false;
	field->is_signed = is_signed;
	return true;
}

static bool has_field(const struct tracefs_format *format, const char *name, size_t length)
{
	const struct tracefs_field *field;

	vec_for_each (&format->fields, field) {
		if (strlen(field->name) == length && memcmp(field->name, name, length) == 0)
			return true;
	}
	return false;
}

/*
 * System call events of 7.x kernels also have for a text argument `filename` the location of its
 * bytes in the trace buffer: `__data_loc char[] __filename_val`. A BPF program's record ends before
 * that.
 */
static bool is_buffer_only(const struct tracefs_format *format, const struct tracefs_field *field)
{
	struct slice name = {field->name, strlen(field->name)};
	static const char suffix[] = "_val";
	size_t suffix_length = sizeof(suffix) - 1;

	if (field->location != TRACEFS_DATA_LOC || !skip_prefix(&name, "__") ||
		name.length <= suffix_length ||
		memcmp(name.text + name.length - suffix_length, suffix, suffix_length) != 0)
		return false;
	return has_field(format, name.text, name.length - suffix_length);
}

void tracefs_format_deinit(struct tracefs_format *format)
{
	vec_deinit(&format->fields);
	format->id = 0;
}

static struct error *parse_lines(
	struct slice text, struct arena *arena, struct tracefs_format *format)
{
	bool has_id = false;

	for (unsigned line_number = 1; text.length; line_number++) {
		struct slice line;
		struct tracefs_field field = {};

		if (!cut(&text, '\n', &line)) {
			line = text;
			text.length = 0;
		}
		line = trim(line);
		if (skip_prefix(&line, "ID:")) {
			if (!number(line, INT_MAX, &format->id))
				return error_new(
					EINVAL, "line %u: not an event number", line_number);
			has_id = true;
			continue;
		}
		if (!skip_prefix(&line, "field:"))
			continue;
		if (!parse_field(line, arena, &field))
			return error_new(EINVAL, "line %u: not a field", line_number);
		if (strncmp(field.name, "common_", 7) == 0 || is_buffer_only(format, &field) ||
			has_field(format, field.name, strlen(field.name)))
			continue;
		vec_push(&format->fields, field);
	}
	return has_id ? NULL : error_new(EINVAL, "no event number");
}

struct error *tracefs_format_parse(
	const char *text, size_t length, struct arena *arena, struct tracefs_format *ret)
{
	struct tracefs_format format = {};
	struct error *error = parse_lines((struct slice){text, length}, arena, &format);

	if (error) {
		tracefs_format_deinit(&format);
		return error;
	}
	*ret = format;
	return NULL;
}

struct error *tracefs_format_read(const struct host *host, const char *category, const char *name,
	struct arena *arena, struct tracefs_format *ret)
{
	_cleanup_str_ struct str path = STR_INIT;
	_cleanup_str_ struct str text = STR_INIT;
	struct error *error = event_path(host, category, name, "format", &path);

	if (!error)
		error = host_read_file(host, path.data, &text);
	if (error)
		return error;
	error = tracefs_format_parse(str_text(&text), text.length, arena, ret);
	return error ? error_prefix(error, "%s", path.data) : NULL;
}
