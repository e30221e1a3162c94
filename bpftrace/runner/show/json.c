/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON for programs: one object a line, {"type": …, "data": …}, written piece by piece, so that a
 * map of any size passes through the output's buffer. A map's object has a member per key; the
 * parts of a key are joined by commas.
 */
#include <string.h>

#include "bpftrace/runner/data/number.h"
#include "bpftrace/runner/data/wallclock.h"
#include "bpftrace/runner/names/frames.h"
#include "libcommon/base/format.h"
#include "libcommon/base/json_writer.h"
#include "libcommon/base/utf8.h"
#include "plot.h"
#include "show.h"
#include "spell.h"
#include "text_sink.h"

/* --- values --- */

struct json_sink {
	struct sink sink;
	struct json_writer *writer;
};

static struct json_writer *writer_of(struct sink *sink)
{
	return ((struct json_sink *)sink)->writer;
}

/* As a number it would lose its last digits in many readers. */
static void write_digits(struct json_writer *writer, uint64_t value)
{
	_cleanup_str_ struct str text = STR_INIT;

	format_decimal(value, false, &text);
	json_write_string(writer, text.data, text.length);
}

/* In the way of 0.20 every number is one. */
static void integer(struct sink *sink, uint64_t value, bool is_signed)
{
	if (sink->is_newer && !is_signed && value > INT64_MAX)
		write_digits(writer_of(sink), value);
	else
		json_write_integer(writer_of(sink), value, is_signed);
}

static void boolean(struct sink *sink, bool value)
{
	json_write_boolean(writer_of(sink), value);
}

static void real(struct sink *sink, double value)
{
	json_write_real(writer_of(sink), value);
}

static void write_address(struct json_writer *writer, uint64_t address)
{
	_cleanup_str_ struct str text = STR_INIT;

	number_append_address(&text, address);
	json_write_string(writer, text.data, text.length);
}

/* A text, too. */
static void address(struct sink *sink, uint64_t address)
{
	if (sink->is_newer)
		write_digits(writer_of(sink), address);
	else
		write_address(writer_of(sink), address);
}

static void text(struct sink *sink, const void *data, size_t size, bool is_own _unused_)
{
	json_write_string(writer_of(sink), data, size);
}

/* As print() shows it. */
static void stack(struct sink *sink, const struct sink_stack *stack)
{
	_cleanup_str_ struct str lines = STR_INIT;
	struct text_sink text = text_sink(&lines, false);

	text_sink_append_stack(&text, stack, TEXT_SINK_BLANKS);
	json_write_string(writer_of(sink), lines.data, lines.length);
}

static void write_number(struct json_writer *writer, const char *name, uint64_t number)
{
	json_write_member(writer, name);
	json_write_integer(writer, number, false);
}

static void write_text(struct json_writer *writer, const char *name, const char *text)
{
	if (!text)
		return;
	json_write_member(writer, name);
	json_write_string(writer, text, strlen(text));
}

static void write_frame(struct sink *sink, const struct frame *frame)
{
	struct json_writer *writer = writer_of(sink);

	json_write_begin(writer, '{');
	json_write_member(writer, "address");
	write_address(writer, frame->address);
	write_text(writer, "name", frame->name);
	if (frame->name && !frame->is_inlined)
		write_number(writer, "offset", frame->offset);
	write_text(writer, "object", frame->object);
	write_text(writer, "build_id", frame->build_id);
	if (frame->build_id)
		write_number(writer, "object_offset", frame->object_offset);
	write_text(writer, "file", frame->source);
	if (frame->line)
		write_number(writer, "line", frame->line);
	if (frame->is_inlined) {
		json_write_member(writer, "inlined");
		json_write_boolean(writer, true);
	}
	json_write_end(writer, '}');
}

static void frames(struct sink *sink, const struct frame *frames, size_t count)
{
	json_write_begin(writer_of(sink), '[');
	for (size_t i = 0; i < count; i++)
		write_frame(sink, &frames[i]);
	json_write_end(writer_of(sink), ']');
}

static void write_bucket(struct json_writer *writer, const struct bucket *bucket)
{
	json_write_begin(writer, '{');
	if (!bucket->no_low)
		write_number(writer, "min", bucket->low);
	if (!bucket->no_high) {
		json_write_member(writer, "max");
		json_write_integer(
			writer, bucket->high, bucket->no_low && bucket->high == UINT64_MAX);
	}
	write_number(writer, "count", bucket->count);
	json_write_end(writer, '}');
}

static void histogram(struct sink *sink, const struct histogram *histogram)
{
	json_write_begin(writer_of(sink), '[');
	for (size_t i = 0; i < histogram->count; i++)
		write_bucket(writer_of(sink), &histogram->buckets[i]);
	json_write_end(writer_of(sink), ']');
}

/* ISO 8601, with the zone. */
static void write_time(struct json_writer *writer, const char *name, struct timespec when)
{
	_cleanup_str_ struct str text = STR_INIT;

	wallclock_format("%Y-%m-%dT", when, &text);
	plot_append_time(&text, when, 9);
	wallclock_format("%z", when, &text);
	write_text(writer, name, str_text(&text));
}

static void write_begin_of(struct json_writer *writer, struct timespec when)
{
	_cleanup_str_ struct str text = STR_INIT;

	wallclock_format("%Y-%m-%d ", when, &text);
	plot_append_time(&text, when, 9);
	write_text(writer, "interval_start", str_text(&text));
}

/* Intervals without a value are left out. */
static void series(struct sink *sink, const struct series *series)
{
	struct json_writer *writer = writer_of(sink);

	json_write_begin(writer, '[');
	for (size_t i = 0; i < series->count; i++) {
		const struct series_point *point = &series->points[i];

		if (!point->has_value)
			continue;
		json_write_begin(writer, '{');
		write_begin_of(writer, point->begin);
		json_write_member(writer, "value");
		json_write_integer(writer, (uint64_t)point->value, true);
		write_time(writer, "time", point->begin);
		json_write_end(writer, '}');
	}
	json_write_end(writer, ']');
}

static bool has_names(enum sink_group group)
{
	return group == SINK_STRUCT || group == SINK_FIELDS;
}

static void begin(struct sink *sink, enum sink_group group)
{
	json_write_begin(writer_of(sink), has_names(group) ? '{' : '[');
}

static void item(
	struct sink *sink, enum sink_group group _unused_, size_t index _unused_, const char *name)
{
	if (name)
		json_write_member(writer_of(sink), name);
}

static void end(struct sink *sink, enum sink_group group)
{
	json_write_end(writer_of(sink), has_names(group) ? '}' : ']');
}

static const struct sink_ops sink_ops = {
	.integer = integer,
	.boolean = boolean,
	.real = real,
	.address = address,
	.text = text,
	.histogram = histogram,
	.series = series,
	.stack = stack,
	.frames = frames,
	.begin = begin,
	.item = item,
	.end = end,
};

static void write_value(struct json_writer *writer, const struct value *value)
{
	struct json_sink sink = {
		.sink = {.ops = &sink_ops, .takes_frames = value_has_frames(value->reader)},
		.writer = writer,
	};

	value_describe(value, &sink.sink);
}

/* --- objects --- */

/* Begins an object in the output's scratch line. */
static struct json_writer begin_object(struct output *out, const char *type)
{
	struct json_writer writer = {.out = &out->line};

	str_truncate(&out->line, 0);
	json_write_begin(&writer, '{');
	write_text(&writer, "type", type);
	return writer;
}

/* The same up to its data. */
static struct json_writer begin_line(struct output *out, const char *type)
{
	struct json_writer writer = begin_object(out, type);

	json_write_member(&writer, "data");
	return writer;
}

static void flush_line(struct output *out)
{
	output_write(out, out->line.data, out->line.length);
	str_truncate(&out->line, 0);
}

static void end_line(struct output *out, struct json_writer *writer)
{
	json_write_end(writer, '}');
	str_append_char(&out->line, '\n');
	flush_line(out);
}

static void attached(struct output *out, size_t probes)
{
	struct json_writer writer = begin_object(out, "attached_probes");

	if (out->reader.bundle->manifest.is_newer)
		write_number(&writer, "count", probes);
	json_write_member(&writer, "data");
	json_write_begin(&writer, '{');
	write_number(&writer, "probes", probes);
	json_write_end(&writer, '}');
	end_line(out, &writer);
}

static void printed(struct output *out, const char *kind, const void *text, size_t size)
{
	struct json_writer writer = begin_line(out, kind);

	json_write_string(&writer, text, size);
	end_line(out, &writer);
}

static void value(struct output *out, const struct value *value)
{
	struct json_writer writer = begin_line(out, "value");

	write_value(&writer, value);
	end_line(out, &writer);
}

static void report(struct output *out, const struct report *report)
{
	struct json_writer writer = begin_object(out, report->type);

	write_text(&writer, "msg", report->text);
	write_text(&writer, "helper", report->helper);
	if (report->helper) {
		json_write_member(&writer, "retcode");
		json_write_integer(&writer, (uint64_t)report->result, true);
	}
	write_text(&writer, "filename", report->file);
	write_number(&writer, "line", report->line);
	write_number(&writer, "col", report->column);
	end_line(out, &writer);
}

static void dump(struct output *out _unused_)
{
}

static void loss(struct output *out, const struct loss *loss)
{
	const struct loss_desc *desc = &loss_descs[loss->kind];
	struct json_writer writer = begin_line(out, desc->type);

	json_write_begin(&writer, '{');
	if (loss->map) {
		json_write_member(&writer, "map");
		json_write_string(&writer, loss->map, strlen(loss->map));
	}
	write_number(&writer, desc->counted, loss->count);
	if (loss->map)
		write_number(&writer, "max_map_keys", loss->limit);
	json_write_end(&writer, '}');
	end_line(out, &writer);
}

/* --- maps --- */

/* Whether a part is shown by a name, which others may have: equal stacks of two processes, say. */
static bool is_shown_by_name(const struct types *types, uint32_t type)
{
	if (types_class(types, type) != TYPE_TUPLE)
		return spell_name_kind(types, type) != NR_NAME_KINDS;
	for (uint32_t i = 0; i < types_member_count(types, type); i++) {
		if (is_shown_by_name(types, types_member_at(types, type, i).type))
			return true;
	}
	return false;
}

/* Whether another key may have the same spelling: a byte that is no UTF-8 is spelled U+FFFD, and a
 * comma may be a part's own. */
static bool is_ambiguous(const struct types *types, uint32_t type, const struct str *key)
{
	const unsigned char *text = (const unsigned char *)key->data;
	size_t commas = 0, length;

	if (is_shown_by_name(types, type))
		return true;
	for (size_t i = 0; i < key->length; i += length) {
		length = utf8_sequence(text + i, key->length - i);
		if (length == 0)
			return true;
		commas += text[i] == ',';
	}
	return types_class(types, type) == TYPE_TUPLE && commas >= types_member_count(types, type);
}

/* The spelling as the name of a member that the object does not have yet: "a", "a (2)", "a (3)". */
static void make_distinct(struct hashmap *names, struct str *key)
{
	_cleanup_str_ struct str quoted = STR_INIT;
	struct json_writer writer = {.out = &quoted};
	size_t length = key->length;

	json_write_string(&writer, key->data, key->length);
	for (unsigned number = 2; hashmap_get(names, quoted.data, quoted.length); number++) {
		str_truncate(key, length);
		str_printf(key, " (%u)", number);
		str_truncate(&quoted, 0);
		writer.has_before = false;
		json_write_string(&writer, key->data, key->length);
	}
	*hashmap_slot(names, quoted.data, quoted.length) = key; /* any pointer but NULL */
}

static void write_key(struct json_writer *writer, struct map_view *map, const struct value *key)
{
	_cleanup_str_ struct str name = STR_INIT;
	struct text_sink text = text_sink(&name, false);

	text.key_separator = ",";
	value_describe_key(key, &text.sink);
	if (is_ambiguous(key->reader->bundle->types, map->key_type, &name))
		make_distinct(&map->keys, &name);
	json_write_name(writer, name.data, name.length);
}

static void map_begin(struct output *out, struct map_view *map)
{
	static const char *const kinds[] = {
		[SHAPE_PLAIN] = "map",
		[SHAPE_STATS] = "stats",
		[SHAPE_HISTOGRAM] = "hist",
		[SHAPE_SERIES] = "tseries",
	};
	TABLE_COMPLETE(kinds, NR_SHAPES);
	struct json_writer writer = begin_line(out, kinds[map->shape]);

	json_write_begin(&writer, '{');
	json_write_member(&writer, map->name);
	if (map->key_type)
		json_write_begin(&writer, '{');
}

static void element(struct output *out, struct map_view *map, const struct map_element *element)
{
	struct json_writer writer = {.out = &out->line, .has_before = element->index > 0};

	if (map->key_type)
		write_key(&writer, map, &element->key);
	write_value(&writer, &element->value);
	flush_line(out);
}

static void map_end(struct output *out, struct map_view *map)
{
	struct json_writer writer = {.out = &out->line};

	if (map->key_type)
		json_write_end(&writer, '}');
	json_write_end(&writer, '}');
	end_line(out, &writer);
}

const struct output_ops output_json = {
	.name = "json",
	.escapes = true,
	.takes_frames = true,
	.attached = attached,
	.printed = printed,
	.value = value,
	.dump = dump,
	.map_begin = map_begin,
	.element = element,
	.map_end = map_end,
	.loss = loss,
	.report = report,
};
