/* SPDX-License-Identifier: Apache-2.0 */
/* What showing and acting needs, without anything loaded: types, a manifest filled by hand, and an
 * output whose text can be read back. */
#pragma once

#include <sys/mman.h>

#include "bpftrace/runner/action/action.h"
#include "bpftrace/runner/data/mapread.h"
#include "bpftrace/runner/show/show.h"
#include "libcommon/base/alloc.h"
#include "tests/unit/unit.h"

struct show_fixture {
	struct traced traced;
	struct output *output;
	struct actions actions; /* see fixture_actions */
};

static inline struct show_fixture fixture_of(struct types *types)
{
	struct show_fixture fixture = {.traced = TRACED_INIT};

	fixture.traced.bundle.types = types;
	return fixture;
}

static inline struct show_fixture fixture_open(void)
{
	return fixture_of(types_new(NULL));
}

static inline void fixture_close(struct show_fixture *shown)
{
	output_close(shown->output);
	traced_deinit(&shown->traced);
}

/* The fixture's actions, once its output is open and it is not copied any more. */
static inline struct actions *fixture_actions(struct show_fixture *shown)
{
	shown->actions.traced = &shown->traced;
	shown->actions.output = shown->output;
	return &shown->actions;
}

#define _cleanup_fixture_ _cleanup_(fixture_close)

/* Output to a file in memory. */
static inline struct output *fixture_output(struct show_fixture *shown, const char *format)
{
	assert_success(output_open(format, NULL, "full", &shown->output));
	shown->output->fd = memfd_create("output", MFD_CLOEXEC);
	shown->output->owned = true;
	shown->output->reader.bundle = &shown->traced.bundle;
	assert_true(shown->output->fd >= 0);
	return shown->output;
}

/* What was written since the last call; the caller frees it. */
static inline char *fixture_written(struct show_fixture *shown)
{
	struct output *out = shown->output;
	struct str text = STR_INIT;

	output_flush(out);

	ssize_t size = lseek(out->fd, 0, SEEK_END);

	assert_true(size >= 0);
	assert_int_equal(pread(out->fd, str_reserve(&text, (size_t)size), (size_t)size, 0), size);
	text.length = (size_t)size;
	str_append(&text, "");
	assert_int_equal(ftruncate(out->fd, 0), 0);
	lseek(out->fd, 0, SEEK_SET);
	return str_take(&text);
}

/* What the format writes for a value of the fixture's types; the caller frees it. */
static inline char *fixture_shown(
	struct show_fixture *shown, const char *format, const struct value *value)
{
	struct output *before = shown->output;
	struct value copy = *value;

	fixture_output(shown, format);
	copy.reader = &shown->output->reader;
	shown->output->ops->value(shown->output, &copy);

	char *written = fixture_written(shown);

	output_close(shown->output);
	shown->output = before;
	return written;
}

/* Without what the formats have around it. */
static inline void assert_shown_as(struct show_fixture *shown, const char *format,
	const struct value *value, const char *expected)
{
	_cleanup_free_ char *written = fixture_shown(shown, format, value);
	_cleanup_free_ char *line = xasprintf(
		strcmp(format, "json") == 0 ? "{\"type\": \"value\", \"data\": %s}\n" : "%s\n",
		expected);

	assert_string_equal(written, line);
}

static inline void assert_shown(
	struct show_fixture *shown, const struct value *value, const char *text, const char *json)
{
	assert_shown_as(shown, "text", value, text);
	assert_shown_as(shown, "json", value, json);
}

/* Shows the content of a map that fixture_map made. */
static inline void fixture_show(struct show_fixture *shown, const struct map_content *content,
	uint64_t top, uint64_t divisor)
{
	show_content(shown->output, content, top, divisor);
}

#define assert_written(shown, expected)                                                            \
	do {                                                                                       \
		_cleanup_free_ char *written_ = fixture_written(shown);                            \
		assert_string_equal(written_, expected);                                           \
	} while (0)

/* The number of the name is how many there are then. */
static inline void fixture_name(struct show_fixture *shown, const char *name)
{
	vec_push(&shown->traced.bundle.manifest.names, name);
}

/* The type of an aggregation of unsigned numbers, in the form that meanings.def asks for. */
static inline uint32_t fixture_unsigned(struct show_fixture *shown, enum meaning meaning)
{
	struct types *types = shown->traced.bundle.types;
	uint32_t u64 = types_integer(types, 8, false);
	const struct types_field words[] = {{"a", u64}, {"b", u64}, {"c", u64}};
	const size_t counts[NR_MEANINGS] = {[MEANING_SUM] = 1,
		[MEANING_MIN] = 2,
		[MEANING_MAX] = 2,
		[MEANING_AVG] = 3,
		[MEANING_STATS] = 3};

	return types_with_meaning(types, meaning,
		types_struct(types, "words", words, counts[meaning]), AGGREGATION_UNSIGNED);
}

/* The same of signed numbers. */
static inline uint32_t fixture_aggregate(struct show_fixture *shown, enum meaning meaning)
{
	struct types *types = shown->traced.bundle.types;
	uint32_t s64 = types_integer(types, 8, true), u64 = types_integer(types, 8, false);
	const struct types_field count[] = {{"count", u64}};
	const struct types_field sum[] = {{"sum", s64}};
	const struct types_field extreme[] = {{"rank", u64}, {"set", u64}};
	const struct types_field average[] = {{"count", u64}, {"total", s64}};

	switch (meaning) {
	case MEANING_COUNT:
		return types_with_meaning(
			types, meaning, types_struct(types, "count", count, 1), NULL);
	case MEANING_SUM:
		return types_with_meaning(types, meaning, types_struct(types, "sum", sum, 1), NULL);
	case MEANING_MIN:
	case MEANING_MAX:
		return types_with_meaning(
			types, meaning, types_struct(types, "extreme", extreme, 2), NULL);
	case MEANING_AVG:
	case MEANING_STATS:
		return types_with_meaning(
			types, meaning, types_struct(types, "average", average, 2), NULL);
	default: fail(); return 0;
	}
}

/* A histogram type with as many buckets as its parameters need. */
static inline uint32_t fixture_histogram(
	struct show_fixture *shown, enum meaning meaning, uint64_t buckets, const char *parameters)
{
	struct types *types = shown->traced.bundle.types;
	uint32_t form = types_array(types, types_integer(types, 8, false), (uint32_t)buckets);

	return types_with_meaning(types, meaning, form, parameters);
}

/* A map called name; its content is added by fixture_element. */
static inline struct map_content fixture_map(
	struct show_fixture *shown, const char *name, uint32_t key, uint32_t value)
{
	struct types *types = shown->traced.bundle.types;
	struct map_layout *layout = arena_new(&shown->traced.arena, struct map_layout);

	*layout = (struct map_layout){
		.key_type = key,
		.value_type = value,
		.key_size = key ? types_size(types, key) : 0,
		.value_size = types_size(types, value),
	};
	assert_success(aggregate_find(types, value, &layout->aggregate));
	vec_push(&shown->traced.bundle.manifest.maps,
		((struct manifest_map){.name = name, .keyed = key != 0}));
	return (struct map_content){
		.map = (uint32_t)shown->traced.bundle.manifest.maps.count - 1,
		.layout = layout,
	};
}

static inline void fixture_element(struct map_content *content, const void *key, const void *value)
{
	str_append_bytes(&content->keys, key, content->layout->key_size);
	str_append_bytes(&content->values, value, content->layout->value_size);
	content->count++;
}
