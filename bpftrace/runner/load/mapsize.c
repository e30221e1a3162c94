/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sizes are those of kernel/bpf/hashtab.c and arraymap.c: a hash has an array of buckets, and
 * before each key struct htab_elem; a CPU may hold an element more than there are keys. Whether a
 * kernel accepts keys or values of a size is probed by making a small map of them, since no call
 * reports it.
 */
#include "mapsize.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "libcommon/base/log.h"

enum {
	BUCKET_BYTES = 16,
	ELEMENT_HEAD_BYTES = 48,
	POINTER_BYTES = 8,
};

static bool is_hash(const struct bpf_map *map)
{
	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH: return true;
	default: return false;
	}
}

static bool is_per_cpu(const struct bpf_map *map)
{
	return bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_HASH ||
	       bpf_map__type(map) == BPF_MAP_TYPE_LRU_PERCPU_HASH ||
	       bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static uint64_t round_up_to_power_of_two(uint64_t n)
{
	uint64_t power = 1;

	while (power < n)
		power *= 2;
	return power;
}

static uint64_t bytes_of(const struct bpf_map *map, uint64_t cpus)
{
	uint64_t entries = bpf_map__max_entries(map);
	uint64_t value = ALIGN_UP((uint64_t)bpf_map__value_size(map), POINTER_BYTES);
	uint64_t values = is_per_cpu(map) ? value * cpus : value;

	if (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF)
		return entries;
	if (!is_hash(map))
		return entries * values;

	uint64_t key = ALIGN_UP((uint64_t)bpf_map__key_size(map), POINTER_BYTES);
	uint64_t element = ELEMENT_HEAD_BYTES + key + values;

	if (is_per_cpu(map))
		return round_up_to_power_of_two(entries) * BUCKET_BYTES +
		       entries * (element + POINTER_BYTES);
	return round_up_to_power_of_two(entries) * BUCKET_BYTES + (entries + cpus) * element;
}

/* Of both generations; 0 when the object has no such map. */
static uint64_t needs(const struct traced *traced, const struct manifest_map *map)
{
	const struct bpf_map *first = bpf_object__find_map_by_name(traced->object, map->symbol);
	int cpus = libbpf_num_possible_cpus();

	if (!first)
		return 0;
	return bytes_of(first, cpus > 0 ? (uint64_t)cpus : 1) * (map->standby ? 2 : 1);
}

/* The limit of a saved bundle is not trusted: the environment of this run, or the default, bounds
 * it. */
static uint64_t limit(const struct traced *traced, const struct settings *settings)
{
	uint64_t bundled = traced->bundle.manifest.settings.max_map_memory;
	uint64_t here = settings->max_map_memory;
	bool is_default = here == settings_default().max_map_memory;

	if (!traced->is_saved)
		return bundled;
	return is_default ? MIN(bundled, here) : here;
}

static struct error *check_each(const struct traced *traced, uint64_t most)
{
	const struct manifest_map *map;

	vec_for_each (&traced->bundle.manifest.maps, map) {
		uint64_t bytes = needs(traced, map);

		if (bytes > most)
			return error_new(ENOMEM,
				"map %s needs %" PRIu64 " bytes of memory, more than the %" PRIu64
				" of max_map_memory; raise it (BPFTRACE_MAX_MAP_MEMORY), or lower "
				"max_map_keys or max_strlen",
				map->name, bytes, most);
	}
	return NULL;
}

/* Of all maps: also rings, scratch memory and variables. */
static struct error *check_sum(const struct traced *traced, uint64_t most)
{
	int cpus = libbpf_num_possible_cpus();
	const struct bpf_map *map;
	uint64_t sum = 0;

	bpf_object__for_each_map (map, traced->object) {
		uint64_t bytes = bytes_of(map, cpus > 0 ? (uint64_t)cpus : 1);

		if (bytes > most || sum > most - bytes)
			return error_new(ENOMEM,
				"the maps and buffers together need more memory than the %" PRIu64
				" bytes of max_map_memory (%s: %" PRIu64
				"); raise it (BPFTRACE_MAX_MAP_MEMORY), or lower max_map_keys, "
				"max_strlen or perf_rb_pages",
				most, bpf_map__name(map), bytes);
		sum += bytes;
	}
	return NULL;
}

struct error *mapsize_check(const struct traced *traced, const struct settings *settings)
{
	uint64_t most = limit(traced, settings);
	struct error *error = check_each(traced, most);

	return error ? error : check_sum(traced, most);
}

void mapsize_report(const struct traced *traced)
{
	const struct manifest_map *map;

	vec_for_each (&traced->bundle.manifest.maps, map)
		log_verbose(
			"Map %s needs %" PRIu64 " bytes of memory", map->name, needs(traced, map));
}

static bool kernel_accepts(const struct bpf_map *map, uint32_t key_size, uint32_t value_size)
{
	int fd = bpf_map_create(bpf_map__type(map), NULL, key_size, value_size, 1, NULL);
	bool refused = fd < 0 && (errno == E2BIG || errno == EINVAL || errno == ENOMEM);

	if (fd >= 0)
		close(fd);
	return !refused;
}

/* The largest size of keys, or of values, that is taken; least is. */
static uint32_t largest_accepted(
	const struct bpf_map *map, bool of_keys, uint32_t least, uint32_t refused)
{
	while (refused - least > 1) {
		uint32_t middle = least + (refused - least) / 2;
		bool taken = of_keys ? kernel_accepts(map, middle, POINTER_BYTES)
				     : kernel_accepts(map, sizeof(uint32_t), middle);

		if (taken)
			least = middle;
		else
			refused = middle;
	}
	return least;
}

static struct error *explain_map(const struct manifest_map *map, const struct bpf_map *loaded)
{
	uint32_t key = bpf_map__key_size(loaded), value = bpf_map__value_size(loaded);

	if (!kernel_accepts(loaded, key, POINTER_BYTES))
		return error_new(E2BIG,
			"map %s: its keys have %u bytes, the limit of this kernel is %u; lower "
			"max_strlen (BPFTRACE_MAX_STRLEN), or give str() and buf() a length",
			map->name, key, largest_accepted(loaded, true, 1, key));
	if (!kernel_accepts(loaded, sizeof(uint32_t), value))
		return error_new(E2BIG,
			"map %s: its values have %u bytes, the limit of this kernel is %u; lower "
			"max_strlen (BPFTRACE_MAX_STRLEN), or give str() and buf() a length",
			map->name, value, largest_accepted(loaded, false, 1, value));
	return NULL;
}

/* The error about the map that needs the most memory. */
static struct error *explain_memory(const struct traced *traced)
{
	const struct manifest_map *map, *largest = NULL;

	vec_for_each (&traced->bundle.manifest.maps, map) {
		if (!largest || needs(traced, map) > needs(traced, largest))
			largest = map;
	}
	if (!largest)
		return NULL;
	return error_new(ENOMEM,
		"the kernel lacks memory for the maps, of which %s needs %" PRIu64
		" bytes; lower max_map_keys (BPFTRACE_MAX_MAP_KEYS) or max_strlen",
		largest->name, needs(traced, largest));
}

struct error *mapsize_explain(const struct traced *traced, int number)
{
	const struct manifest_map *map;

	vec_for_each (&traced->bundle.manifest.maps, map) {
		const struct bpf_map *loaded =
			bpf_object__find_map_by_name(traced->object, map->symbol);
		struct error *error = loaded && (number == E2BIG || number == EINVAL)
					      ? explain_map(map, loaded)
					      : NULL;

		if (error)
			return error;
	}
	return number == ENOMEM ? explain_memory(traced) : NULL;
}
