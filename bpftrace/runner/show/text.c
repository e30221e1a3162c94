/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text for people: values as they are, one line per element of a map, and histograms as a block of
 * lines with an empty line behind.
 */
#include "show.h"
#include "text_sink.h"

/* How many are attached is a notice, not output. */
static void attached(struct output *out _unused_, size_t probes _unused_)
{
}

static void printed(struct output *out, const char *kind _unused_, const void *text, size_t size)
{
	output_write(out, text, size);
}

static void value(struct output *out, const struct value *value)
{
	str_truncate(&out->line, 0);
	value_append_text(value, out->escapes, &out->line);
	str_append_char(&out->line, '\n');
	output_write(out, out->line.data, out->line.length);
}

/* Ends a line that the program or the terminal (^C) left open, and leaves one empty. */
static void dump(struct output *out)
{
	output_write(out, "\n\n", 2);
}

static void map_begin(struct output *out _unused_, struct map_view *map _unused_)
{
}

/* Whether values are several lines. */
static bool is_block(const struct map_view *map)
{
	return map->shape == SHAPE_HISTOGRAM || map->shape == SHAPE_SERIES;
}

/* "@name[key, key]: value" */
static void element(struct output *out, struct map_view *map, const struct map_element *element)
{
	struct text_sink text = text_sink(&out->line, out->escapes);

	str_truncate(&out->line, 0);
	str_append(&out->line, map->name);
	if (map->key_type) {
		str_append_char(&out->line, '[');
		value_describe_key(&element->key, &text.sink);
		str_append_char(&out->line, ']');
		text.is_key = false;
	}
	str_append(&out->line, is_block(map) ? ":\n" : ": ");
	value_describe(&element->value, &text.sink);
	str_append_char(&out->line, '\n');
	output_write(out, out->line.data, out->line.length);
}

/* For compatibility: an empty line follows the largest averages. */
static void map_end(struct output *out, struct map_view *map)
{
	if (map->shape == SHAPE_STATS && map->is_top && map->key_type)
		output_write(out, "\n", 1);
}

const struct output_ops output_text = {
	.name = "text",
	.attached = attached,
	.printed = printed,
	.value = value,
	.dump = dump,
	.map_begin = map_begin,
	.element = element,
	.map_end = map_end,
};
