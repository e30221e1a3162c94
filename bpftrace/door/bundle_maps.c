/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maps of a bundle, as libbpf would create them: those of the script, which the manifest names,
 * those of state.h, and the sections of variables. Each kind has its allowed map types; other
 * attributes of a definition (pinning, flags, a device, an inner map) are refused.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "bundle.h"
#include "stack.h"
#include "state.h"

#define TYPE_BIT(type) (UINT64_C(1) << (type))

enum {
	TYPES_OF_SCRIPTS = TYPE_BIT(BPF_MAP_TYPE_HASH) | TYPE_BIT(BPF_MAP_TYPE_PERCPU_HASH) |
			   TYPE_BIT(BPF_MAP_TYPE_LRU_HASH) |
			   TYPE_BIT(BPF_MAP_TYPE_LRU_PERCPU_HASH) | TYPE_BIT(BPF_MAP_TYPE_ARRAY) |
			   TYPE_BIT(BPF_MAP_TYPE_PERCPU_ARRAY),
	FLAGS_OF_VARIABLES = BPF_F_MMAPABLE | BPF_F_RDONLY_PROG,
};

static const struct {
	const char *name;
	uint64_t types;
} own_maps[] = {
	{MAP_DATA_RING, TYPE_BIT(BPF_MAP_TYPE_RINGBUF)},
	{MAP_CONTROL_RING, TYPE_BIT(BPF_MAP_TYPE_RINGBUF)},
	{MAP_PACKETS, TYPE_BIT(BPF_MAP_TYPE_PERF_EVENT_ARRAY)},
	{MAP_SCRATCH, TYPE_BIT(BPF_MAP_TYPE_ARRAY)},
	{MAP_STACKS, TYPE_BIT(BPF_MAP_TYPE_HASH)},
};

static bool is_named(const struct manifest *manifest, const char *symbol)
{
	const struct manifest_map *map;

	vec_for_each (&manifest->maps, map) {
		if (strcmp(map->symbol, symbol) == 0 ||
			(map->standby && strcmp(map->standby, symbol) == 0))
			return true;
	}
	return false;
}

/* A section of variables; libbpf calls it by the section's name if that has two dots, else by the
 * object's and that. */
static bool is_variables(const struct bpf_map *map)
{
	const char *name = bpf_map__name(map), *section = strchr(name, '.');

	if (!bpf_map__is_internal(map) || !section)
		return false;
	return strcmp(name, SECTION_CONSTANTS) == 0 || strcmp(name, SECTION_ADDRESSES) == 0 ||
	       strcmp(name, SECTION_OPTIONS) == 0 || strcmp(section, ".bss") == 0 ||
	       strcmp(section, ".rodata") == 0;
}

/* The types that a map may be of; 0 when the bundle may have no such map. */
static uint64_t allowed_types(const struct manifest *manifest, const struct bpf_map *map)
{
	const char *name = bpf_map__name(map);

	if (is_variables(map))
		return TYPE_BIT(BPF_MAP_TYPE_ARRAY);
	if (bpf_map__is_internal(map))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(own_maps); i++) {
		if (strcmp(own_maps[i].name, name) == 0)
			return own_maps[i].types;
	}
	return is_named(manifest, name) ? TYPES_OF_SCRIPTS : 0;
}

static struct error *check_map(const struct manifest *manifest, struct bpf_map *map)
{
	const char *name = bpf_map__name(map);
	uint64_t types = allowed_types(manifest, map);
	uint32_t type = bpf_map__type(map);
	uint32_t flags = is_variables(map) ? FLAGS_OF_VARIABLES : 0;

	if (!types)
		return error_new(EPERM, "map %s of the bundle is not in its manifest", name);
	if (type >= 64 || !(types & TYPE_BIT(type)))
		return error_new(
			EPERM, "map %s of the bundle has the unexpected type %u", name, type);
	if (bpf_map__pin_path(map))
		return error_new(EPERM, "map %s of the bundle must not be pinned, at %s", name,
			bpf_map__pin_path(map));
	if (bpf_map__map_flags(map) & ~flags)
		return error_new(EPERM, "map %s of the bundle has unexpected flags, 0x%x", name,
			bpf_map__map_flags(map) & ~flags);
	if (bpf_map__inner_map(map) || bpf_map__ifindex(map) || bpf_map__numa_node(map) ||
		bpf_map__map_extra(map))
		return error_new(
			EPERM, "map %s of the bundle has attributes that are not allowed", name);
	return NULL;
}

struct error *bundle_check_maps(const struct manifest *manifest, const struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, object) {
		struct error *error = check_map(manifest, map);

		if (error)
			return error;
	}
	return NULL;
}
