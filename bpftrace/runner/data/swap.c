/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel has no call that waits for running programs, but it does so whenever user space
 * changes an element of a map of maps (since Linux 4.20): the fence is such a map, and changing its
 * only element to what it is already is the wait.
 */
#include "swap.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "libcommon/base/alloc.h"

static bool swaps_maps(const struct traced *traced)
{
	const struct manifest_map *map;

	vec_for_each (&traced->bundle.manifest.maps, map) {
		if (map->standby)
			return true;
	}
	return false;
}

struct error *swap_open(struct traced *traced)
{
	const uint32_t index = sizeof(uint32_t), value = sizeof(uint64_t);

	if (!swaps_maps(traced))
		return NULL;
	traced->fence_member_fd =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, "fence_member", index, value, 1, NULL);
	if (traced->fence_member_fd < 0)
		return error_system(errno, "cannot create a map to wait with");

	LIBBPF_OPTS(
		bpf_map_create_opts, options, .inner_map_fd = (uint32_t)traced->fence_member_fd);

	traced->fence_fd = bpf_map_create(
		BPF_MAP_TYPE_ARRAY_OF_MAPS, "fence", index, sizeof(uint32_t), 1, &options);
	if (traced->fence_fd < 0)
		return error_system(errno, "cannot create a map to wait with");
	return NULL;
}

static int wait_for_programs(struct traced *traced)
{
	uint32_t index = 0;

	return bpf_map_update_elem(traced->fence_fd, &index, &traced->fence_member_fd, BPF_ANY)
		       ? errno
		       : 0;
}

/* Sets a map without keys, which no program uses yet, to zero and marks it as written. */
static int mark_written(const struct map_layout *layout, int fd)
{
	_cleanup_free_ unsigned char *parts = xcalloc(1, map_element_size(layout));
	uint64_t set = 1;
	uint32_t index = 0;

	for (size_t i = 0; i < layout->parts; i++)
		memcpy(parts + i * layout->part_size + layout->set_offset, &set, sizeof(set));
	return bpf_map_update_elem(fd, &index, parts, BPF_ANY) ? errno : 0;
}

/* Adds the keys of the content to the map in use, with zeros, where they are missing. */
static int restore_keys(const struct map_content *content)
{
	const struct map_layout *layout = content->layout;
	_cleanup_free_ unsigned char *zeros = xcalloc(1, map_element_size(layout));

	for (size_t i = 0; i < content->count; i++) {
		const char *key = content->keys.data + i * layout->key_size;

		if (bpf_map_update_elem(layout->fd, key, zeros, BPF_NOEXIST) == 0)
			map_count(layout, 1);
		else if (errno != EEXIST)
			return errno;
	}
	return 0;
}

static void exchange(struct map_layout *layout)
{
	int fd = layout->fd;
	volatile uint64_t *elements = layout->elements;

	layout->fd = layout->standby_fd;
	layout->standby_fd = fd;
	layout->elements = layout->standby_elements;
	layout->standby_elements = elements;
}

struct error *map_swap(struct traced *traced, uint32_t map, bool keep_keys, struct map_content *ret)
{
	const char *name = traced->bundle.manifest.maps.items[map].name;
	struct map_layout *layout = &traced->map_layouts[map];
	volatile uint64_t *generation = &traced->state->maps[map].generation;
	int number = keep_keys && !layout->key_type ? mark_written(layout, layout->standby_fd) : 0;

	if (number)
		return error_system(number, "cannot zero map %s", name);
	*generation = !*generation;
	number = wait_for_programs(traced);
	if (number)
		return error_system(number, "cannot wait for programs that use map %s", name);

	struct error *error = mapread(traced, map, ret);

	if (!error)
		error = map_clear(traced, map);
	exchange(layout);
	if (error || !keep_keys || !layout->key_type)
		return error;
	number = restore_keys(ret);
	return number ? error_system(number, "cannot zero map %s", name) : NULL;
}
