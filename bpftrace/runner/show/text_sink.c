/* SPDX-License-Identifier: Apache-2.0 */
#include "text_sink.h"

#include <inttypes.h>
#include <string.h>

#include "bpftrace/runner/data/number.h"
#include "libcommon/base/attributes.h"
#include "libcommon/base/format.h"
#include "libcommon/base/utf8.h"
#include "plot.h"

enum {
	LABEL_WIDTH = 16,
	BAR_WIDTH = 52,
};

static struct text_sink *text_of(struct sink *sink)
{
	return (struct text_sink *)sink;
}

static void integer(struct sink *sink, uint64_t value, bool is_signed)
{
	format_decimal(value, is_signed, text_of(sink)->out);
}

static void boolean(struct sink *sink, bool value)
{
	str_append(text_of(sink)->out, value ? "true" : "false");
}

static void real(struct sink *sink, double value)
{
	str_printf(text_of(sink)->out, "%g", value);
}

static void address(struct sink *sink, uint64_t address)
{
	number_append_address(text_of(sink)->out, address);
}

void text_sink_append(
	struct text_sink *text, const void *data, size_t size, bool is_own, const char *raw)
{
	if (text->escapes && !is_own)
		utf8_append_visible(text->out, data, size, raw);
	else
		str_append_bytes(text->out, data, size);
}

static void text(struct sink *sink, const void *data, size_t size, bool is_own)
{
	text_sink_append(text_of(sink), data, size, is_own, "");
}

/* --- groups --- */

struct style {
	const char *begin, *separator, *end;
	const char *before_name, *behind_name;
};

static const struct style styles[] = {
	[SINK_KEY] = {.separator = ", "},
	[SINK_TUPLE] = {"(", ", ", ")", "", ""},
	[SINK_ARRAY] = {"[", ",", "]", "", ""},
	[SINK_STRUCT] = {"{ ", ", ", " }", ".", " = "},
	[SINK_FIELDS] = {"", ", ", "", "", " "},
};
TABLE_COMPLETE(styles, NR_SINK_GROUPS);

/* Scripts of the newer generation show the numbers of an aggregation as a struct. */
static const struct style *style_of(const struct sink *sink, enum sink_group group)
{
	return &styles[group == SINK_FIELDS && sink->is_newer ? SINK_STRUCT : group];
}

static void begin(struct sink *sink, enum sink_group group)
{
	text_of(sink)->depth++;
	str_append(text_of(sink)->out, style_of(sink, group)->begin);
}

static void item(struct sink *sink, enum sink_group group, size_t index, const char *name)
{
	struct text_sink *text = text_of(sink);
	const struct style *style = style_of(sink, group);

	text->is_key = group == SINK_KEY || (text->is_key && text->depth);
	if (index)
		str_append(text->out, group == SINK_KEY ? text->key_separator : style->separator);
	if (!name)
		return;
	str_append(text->out, style->before_name);
	str_append(text->out, name);
	str_append(text->out, style->behind_name);
}

static void end(struct sink *sink, enum sink_group group)
{
	text_of(sink)->depth--;
	str_append(text_of(sink)->out, style_of(sink, group)->end);
}

/* --- histograms --- */

/* With the largest unit of K = 1024, M, G, T, P and E that divides it. */
static void append_bound(struct str *out, const struct histogram *histogram, uint64_t bound)
{
	static const char units[] = "KMGTPE";
	const char *unit = NULL;

	for (; histogram->has_units && bound && bound % 1024 == 0; bound /= 1024)
		unit = unit ? unit + 1 : units;
	format_decimal(bound, false, out);
	if (unit)
		str_append_char(out, *unit);
}

void text_sink_append_label(
	struct str *out, const struct histogram *histogram, const struct bucket *bucket)
{
	if (bucket->no_low) {
		str_append(out, "(..., ");
		append_bound(out, histogram, bucket->high + 1);
		str_append_char(out, ')');
		return;
	}
	str_append_char(out, '[');
	append_bound(out, histogram, bucket->low);
	if (bucket->no_high) {
		str_append(out, ", ...)");
		return;
	}
	if (bucket->is_single) {
		str_append_char(out, ']');
		return;
	}
	str_append(out, ", ");
	if (bucket->high == UINT64_MAX)
		str_append(out, "16E");
	else
		append_bound(out, histogram, bucket->high + 1);
	str_append_char(out, ')');
}

static void append_bar(struct str *out, uint64_t events, uint64_t largest)
{
	size_t filled = (size_t)((unsigned __int128)events * BAR_WIDTH / largest);

	str_append(out, " |");
	str_append_repeat(out, '@', filled);
	str_append_repeat(out, ' ', BAR_WIDTH - filled);
	str_append(out, "|\n");
}

static void append_line(
	struct str *out, const struct histogram *histogram, const struct bucket *bucket)
{
	size_t start = out->length;

	text_sink_append_label(out, histogram, bucket);

	size_t length = out->length - start;

	if (length < LABEL_WIDTH)
		str_append_repeat(out, ' ', LABEL_WIDTH - length);
	str_printf(out, "%8" PRIu64, bucket->count);
	append_bar(out, bucket->events, histogram->largest);
}

/* "{[2, 4): 1, [4, 8): 0}" */
static void append_list(struct str *out, const struct histogram *histogram)
{
	str_append_char(out, '{');
	for (size_t i = 0; i < histogram->count; i++) {
		const struct bucket *bucket = &histogram->buckets[i];

		if (i)
			str_append(out, ", ");
		text_sink_append_label(out, histogram, bucket);
		str_printf(out, ": %" PRIu64, bucket->count);
	}
	str_append_char(out, '}');
}

static void histogram(struct sink *sink, const struct histogram *histogram)
{
	struct text_sink *text = text_of(sink);

	if (text->depth) {
		append_list(text->out, histogram);
		return;
	}
	for (size_t i = 0; i < histogram->count; i++)
		append_line(text->out, histogram, &histogram->buckets[i]);
}

static void series(struct sink *sink, const struct series *series)
{
	plot_append(text_of(sink)->out, series);
}

/* --- stacks --- */

void text_sink_append_stack(struct text_sink *text, const struct sink_stack *stack, unsigned blanks)
{
	const char *line = stack->frames;

	str_append_char(text->out, '\n');
	while (*line) {
		size_t length = strcspn(line, "\n");

		str_append_repeat(
			text->out, stack->is_table ? '\t' : ' ', stack->is_table ? 1 : blanks);
		text_sink_append(text, line, length, false, "");
		str_append_char(text->out, '\n');
		line += length + (line[length] == '\n');
	}
}

static void stack(struct sink *sink, const struct sink_stack *stack)
{
	struct text_sink *text = text_of(sink);

	text_sink_append_stack(text, stack, text->is_key ? stack->blanks_in_key : TEXT_SINK_BLANKS);
}

const struct sink_ops text_sink_ops = {
	.integer = integer,
	.boolean = boolean,
	.real = real,
	.address = address,
	.text = text,
	.histogram = histogram,
	.series = series,
	.stack = stack,
	.begin = begin,
	.item = item,
	.end = end,
};

struct text_sink text_sink(struct str *out, bool escapes)
{
	return (struct text_sink){
		.sink.ops = &text_sink_ops,
		.out = out,
		.escapes = escapes,
		.key_separator = styles[SINK_KEY].separator,
	};
}
