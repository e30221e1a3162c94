/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps with keys are hash tables, maps without are arrays of one element whose value is wrapped:
 * struct { value, uint64 set }. The kernel copies values out as one part per CPU, rounded up to 8
 * bytes, or as a single part; parts are merged as they arrive, so that a large map is held once.
 * Elements are read and removed in batches; the cursor of a batch call is a position in the table,
 * which does not move, so programs that write meanwhile make no element appear twice.
 */
#include "mapread.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "libcommon/base/alloc.h"

enum {
	BATCH_BYTES = 1 << 20, /* of one call */
	BATCH_LEAST = 16,
	BATCH_MOST = 4096,
};

/* --- layouts --- */

/* The type behind a member of the map's definition, which is a pointer to it. */
static bool definition_type(
	const struct types *types, uint32_t definition, const char *name, uint32_t *ret)
{
	struct types_member member;

	if (!types_member(types, definition, name, &member) ||
		types_class(types, member.type) != TYPE_POINTER)
		return false;
	*ret = types_pointee(types, member.type);
	return true;
}

/* The types of key and value as declared in the object's .maps section. */
static struct error *find_types(const struct types *types, const struct manifest_map *map,
	uint32_t *ret_key, uint32_t *ret_value)
{
	const struct btf *btf = types_btf(types);
	int32_t variable = btf__find_by_name_kind(btf, map->symbol, BTF_KIND_VAR);
	uint32_t key = 0, value = 0;

	if (variable <= 0)
		return error_new(EINVAL, "its definition is missing");

	uint32_t definition = btf__type_by_id(btf, (uint32_t)variable)->type;

	if (types_class(types, definition) != TYPE_STRUCT ||
		!definition_type(types, definition, "key", &key) ||
		!definition_type(types, definition, "value", &value))
		return error_new(EINVAL, "the types of key and value are missing");
	*ret_key = key;
	*ret_value = value;
	return NULL;
}

struct map_kind {
	bool known, keyed, per_cpu;
};

static struct map_kind map_kind(enum bpf_map_type type)
{
	switch (type) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_LRU_HASH: return (struct map_kind){.known = true, .keyed = true};
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return (struct map_kind){.known = true, .keyed = true, .per_cpu = true};
	case BPF_MAP_TYPE_ARRAY: return (struct map_kind){.known = true};
	case BPF_MAP_TYPE_PERCPU_ARRAY: return (struct map_kind){.known = true, .per_cpu = true};
	default: return (struct map_kind){};
	}
}

/* Finds the value inside of what a map without keys stores. */
static struct error *unwrap(const struct types *types, struct map_layout *layout)
{
	uint32_t wrapper = layout->value_type;
	struct types_member value, set;

	if (types_class(types, wrapper) != TYPE_STRUCT ||
		!types_member(types, wrapper, "value", &value) ||
		!types_member(types, wrapper, "set", &set) || value.bit_offset % 64 ||
		value.bit_size || set.bit_size || types_size(types, set.type) != sizeof(uint64_t))
		return error_new(EINVAL, "its value is not {value, set}");
	layout->value_type = value.type;
	layout->value_size = types_size(types, value.type);
	layout->value_offset = value.bit_offset / 8;
	layout->set_offset = set.bit_offset / 8;
	return NULL;
}

struct error *map_layout_init(
	const struct types *types, uint32_t key, uint32_t value, int fd, struct map_layout *ret)
{
	struct bpf_map_info info = {};
	uint32_t size = sizeof(info);
	int cpus = libbpf_num_possible_cpus();

	if (cpus < 0)
		return error_system(-cpus, "the number of CPUs");
	if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0)
		return error_system(errno, "its description in the kernel");

	struct map_kind kind = map_kind(info.type);
	struct map_layout layout = {
		.fd = fd,
		.standby_fd = -1,
		.key_type = kind.keyed ? key : 0,
		.value_type = value,
		.key_size = kind.keyed ? info.key_size : 0,
		.value_size = info.value_size,
		.part_size = kind.per_cpu ? ALIGN_UP(info.value_size, 8) : info.value_size,
		.parts = kind.per_cpu ? (size_t)cpus : 1,
		.max_entries = info.max_entries,
	};

	if (!kind.known)
		return error_new(EINVAL, "maps of type %u cannot be shown", info.type);
	if (types_size(types, value) != info.value_size ||
		(kind.keyed && types_size(types, key) != info.key_size) || !info.value_size)
		return error_new(EINVAL, "its types do not have the sizes of keys and values");

	struct error *error = kind.keyed ? NULL : unwrap(types, &layout);

	if (!error)
		error = aggregate_find(types, layout.value_type, &layout.aggregate);
	if (!error && kind.per_cpu && !layout.aggregate.ops)
		error = error_new(EINVAL, "its values differ per CPU and cannot be merged");
	if (error)
		return error;
	*ret = layout;
	return NULL;
}

static bool same_shape(const struct bpf_map *a, const struct bpf_map *b)
{
	return bpf_map__type(a) == bpf_map__type(b) &&
	       bpf_map__key_size(a) == bpf_map__key_size(b) &&
	       bpf_map__value_size(a) == bpf_map__value_size(b) &&
	       bpf_map__max_entries(a) == bpf_map__max_entries(b);
}

static struct error *find_layout(
	struct traced *traced, const struct manifest_map *map, struct map_layout *ret)
{
	struct bpf_map *bpf_map = bpf_object__find_map_by_name(traced->object, map->symbol);
	struct bpf_map *other =
		map->standby ? bpf_object__find_map_by_name(traced->object, map->standby) : NULL;
	uint32_t key = 0, value = 0;

	if (!bpf_map || bpf_map__fd(bpf_map) < 0 || (map->standby && !other))
		return error_new(ENOENT, "it was not loaded");

	struct error *error = find_types(traced->bundle.types, map, &key, &value);

	if (!error)
		error = map_layout_init(
			traced->bundle.types, key, value, bpf_map__fd(bpf_map), ret);
	if (!error && map->keyed != (ret->key_type != 0))
		error = error_new(EINVAL, "its kind differs from the manifest's");
	if (!error && other && !same_shape(bpf_map, other))
		error = error_new(EINVAL, "its generations differ");
	if (!error && other)
		ret->standby_fd = bpf_map__fd(other);
	return error;
}

static void find_counters(struct traced *traced, size_t map, struct map_layout *layout)
{
	if (!traced->state)
		return;
	layout->elements = &traced->state->maps[map].elements[0];
	layout->standby_elements = &traced->state->maps[map].elements[1];
}

struct error *map_layouts_find(struct traced *traced)
{
	size_t count = traced->bundle.manifest.maps.count;

	traced->map_layouts = arena_array(&traced->arena, struct map_layout, count);
	for (size_t i = 0; i < count; i++) {
		const struct manifest_map *map = &traced->bundle.manifest.maps.items[i];
		struct error *error = find_layout(traced, map, &traced->map_layouts[i]);

		if (error)
			return error_prefix(error, "map %s", map->name);
		find_counters(traced, i, &traced->map_layouts[i]);
	}
	return NULL;
}

static struct error *map_error(struct traced *traced, uint32_t map, int number, const char *verb)
{
	return error_system(
		number, "cannot %s map %s", verb, traced->bundle.manifest.maps.items[map].name);
}

/* --- walking over the elements --- */

/* What is done with elements: count of them, keys and values one behind the other. Returns 0 or an
 * errno. */
typedef int visit_fn(const struct map_layout *layout, void *context, const unsigned char *keys,
	const unsigned char *values, uint32_t count);

typedef int batch_fn(int fd, void *in_batch, void *out_batch, void *keys, void *values,
	uint32_t *count, const struct bpf_map_batch_opts *opts);

static uint32_t batch_capacity(const struct map_layout *layout)
{
	size_t fit = BATCH_BYTES / (layout->key_size + map_element_size(layout));

	return (uint32_t)MIN(MAX(fit, (size_t)BATCH_LEAST), (size_t)BATCH_MOST);
}

struct batch {
	uint32_t capacity;
	unsigned char *keys, *values;
};

static void batch_deinit(struct batch *batch)
{
	free(batch->keys);
	free(batch->values);
}

static void batch_resize(const struct map_layout *layout, struct batch *batch, uint32_t capacity)
{
	batch_deinit(batch);
	*batch = (struct batch){
		.capacity = capacity,
		.keys = xcalloc(capacity, layout->key_size),
		.values = xcalloc(capacity, map_element_size(layout)),
	};
}

/* Calls batch (look-up, or look-up and delete) until the end of the table. */
static int walk_batches(
	const struct map_layout *layout, batch_fn *call, visit_fn *visit, void *context)
{
	_cleanup_(batch_deinit) struct batch batch = {};
	uint64_t cursor = 0;
	bool started = false;

	batch_resize(layout, &batch, batch_capacity(layout));
	for (;;) {
		uint32_t count = batch.capacity;
		int result = call(layout->fd, started ? &cursor : NULL, &cursor, batch.keys,
			batch.values, &count, NULL);
		int number = result ? errno : 0;

		/* More elements in one bucket of the table than fit. */
		if (number == ENOSPC) {
			batch_resize(layout, &batch, batch.capacity * 2);
			continue;
		}
		if (number && number != ENOENT)
			return number;
		started = true;
		result = visit(layout, context, batch.keys, batch.values, count);
		if (result)
			return result;
		if (number == ENOENT)
			return 0;
	}
}

static int walk(struct map_layout *layout, bool delete, visit_fn *visit, void *context)
{
	return walk_batches(layout, delete ? bpf_map_lookup_and_delete_batch : bpf_map_lookup_batch,
		visit, context);
}

/* --- reading --- */

/* Adds a value as the kernel stored it, all its parts, to the content. */
static void append_value(
	const struct map_layout *layout, const unsigned char *parts, struct str *values)
{
	char *end = str_reserve(values, layout->value_size);

	if (layout->aggregate.ops) {
		memset(end, 0, layout->value_size);
		for (size_t i = 0; i < layout->parts; i++)
			layout->aggregate.ops->merge(&layout->aggregate, (void *)end,
				(const void *)(parts + i * layout->part_size +
					       layout->value_offset));
	} else {
		memcpy(end, parts + layout->value_offset, layout->value_size);
	}
	values->length += layout->value_size;
}

static int append_elements(const struct map_layout *layout, void *context,
	const unsigned char *keys, const unsigned char *values, uint32_t count)
{
	struct map_content *content = context;

	str_append_bytes(&content->keys, keys, count * layout->key_size);
	for (uint32_t i = 0; i < count; i++)
		append_value(layout, values + i * map_element_size(layout), &content->values);
	content->count += count;
	return 0;
}

/* Whether any CPU has written the value of a map without keys. */
static bool is_set(const struct map_layout *layout, const unsigned char *parts)
{
	for (size_t i = 0; i < layout->parts; i++) {
		uint64_t set;

		memcpy(&set, parts + i * layout->part_size + layout->set_offset, sizeof(set));
		if (set)
			return true;
	}
	return false;
}

/* The only element of a map without keys; the caller frees *ret. */
static int read_single(const struct map_layout *layout, unsigned char **ret)
{
	_cleanup_free_ unsigned char *parts = xcalloc(1, map_element_size(layout));
	uint32_t index = 0;

	if (bpf_map_lookup_elem(layout->fd, &index, parts) != 0)
		return errno;
	*ret = TAKE(parts);
	return 0;
}

static int append_single(const struct map_layout *layout, struct map_content *content)
{
	_cleanup_free_ unsigned char *parts = NULL;
	int number = read_single(layout, &parts);

	if (number || !is_set(layout, parts))
		return number;
	append_value(layout, parts, &content->values);
	content->count = 1;
	return 0;
}

struct error *mapread(struct traced *traced, uint32_t map, struct map_content *ret)
{
	struct map_layout *layout = &traced->map_layouts[map];
	_cleanup_map_content_ struct map_content content = {.map = map, .layout = layout};
	int number = layout->key_type ? walk(layout, false, append_elements, &content)
				      : append_single(layout, &content);

	if (number)
		return map_error(traced, map, number, "read");
	*ret = content;
	content = (struct map_content){};
	return NULL;
}

void map_content_deinit(struct map_content *content)
{
	str_deinit(&content->keys);
	str_deinit(&content->values);
	content->count = 0;
}

/* --- writing --- */

void map_count(const struct map_layout *layout, int64_t difference)
{
	if (layout->elements)
		__atomic_fetch_add(layout->elements, (uint64_t)difference, __ATOMIC_RELAXED);
}

static int count_removed(const struct map_layout *layout, void *context _unused_,
	const unsigned char *keys _unused_, const unsigned char *values _unused_, uint32_t count)
{
	map_count(layout, -(int64_t)count);
	return 0;
}

struct error *map_clear(struct traced *traced, uint32_t map)
{
	struct map_layout *layout = &traced->map_layouts[map];
	uint32_t index = 0;
	int number = 0;

	if (layout->key_type) {
		number = walk(layout, true, count_removed, NULL);
	} else {
		_cleanup_free_ unsigned char *zeros = xcalloc(1, map_element_size(layout));

		if (bpf_map_update_elem(layout->fd, &index, zeros, BPF_ANY) != 0)
			number = errno;
	}
	return number ? map_error(traced, map, number, "clear") : NULL;
}

/* Elements that programs have deleted meanwhile stay deleted. */
static int zero_elements(const struct map_layout *layout, void *context _unused_,
	const unsigned char *keys, const unsigned char *values _unused_, uint32_t count)
{
	_cleanup_free_ unsigned char *zeros = xcalloc(1, map_element_size(layout));

	for (uint32_t i = 0; i < count; i++) {
		if (bpf_map_update_elem(
			    layout->fd, keys + i * layout->key_size, zeros, BPF_EXIST) != 0 &&
			errno != ENOENT)
			return errno;
	}
	return 0;
}

static int zero_single(const struct map_layout *layout)
{
	_cleanup_free_ unsigned char *parts = NULL;
	uint64_t set = 1;
	uint32_t index = 0;
	int number = read_single(layout, &parts);

	if (number || !is_set(layout, parts))
		return number;
	memset(parts, 0, map_element_size(layout));
	for (size_t i = 0; i < layout->parts; i++)
		memcpy(parts + i * layout->part_size + layout->set_offset, &set, sizeof(set));
	return bpf_map_update_elem(layout->fd, &index, parts, BPF_ANY) ? errno : 0;
}

struct error *map_zero(struct traced *traced, uint32_t map)
{
	struct map_layout *layout = &traced->map_layouts[map];
	int number =
		layout->key_type ? walk(layout, false, zero_elements, NULL) : zero_single(layout);

	return number ? map_error(traced, map, number, "zero") : NULL;
}
