/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel has no call that waits for running programs, but it does so whenever user space
 * changes an element of a map of maps (since Linux 4.20): the fence is such a map, and changing its
 * only element to what it is already is the wait.
 */
#include "take.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "libcommon/base/alloc.h"

static bool takes_maps(const struct session *session)
{
	const struct manifest_map *map;

	vec_for_each (&session->bundle.manifest.maps, map) {
		if (map->other)
			return true;
	}
	return false;
}

struct error *take_open(struct session *session)
{
	const uint32_t index = sizeof(uint32_t), value = sizeof(uint64_t);

	if (!takes_maps(session))
		return NULL;
	session->fence_member_fd =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, "fence_member", index, value, 1, NULL);
	if (session->fence_member_fd < 0)
		return error_system(errno, "cannot create a map to wait with");

	LIBBPF_OPTS(
		bpf_map_create_opts, options, .inner_map_fd = (uint32_t)session->fence_member_fd);
	session->fence_fd = bpf_map_create(
		BPF_MAP_TYPE_ARRAY_OF_MAPS, "fence", index, sizeof(uint32_t), 1, &options);
	if (session->fence_fd < 0)
		return error_system(errno, "cannot create a map to wait with");
	return NULL;
}

static int wait_for_programs(struct session *session)
{
	uint32_t index = 0;

	return bpf_map_update_elem(session->fence_fd, &index, &session->fence_member_fd, BPF_ANY)
		       ? errno
		       : 0;
}

static size_t element_size(const struct map_layout *layout)
{
	return layout->part_size * layout->parts;
}

/* A map without keys counts as written, its value zero; nobody writes it yet. */
static int mark_written(const struct map_layout *layout, int fd)
{
	_cleanup_free_ unsigned char *parts = xcalloc(1, element_size(layout));
	uint64_t set = 1;
	uint32_t index = 0;

	for (size_t i = 0; i < layout->parts; i++)
		memcpy(parts + i * layout->part_size + layout->set_offset, &set, sizeof(set));
	return bpf_map_update_elem(fd, &index, parts, BPF_ANY) ? errno : 0;
}

/* Gives the map in use the keys that it does not have yet. */
static int restore_keys(const struct map_content *content)
{
	const struct map_layout *layout = content->layout;
	_cleanup_free_ unsigned char *zeros = xcalloc(1, element_size(layout));

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

	layout->fd = layout->other_fd;
	layout->other_fd = fd;
	layout->elements = layout->other_elements;
	layout->other_elements = elements;
}

struct error *take(struct session *session, uint32_t map, bool keep_keys, struct map_content *ret)
{
	const char *name = session->bundle.manifest.maps.items[map].name;
	struct map_layout *layout = &session->map_layouts[map];
	volatile uint64_t *generation = &session->state->maps[map].generation;
	int number = keep_keys && !layout->key_type ? mark_written(layout, layout->other_fd) : 0;

	if (number)
		return error_system(number, "cannot zero map %s", name);
	*generation = !*generation;
	number = wait_for_programs(session);
	if (number)
		return error_system(number, "cannot wait for programs that use map %s", name);

	struct error *error = mapread(session, map, ret);

	if (!error)
		error = map_clear(session, map);
	exchange(layout);
	if (error || !keep_keys || !layout->key_type)
		return error;
	number = restore_keys(ret);
	return number ? error_system(number, "cannot zero map %s", name) : NULL;
}
