/* SPDX-License-Identifier: Apache-2.0 */
#include "profile.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "bpftrace/runner/data/aggregate.h"
#include "bpftrace/runner/data/number.h"
#include "libcommon/base/io.h"
#include "libcommon/base/log.h"
#include "spell.h"
#include "text_sink.h"

/* --- the frames of a key --- */

struct path_sink {
	struct text_sink text; /* of the frame that is being described; first, see text_sink.h */
	struct profile_path *path;
	VEC(struct path_frame) stacks[NR_FRAME_KINDS]; /* follow the other parts of the key */
	unsigned depth;                                /* of groups that are one frame */
	size_t begin;                                  /* of the frame's name */
	bool is_open;                                  /* a frame is being described */
};

static struct path_sink *path_of(struct sink *sink)
{
	return (struct path_sink *)sink;
}

/* A name that is empty would be taken for a missing frame. */
static struct path_frame frame_of(struct profile_path *path, enum frame_kind kind, size_t begin)
{
	if (path->names.length == begin)
		str_append(&path->names, "[empty]");
	return (struct path_frame){
		.kind = kind, .name = begin, .length = path->names.length - begin};
}

static void end_frame(struct path_sink *sink)
{
	if (sink->is_open)
		vec_push(&sink->path->frames, frame_of(sink->path, FRAME_KEY, sink->begin));
	sink->is_open = false;
}

static void begin_frame(struct path_sink *sink)
{
	end_frame(sink);
	sink->begin = sink->path->names.length;
	sink->is_open = true;
}

/* Members of tuples are frames of their own. */
static bool is_of_frames(const struct path_sink *sink, enum sink_group group)
{
	return sink->depth == 0 && (group == SINK_KEY || group == SINK_TUPLE);
}

static void begin(struct sink *sink, enum sink_group group)
{
	if (is_of_frames(path_of(sink), group)) {
		path_of(sink)->is_open = false;
		return;
	}
	path_of(sink)->depth++;
	text_sink_ops.begin(sink, group);
}

static void item(struct sink *sink, enum sink_group group, size_t index, const char *name)
{
	if (is_of_frames(path_of(sink), group))
		begin_frame(path_of(sink));
	else
		text_sink_ops.item(sink, group, index, name);
}

static void end(struct sink *sink, enum sink_group group)
{
	if (is_of_frames(path_of(sink), group))
		return;
	path_of(sink)->depth--;
	text_sink_ops.end(sink, group);
}

/* Lines are the innermost frame first, paths begin at the root. */
static void push_stack(struct path_sink *sink, const struct sink_stack *stack)
{
	enum frame_kind kind = stack->is_kernel ? FRAME_KERNEL : FRAME_USER;
	const char *end = stack->frames + strlen(stack->frames);

	while (end > stack->frames) {
		const char *before = memrchr(stack->frames, '\n', (size_t)(end - stack->frames));
		const char *line = before ? before + 1 : stack->frames;
		size_t begin = sink->path->names.length;

		str_append_bytes(&sink->path->names, line, (size_t)(end - line));
		vec_push(&sink->stacks[kind], frame_of(sink->path, kind, begin));
		end = before ? before : stack->frames;
	}
}

static void stack(struct sink *sink, const struct sink_stack *stack)
{
	if (path_of(sink)->depth) {
		text_sink_ops.stack(sink, stack);
		return;
	}
	path_of(sink)->is_open = false;
	push_stack(path_of(sink), stack);
}

static struct sink_ops sink_ops(void)
{
	struct sink_ops ops = text_sink_ops;

	ops.stack = stack;
	ops.begin = begin;
	ops.item = item;
	ops.end = end;
	return ops;
}

static void append_stacks(struct path_sink *sink)
{
	const struct path_frame *frame;

	for (size_t i = 0; i < NR_FRAME_KINDS; i++) {
		vec_for_each (&sink->stacks[i], frame)
			vec_push(&sink->path->frames, *frame);
		vec_deinit(&sink->stacks[i]);
	}
}

static void push_text(struct profile_path *path, enum frame_kind kind, const char *text)
{
	size_t begin = path->names.length;

	str_append(&path->names, text);
	vec_push(&path->frames, frame_of(path, kind, begin));
}

static void push_key(struct profile_path *path, const struct value *key)
{
	const struct sink_ops ops = sink_ops();
	struct path_sink sink = {.text = text_sink(&path->names, false), .path = path};

	sink.text.sink.ops = &ops;
	value_describe_key(key, &sink.text.sink);
	end_frame(&sink);
	append_stacks(&sink);
}

static void set_path(struct profile_path *path, const struct map_view *map,
	const struct map_element *element, bool is_named)
{
	str_truncate(&path->names, 0);
	path->frames.count = 0;
	if (is_named || !map->key_type)
		push_text(path, FRAME_KEY, map->name);
	if (!map->key_type)
		return;

	size_t before = path->frames.count;

	push_key(path, &element->key);
	if (path->frames.count == before)
		push_text(path, FRAME_KEY, "[no stack]");
}

/* --- which maps --- */

static bool has_stack(const struct types *types, uint32_t type)
{
	if (types_class(types, type) != TYPE_TUPLE)
		return spell_is_stack(types, type);
	for (uint32_t i = 0; i < types_member_count(types, type); i++) {
		if (has_stack(types, types_member_at(types, type, i).type))
			return true;
	}
	return false;
}

bool profile_shows(const struct types *types, uint32_t key_type, uint32_t value_type,
	const struct aggregate *aggregate)
{
	if (aggregate && aggregate->ops)
		return aggregate->ops->total || aggregate->ops->shape == SHAPE_HISTOGRAM;
	return key_type && has_stack(types, key_type) && types_is_integer(types, value_type) &&
	       types_size(types, value_type) <= sizeof(uint64_t);
}

void profile_deinit(struct profile *profile)
{
	hashmap_deinit(&profile->warned);
	str_deinit(&profile->path.names);
	vec_deinit(&profile->path.frames);
}

static void warn_once(struct profile *profile, const char *map, const char *what)
{
	void **slot = hashmap_text_slot(&profile->warned, map);

	if (!*slot)
		log_warning("%s: %s", map, what);
	*slot = profile;
}

bool profile_begin(struct profile *profile, struct output *out, const struct map_view *map)
{
	if (profile_shows(
		    out->reader.bundle->types, map->key_type, map->value_type, map->aggregate))
		return true;
	warn_once(profile, map->name,
		"left out of the profile, which shows count(), sum(), avg(), stats(), hist() and "
		"lhist(), and integers by stacks");
	return false;
}

/* --- counts --- */

struct counting {
	struct sink sink; /* of histograms; first */
	struct profile *profile;
	profile_fn *visit;
	void *context;
};

static int64_t rank_of(const struct bucket *bucket)
{
	if (bucket->no_low)
		return INT64_MIN;
	return bucket->low > INT64_MAX ? INT64_MAX : (int64_t)bucket->low;
}

static void count_bucket(
	struct counting *counting, const struct histogram *histogram, const struct bucket *bucket)
{
	struct profile_path *path = &counting->profile->path;
	size_t length = path->names.length, count = path->frames.count;

	text_sink_append_label(&path->names, histogram, bucket);

	struct path_frame frame = frame_of(path, FRAME_BUCKET, length);

	frame.rank = rank_of(bucket);
	vec_push(&path->frames, frame);
	counting->visit(counting->context, path, bucket->count);
	path->frames.count = count;
	str_truncate(&path->names, length);
}

static void count_buckets(struct sink *sink, const struct histogram *histogram)
{
	for (size_t i = 0; i < histogram->count; i++)
		count_bucket((struct counting *)sink, histogram, &histogram->buckets[i]);
}

/* False: it is negative. */
static bool count_of(const struct value *value, uint64_t *ret)
{
	const struct types *types = value->reader->bundle->types;
	const struct aggregate *aggregate = value->aggregate;

	if (aggregate)
		return aggregate->ops->total(aggregate, value->data, value->divisor, ret);

	bool is_signed = types_is_signed(types, value->type);
	uint64_t number = number_read(value->data, types_size(types, value->type), is_signed);

	*ret = number_divide(number, is_signed, value->divisor);
	return !is_signed || (int64_t)number >= 0;
}

void profile_element(struct profile *profile, const struct map_view *map,
	const struct map_element *element, bool is_named, profile_fn *visit, void *context)
{
	static const struct sink_ops ops = {.histogram = count_buckets};
	struct counting counting = {{&ops}, profile, visit, context};
	uint64_t count = 0;

	set_path(&profile->path, map, element, is_named);
	if (map->shape == SHAPE_HISTOGRAM)
		value_describe(&element->value, &counting.sink);
	else if (count_of(&element->value, &count))
		visit(context, &profile->path, count);
	else
		warn_once(profile, map->name, "negative numbers are left out of the profile");
}

/* --- what is no map --- */

void profile_attached(struct output *out _unused_, size_t probes _unused_)
{
}

/* An error is not reported: where reports go, there it was. */
void profile_printed(
	struct output *out _unused_, const char *kind _unused_, const void *text, size_t size)
{
	if (log_settings.before)
		log_settings.before();
	error_free(io_write_all(STDERR_FILENO, text, size, "standard error"));
}

void profile_value(struct output *out, const struct value *value)
{
	str_truncate(&out->line, 0);
	value_append_text(value, out->escapes, &out->line);
	str_append_char(&out->line, '\n');
	profile_printed(out, "value", out->line.data, out->line.length);
}

void profile_dump(struct output *out _unused_)
{
}
