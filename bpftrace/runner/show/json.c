/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON for programs: one object a line, {"type": …, "data": …}, written piece by piece, so that a
 * map of any size passes through the output's buffer. A map's object has a member per key; the
 * parts of a key are joined by commas.
 */
#include <inttypes.h>
#include <string.h>

#include "render.h"
#include "show.h"

/* Begins an object in the output's scratch line. */
static struct str *begin(struct output *out, const char *type)
{
	str_truncate(&out->line, 0);
	str_append(&out->line, "{\"type\": \"");
	str_append(&out->line, type);
	str_append(&out->line, "\", \"data\": ");
	return &out->line;
}

static void flush_line(struct output *out)
{
	output_write(out, out->line.data, out->line.length);
	str_truncate(&out->line, 0);
}

static void end(struct output *out)
{
	str_append(&out->line, "}\n");
	flush_line(out);
}

static void attached(struct output *out, size_t probes)
{
	str_printf(begin(out, "attached_probes"), "{\"probes\": %zu}", probes);
	end(out);
}

static void printed(struct output *out, const char *kind, const void *text, size_t size)
{
	render_quoted(text, size, begin(out, kind));
	end(out);
}

static void value(struct output *out, const struct session *session, uint32_t type,
	const void *data, const void *record, size_t record_size)
{
	struct render render = {.session = session, .record = record, .record_size = record_size};

	render_json(&render, type, data, begin(out, "value"));
	end(out);
}

static void dump(struct output *out _unused_)
{
}

static void append_key(const struct render *render, const struct map_content *content,
	uint32_t index, struct str *out)
{
	const struct map_layout *layout = content->layout;
	_cleanup_str_ struct str key = STR_INIT;

	render_key(
		render, layout->key_type, content->keys.data + index * layout->key_size, ",", &key);
	render_quoted(key.data, key.length, out);
	str_append(out, ": ");
}

static void append_value(const struct map_content *content, uint32_t index,
	const struct render *render, struct str *out)
{
	const struct map_layout *layout = content->layout;
	const struct aggregate_row *row = layout->aggregate.row;
	const char *value = content->values.data + index * layout->value_size;

	if (row)
		row->json(&layout->aggregate, (const void *)value, render->divisor, out);
	else
		render_json(render, layout->value_type, value, out);
}

static void map(struct output *out, const struct session *session,
	const struct map_content *content, uint64_t top, uint64_t divisor)
{
	const struct map_layout *layout = content->layout;
	const char *name = session->bundle.manifest.maps.items[content->map].name;
	struct render render = {.session = session};
	struct render divided = {.session = session, .divisor = divisor};
	_cleanup_free_ uint32_t *order = NULL;
	size_t count = order_content(session->bundle.types, content, top, &order);
	struct str *line = begin(out, layout->aggregate.row ? layout->aggregate.row->kind : "map");

	str_append_char(line, '{');
	render_quoted(name, strlen(name), line);
	str_append(line, layout->key_type ? ": {" : ": ");
	for (size_t i = 0; i < count; i++) {
		order_prefetch(content, order, count, i);
		if (i)
			str_append(line, ", ");
		if (layout->key_type)
			append_key(&render, content, order[i], line);
		append_value(content, order[i], &divided, line);
		flush_line(out);
	}
	str_append(line, layout->key_type ? "}}" : "}");
	end(out);
}

static void lost(struct output *out, uint64_t events)
{
	str_printf(begin(out, "lost_events"), "{\"events\": %" PRIu64 "}", events);
	end(out);
}

static void refused(struct output *out, const char *map, uint64_t updates, uint64_t max_map_keys)
{
	struct str *line = begin(out, "lost_updates");

	str_append(line, "{\"map\": ");
	render_quoted(map, strlen(map), line);
	str_printf(line, ", \"updates\": %" PRIu64 ", \"max_map_keys\": %" PRIu64 "}", updates,
		max_map_keys);
	end(out);
}

static void missed(struct output *out, uint64_t events)
{
	str_printf(begin(out, "missed_events"), "{\"events\": %" PRIu64 "}", events);
	end(out);
}

static void overrun(struct output *out, uint64_t returns)
{
	str_printf(begin(out, "missed_returns"), "{\"returns\": %" PRIu64 "}", returns);
	end(out);
}

static void unattached(struct output *out, uint64_t probes)
{
	str_printf(begin(out, "unattached_probes"), "{\"probes\": %" PRIu64 "}", probes);
	end(out);
}

const struct output_ops output_json = {
	.name = "json",
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
