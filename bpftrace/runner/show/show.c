/* SPDX-License-Identifier: Apache-2.0 */
/* Prints maps and reports lost records. */
#include <errno.h>
#include <unistd.h>

#include "bpftrace/runner/process/progress.h"
#include "fetch.h"
#include "libcommon/base/diag.h"
#include "libcommon/base/log.h"
#include "profile.h"
#include "show.h"

/* Logs an error; the content is empty then. */
static void read_map(struct traced *traced, uint32_t map, struct map_content *ret)
{
	_cleanup_error_ struct error *error = mapread(traced, map, ret);

	if (error)
		log_error("%s", error->message);
}

static struct value value_of(struct value_reader *reader, uint32_t type, const struct str *data,
	size_t size, uint32_t index)
{
	return (struct value){
		.reader = reader,
		.type = type,
		.data = data->data + index * size,
	};
}

static void print_element(struct output *out, struct map_view *map,
	const struct map_content *content, uint32_t index, size_t at, uint64_t divisor)
{
	const struct map_layout *layout = content->layout;
	struct map_element element = {
		.index = at,
		.value = value_of(&out->reader, layout->value_type, &content->values,
			layout->value_size, index),
	};

	element.value.divisor = divisor;
	if (layout->aggregate.ops)
		element.value.aggregate = &layout->aggregate;
	if (layout->key_type)
		element.key = value_of(
			&out->reader, layout->key_type, &content->keys, layout->key_size, index);
	out->ops->element(out, map, &element);
}

static void print_content(
	struct output *out, const struct map_content *content, uint64_t top, uint64_t divisor)
{
	const struct map_layout *layout = content->layout;
	_cleanup_free_ uint32_t *order = NULL;
	size_t count = order_content(&out->reader, content, top, &order);
	struct map_view map = {
		.name = out->reader.bundle->manifest.maps.items[content->map].name,
		.key_type = layout->key_type,
		.value_type = layout->value_type,
		.aggregate = layout->aggregate.ops ? &layout->aggregate : NULL,
		.shape = layout->aggregate.ops ? layout->aggregate.ops->shape : SHAPE_PLAIN,
		.is_top = top > 0,
	};

	struct fetch fetch = fetch_init(&out->reader, content);

	out->reader.names_functions = out->ops->is_profile;
	out->ops->map_begin(out, &map);
	for (size_t i = 0; i < count; i++) {
		fetch_names(&fetch, order, count, i);
		order_prefetch(content, order, count, i);
		progress_step(i);
		print_element(out, &map, content, order[i], i, divisor);
	}
	if (out->ops->map_end)
		out->ops->map_end(out, &map);
	out->reader.names_functions = false;
	hashmap_deinit(&map.keys);
	fetch_deinit(&fetch);
}

/* Progress is shown unless the output itself is on a terminal. */
void show_content(
	struct output *out, const struct map_content *content, uint64_t top, uint64_t divisor)
{
	enum { MANY = 10000 };
	bool is_long = content->count > MANY && !isatty(out->fd);

	if (!content->count)
		return;
	if (is_long)
		progress_begin("printing", top ? MIN(top, content->count) : content->count);
	print_content(out, content, top, divisor);
	if (is_long)
		progress_end();
}

void show_zero(const struct output *out, struct map_content *content)
{
	const struct map_layout *layout = content->layout;

	if (!layout || layout->key_type || content->count || !out->reader.bundle->manifest.is_newer)
		return;
	if (layout->aggregate.ops && layout->aggregate.ops->shape >= SHAPE_HISTOGRAM)
		return;
	str_append_repeat(&content->values, '\0', layout->value_size);
	content->count = 1;
}

void show_map(
	struct output *out, struct traced *traced, uint32_t map, uint64_t top, uint64_t divisor)
{
	_cleanup_map_content_ struct map_content content = {};

	read_map(traced, map, &content);
	show_zero(out, &content);
	show_content(out, &content, top, divisor);
}

void show_maps(struct output *out, struct traced *traced)
{
	bool any = false;

	for (uint32_t i = 0; i < traced->bundle.manifest.maps.count; i++) {
		_cleanup_map_content_ struct map_content content = {};

		read_map(traced, i, &content);
		if (content.count && !any)
			out->ops->dump(out);
		any = any || content.count;
		show_content(out, &content, 0, 1);
	}
}

void show_lost(struct output *out, const struct traced *traced)
{
	if (!traced->state)
		return;

	uint64_t lost = traced->state->lost + traced->state->lost_control;

	if (lost == out->lost)
		return;
	show_loss(out, &(struct loss){.kind = LOSS_EVENTS, .count = lost - out->lost});
	out->lost = lost;
}

void show_prepare(struct output *out, const struct traced *traced)
{
	size_t count = 0;

	for (size_t i = 0; i < traced->bundle.manifest.maps.count; i++) {
		const struct map_layout *layout = &traced->map_layouts[i];

		count += profile_shows(traced->bundle.types, layout->key_type, layout->value_type,
			&layout->aggregate);
	}
	out->has_several_profiles = count > 1;
}

void show_loss(struct output *out, const struct loss *loss)
{
	if (out->ops->loss)
		out->ops->loss(out, loss);
	else
		loss_warn(loss);
}

bool show_report(
	struct output *out, const struct traced *traced, struct span place, struct report report)
{
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	struct position position;

	if (!out->ops->report)
		return false;
	manifest_add_sources(&traced->bundle.manifest, &diags);
	position = diags_position(&diags, place.source, place.begin);
	report.file = diags.sources.items[place.source].name;
	report.line = position.line;
	report.column = position.column;
	out->ops->report(out, &report);
	return true;
}

void show_cleared(struct output *out, const char *map)
{
	if (out->ops->cleared)
		out->ops->cleared(out, map);
}

bool show_finish(struct output *out)
{
	if (out->ops->finish)
		out->ops->finish(out);
	output_flush(out);
	progress_note(NULL);
	return !out->failed || out->failed == EPIPE;
}
