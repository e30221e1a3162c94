/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text for people: values as they are, one line per element of a map, and histograms as a block of
 * lines with an empty line behind.
 */
#include <inttypes.h>

#include "libcommon/base/log.h"
#include "render.h"
#include "show.h"

/* How many are attached is a notice, not output. */
static void attached(struct output *out _unused_, size_t probes _unused_)
{
}

static void printed(struct output *out, const char *kind _unused_, const void *text, size_t size)
{
	output_write(out, text, size);
}

static void value(struct output *out, const struct session *session, uint32_t type,
	const void *data, const void *record, size_t record_size)
{
	struct render render = {.session = session, .record = record, .record_size = record_size};

	str_truncate(&out->line, 0);
	render_text(&render, type, data, &out->line);
	str_append_char(&out->line, '\n');
	output_write(out, out->line.data, out->line.length);
}

/* Ends a line that the program or the terminal (^C) left open, and leaves one empty. */
static void dump(struct output *out)
{
	output_write(out, "\n\n", 2);
}

/* "@name[key, key]:" */
static void append_name(const struct render *render, const struct map_content *content,
	uint32_t index, struct str *out)
{
	const struct map_layout *layout = content->layout;

	str_append(out, render->session->bundle.manifest.maps.items[content->map].name);
	if (layout->key_type) {
		str_append_char(out, '[');
		render_key(render, layout->key_type, content->keys.data + index * layout->key_size,
			", ", out);
		str_append_char(out, ']');
	}
	str_append_char(out, ':');
}

static void append_element(const struct render *render, const struct map_content *content,
	uint32_t index, uint64_t divisor, struct str *out)
{
	const struct map_layout *layout = content->layout;
	const struct aggregate_row *row = layout->aggregate.row;
	const char *value = content->values.data + index * layout->value_size;
	struct render divided = *render;

	divided.divisor = divisor;
	append_name(render, content, index, out);
	str_append_char(out, row && row->block ? '\n' : ' ');
	if (row)
		row->text(&layout->aggregate, (const void *)value, divisor, out);
	else
		render_text(&divided, layout->value_type, value, out);
	str_append_char(out, '\n');
}

static void map(struct output *out, const struct session *session,
	const struct map_content *content, uint64_t top, uint64_t divisor)
{
	struct render render = {.session = session};
	_cleanup_free_ uint32_t *order = NULL;
	size_t count = order_content(session->bundle.types, content, top, &order);

	for (size_t i = 0; i < count; i++) {
		order_prefetch(content, order, count, i);
		str_truncate(&out->line, 0);
		append_element(&render, content, order[i], divisor, &out->line);
		output_write(out, out->line.data, out->line.length);
	}
}

static void lost(struct output *out _unused_, uint64_t events)
{
	log_warning("Lost %" PRIu64 " events", events);
}

static void refused(
	struct output *out _unused_, const char *map, uint64_t updates, uint64_t max_map_keys)
{
	log_warning("%s: %" PRIu64 " updates failed, the map was full; raise max_map_keys (now "
		    "%" PRIu64 ")",
		map, updates, max_map_keys);
}

static void missed(struct output *out _unused_, uint64_t events)
{
	log_warning("%" PRIu64 " events were missed: they came while a program of this script was "
		    "running on the same CPU",
		events);
}

static void overrun(struct output *out _unused_, uint64_t returns)
{
	log_warning("%" PRIu64
		    " returns were missed: more calls of the functions ran at a time than "
		    "the kernel waits for",
		returns);
}

static void unattached(struct output *out _unused_, uint64_t probes)
{
	log_warning("%" PRIu64
		    " of the probes were not attached: the kernel refused them; -v names "
		    "them",
		probes);
}

const struct output_ops output_text = {
	.name = "text",
	.attached = attached,
	.printed = printed,
	.value = value,
	.dump = dump,
	.map = map,
	.lost = lost,
	.refused = refused,
	.missed = missed,
	.overrun = overrun,
	.unattached = unattached,
};
