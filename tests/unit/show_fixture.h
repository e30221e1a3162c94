/* SPDX-License-Identifier: Apache-2.0 */
/* A session as the runner's showing half needs it, without anything loaded: types, a manifest
 * filled by hand, and an output whose text can be read back. */
#pragma once

#include <sys/mman.h>

#include "bpftrace/runner/mapread.h"
#include "bpftrace/runner/session.h"
#include "bpftrace/runner/show/show.h"
#include "tests/unit/unit.h"

static inline struct session fixture_session(void)
{
	return (struct session){
		.bundle.types = types_new(NULL),
		.data_ring_fd = -1,
		.control_ring_fd = -1,
		.child_pidfd = -1,
	};
}

static inline void fixture_close(struct session *session)
{
	output_close(session->output);
	bundle_deinit(&session->bundle);
	arena_deinit(&session->arena);
}

#define _cleanup_session_ _cleanup_(fixture_close)

/* Output to a file in memory. */
static inline struct output *fixture_output(struct session *session, const char *format)
{
	assert_success(output_open(format, NULL, "full", &session->output));
	session->output->fd = memfd_create("output", MFD_CLOEXEC);
	session->output->owned = true;
	assert_true(session->output->fd >= 0);
	return session->output;
}

/* What was written since the last call; the caller frees it. */
static inline char *fixture_written(struct session *session)
{
	struct output *out = session->output;
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

#define assert_written(session, expected)                                                          \
	do {                                                                                       \
		_cleanup_free_ char *written_ = fixture_written(session);                          \
		assert_string_equal(written_, expected);                                           \
	} while (0)

static inline void fixture_probe(struct session *session, const char *name, const char *function)
{
	vec_push(&session->bundle.manifest.probes,
		((struct manifest_probe){.name = name, .function = function}));
}

/* The type of an aggregation, in the form that named.def asks for. */
static inline uint32_t fixture_aggregate(struct session *session, enum named named)
{
	struct types *types = session->bundle.types;
	uint32_t s64 = types_integer(types, 8, true), u64 = types_integer(types, 8, false);
	const struct types_field count[] = {{"count", u64}};
	const struct types_field sum[] = {{"sum", s64}};
	const struct types_field extreme[] = {{"rank", u64}, {"set", u64}};
	const struct types_field average[] = {{"count", u64}, {"total", s64}};

	switch (named) {
	case NAMED_COUNT:
		return types_named(types, named, types_struct(types, "count", count, 1), NULL);
	case NAMED_SUM: return types_named(types, named, types_struct(types, "sum", sum, 1), NULL);
	case NAMED_MIN:
	case NAMED_MAX:
		return types_named(types, named, types_struct(types, "extreme", extreme, 2), NULL);
	case NAMED_AVG:
	case NAMED_STATS:
		return types_named(types, named, types_struct(types, "average", average, 2), NULL);
	default: fail(); return 0;
	}
}

/* A histogram type with as many buckets as its parameters need. */
static inline uint32_t fixture_histogram(
	struct session *session, enum named named, uint64_t buckets, const char *parameters)
{
	struct types *types = session->bundle.types;
	uint32_t form = types_array(types, types_integer(types, 8, false), (uint32_t)buckets);

	return types_named(types, named, form, parameters);
}

/* A map called name; its content is added by fixture_element. */
static inline struct map_content fixture_map(
	struct session *session, const char *name, uint32_t key, uint32_t value)
{
	struct types *types = session->bundle.types;
	struct map_layout *layout = arena_new(&session->arena, struct map_layout);

	*layout = (struct map_layout){
		.key_type = key,
		.value_type = value,
		.key_size = key ? types_size(types, key) : 0,
		.value_size = types_size(types, value),
	};
	assert_success(aggregate_find(types, value, &layout->aggregate));
	vec_push(&session->bundle.manifest.maps,
		((struct manifest_map){.name = name, .keyed = key != 0}));
	return (struct map_content){
		.map = (uint32_t)session->bundle.manifest.maps.count - 1,
		.layout = layout,
	};
}

static inline void fixture_element(struct map_content *content, const void *key, const void *value)
{
	str_append_bytes(&content->keys, key, content->layout->key_size);
	str_append_bytes(&content->values, value, content->layout->value_size);
	content->count++;
}
