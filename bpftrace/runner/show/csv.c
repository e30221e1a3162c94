/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV for spreadsheets (RFC 4180): one record a line. The first field is the name of the map or of
 * the function that printed. Each print of a map begins with a header. Members of a value
 * that is a tuple or a struct have columns of their own, buckets of a histogram records of their
 * own; what is inside of these is text as print() shows it. Lines end in LF, which spreadsheets
 * read as well as CRLF, and other programs read without a stray CR in the last field.
 */
#include <stdio.h>
#include <string.h>

#include "bpftrace/runner/data/wallclock.h"
#include "libcommon/base/format.h"
#include "libcommon/base/utf8.h"
#include "plot.h"
#include "show.h"
#include "text_sink.h"

/* --- fields --- */

static bool needs_quotes(const char *text, size_t size)
{
	if (size && (text[0] == ' ' || text[size - 1] == ' '))
		return true;
	for (size_t i = 0; i < size; i++) {
		if (strchr(",\"\r\n", text[i]) && text[i])
			return true;
	}
	return false;
}

/* Invalid UTF-8 becomes U+FFFD, as does NUL, at which many readers stop. */
static void append_readable(struct str *line, const char *text, size_t size)
{
	const unsigned char *bytes = (const unsigned char *)text;

	for (size_t i = 0, length; i < size; i += length ? length : 1) {
		length = bytes[i] ? utf8_sequence(bytes + i, size - i) : 0;
		if (length == 0)
			str_append(line, "\xef\xbf\xbd");
		else if (bytes[i] == '"')
			str_append(line, "\"\"");
		else
			str_append_bytes(line, bytes + i, length);
	}
}

/* Appends a field behind those that the line has. */
static void append_field(struct str *line, const char *text, size_t size)
{
	const char *quote = needs_quotes(text, size) ? "\"" : "";

	if (line->length)
		str_append_char(line, ',');
	str_append(line, quote);
	append_readable(line, text, size);
	str_append(line, quote);
}

static void append_name(struct str *line, const char *name)
{
	append_field(line, name, strlen(name));
}

static void append_numbered(struct str *line, const char *name, size_t index)
{
	char numbered[32];

	snprintf(numbered, sizeof(numbered), "%s%zu", name, index + 1);
	append_name(line, numbered);
}

/* Writes the line and leaves its first bytes for another one. */
static void write_line(struct output *out, size_t kept)
{
	str_append_char(&out->line, '\n');
	output_write(out, out->line.data, out->line.length);
	str_truncate(&out->line, kept);
}

/* --- values as fields of the output's line --- */

struct csv_sink {
	struct text_sink text; /* of the field that is being described; first, see text_sink.h */
	struct str field;
	struct output *out;
	size_t begin;    /* bytes of the line in front of the value */
	bool is_header;  /* names of the fields instead of their contents */
	bool has_fields; /* one for each member of the group */
	bool is_written; /* the names, or the records of a histogram */
};

static struct csv_sink *csv_of(struct sink *sink)
{
	return (struct csv_sink *)sink;
}

static void end_field(struct csv_sink *csv)
{
	append_field(&csv->out->line, str_text(&csv->field), csv->field.length);
	str_truncate(&csv->field, 0);
}

static void name_field(struct csv_sink *csv, size_t index, const char *name)
{
	if (name)
		append_name(&csv->out->line, name);
	else
		append_numbered(&csv->out->line, "value", index);
	csv->is_written = true;
}

static bool is_of_fields(const struct csv_sink *csv, enum sink_group group)
{
	return group == SINK_KEY || (csv->text.depth == 1 && csv->has_fields);
}

static void begin(struct sink *sink, enum sink_group group)
{
	struct csv_sink *csv = csv_of(sink);

	if (csv->text.depth == 0)
		csv->has_fields = group != SINK_ARRAY;
	if (csv->text.depth == 0 && csv->has_fields)
		csv->text.depth++;
	else
		text_sink_ops.begin(sink, group);
}

static void item(struct sink *sink, enum sink_group group, size_t index, const char *name)
{
	struct csv_sink *csv = csv_of(sink);

	if (!is_of_fields(csv, group))
		text_sink_ops.item(sink, group, index, name);
	else if (csv->is_header)
		name_field(csv, index, name);
	else if (index)
		end_field(csv);
}

static void end(struct sink *sink, enum sink_group group)
{
	struct csv_sink *csv = csv_of(sink);

	if (is_of_fields(csv, group))
		csv->text.depth--;
	else
		text_sink_ops.end(sink, group);
}

/* Both bounds are inclusive; the field of one that does not exist is empty. */
static void write_bucket(struct csv_sink *csv, const struct bucket *bucket)
{
	bool is_negative = bucket->no_low && bucket->high == UINT64_MAX;

	if (!bucket->no_low)
		format_decimal(bucket->low, false, &csv->field);
	end_field(csv);
	if (!bucket->no_high)
		format_decimal(bucket->high, is_negative, &csv->field);
	end_field(csv);
	format_decimal(bucket->count, false, &csv->field);
	end_field(csv);
	write_line(csv->out, csv->begin);
}

static void histogram(struct sink *sink, const struct histogram *histogram)
{
	struct csv_sink *csv = csv_of(sink);

	if (csv->text.depth) {
		text_sink_ops.histogram(sink, histogram);
		return;
	}
	csv->is_written = true;
	if (csv->is_header) {
		append_name(&csv->out->line, "low");
		append_name(&csv->out->line, "high");
		append_name(&csv->out->line, "count");
		return;
	}
	for (size_t i = 0; i < histogram->count; i++)
		write_bucket(csv, &histogram->buckets[i]);
	if (histogram->count == 0)
		write_bucket(csv, &(struct bucket){.no_low = true, .no_high = true});
}

/* A record for each interval with a value; times as spreadsheets read them. */
static void write_point(struct csv_sink *csv, const struct series_point *point)
{
	wallclock_format("%Y-%m-%d ", point->begin, &csv->field);
	plot_append_time(&csv->field, point->begin, 9);
	end_field(csv);
	format_decimal((uint64_t)point->value, true, &csv->field);
	end_field(csv);
	write_line(csv->out, csv->begin);
}

static void series(struct sink *sink, const struct series *series)
{
	struct csv_sink *csv = csv_of(sink);

	csv->is_written = true;
	if (csv->is_header) {
		append_name(&csv->out->line, "interval_start");
		append_name(&csv->out->line, "value");
		return;
	}
	for (size_t i = 0; i < series->count; i++) {
		if (series->points[i].has_value)
			write_point(csv, &series->points[i]);
	}
}

static struct sink_ops sink_ops(void)
{
	struct sink_ops ops = text_sink_ops;

	ops.histogram = histogram;
	ops.series = series;
	ops.begin = begin;
	ops.item = item;
	ops.end = end;
	return ops;
}

/* Appends the fields of a value, or their names. Returns false if there are none behind the line's:
 * they were written as records. */
static bool append_value(struct output *out, const struct value *value, bool is_header)
{
	const struct sink_ops ops = sink_ops();
	struct csv_sink csv = {.out = out, .begin = out->line.length, .is_header = is_header};

	csv.text = text_sink(&csv.field, out->escapes);
	csv.text.sink.ops = &ops;
	value_describe(value, &csv.text.sink);
	if (!csv.is_written && is_header)
		append_name(&out->line, "value");
	else if (!csv.is_written)
		end_field(&csv);
	str_deinit(&csv.field);
	return is_header || !csv.is_written;
}

/* Appends the fields of a key: its parts are those of a group that has begun. */
static void append_key(struct output *out, const struct value *key)
{
	const struct sink_ops ops = sink_ops();
	struct csv_sink csv = {.out = out, .has_fields = true};

	csv.text = text_sink(&csv.field, out->escapes);
	csv.text.sink.ops = &ops;
	csv.text.depth = 1;
	value_describe_key(key, &csv.text.sink);
	end_field(&csv);
	str_deinit(&csv.field);
}

/* "key", or "key1,key2" where it has parts. */
static void append_key_names(struct output *out, const struct value *key)
{
	const struct types *types = key->reader->bundle->types;

	if (types_class(types, key->type) != TYPE_TUPLE) {
		append_name(&out->line, "key");
		return;
	}
	for (uint32_t i = 0; i < types_member_count(types, key->type); i++)
		append_numbered(&out->line, "key", i);
}

/* Begins a record, whose first field is its kind. */
static void begin_line(struct output *out, const char *kind)
{
	str_truncate(&out->line, 0);
	append_name(&out->line, kind);
}

/* --- records --- */

static void attached(struct output *out _unused_, size_t probes _unused_)
{
}

/* A final line feed is dropped: the record has its own. */
/* The output of commands comes in pieces, which end anywhere: it is not changed. */
static void printed(struct output *out, const char *kind, const void *text, size_t size)
{
	const char *bytes = text;
	bool is_whole = strcmp(kind, "syscall") != 0;

	begin_line(out, kind);
	append_field(&out->line, text, size - (is_whole && size && bytes[size - 1] == '\n'));
	write_line(out, 0);
}

static void value(struct output *out, const struct value *value)
{
	begin_line(out, "value");
	if (append_value(out, value, false))
		write_line(out, 0);
}

static void dump(struct output *out _unused_)
{
}

static void map_begin(struct output *out _unused_, struct map_view *map _unused_)
{
}

static void header(
	struct output *out, const struct map_view *map, const struct map_element *element)
{
	begin_line(out, "map");
	if (map->key_type)
		append_key_names(out, &element->key);
	append_value(out, &element->value, true);
	write_line(out, 0);
}

/* All elements have the fields of the first one. */
static void element(struct output *out, struct map_view *map, const struct map_element *element)
{
	if (element->index == 0)
		header(out, map, element);
	begin_line(out, map->name);
	if (map->key_type)
		append_key(out, &element->key);
	if (append_value(out, &element->value, false))
		write_line(out, 0);
}

/* Losses are no records, as they would not fit the columns: they are warnings. */
const struct output_ops output_csv = {
	.name = "csv",
	.attached = attached,
	.printed = printed,
	.value = value,
	.dump = dump,
	.map_begin = map_begin,
	.element = element,
};
