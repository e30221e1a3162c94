/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, zeroing and clearing the script's maps, by descriptor, without capabilities where the
 * kernel allows it. */
#pragma once

#include "aggregate.h"
#include "libcommon/base/error.h"
#include "libcommon/base/str.h"
#include "traced.h"

/* What a map's keys and values are, here and in the kernel. */
struct map_layout {
	int fd;         /* borrowed from the loaded object */
	int standby_fd; /* the standby of a double-buffered map, else -1 */
	volatile uint64_t *elements, *standby_elements; /* of state_map; NULL without a state */
	uint32_t key_type;                              /* 0 for maps without keys */
	uint32_t value_type;
	struct aggregate aggregate; /* of value_type */
	size_t key_size;
	size_t value_size;
	/* Maps without keys store {value, set}: */
	size_t value_offset;
	size_t set_offset; /* uint64, not 0 once the value was written */
	size_t part_size;  /* what the kernel copies out per CPU */
	size_t parts;      /* CPUs, 1 for maps that are not per CPU */
	uint32_t max_entries;
};

/* Bytes that the kernel copies out for an element, all its parts. */
static inline size_t map_element_size(const struct map_layout *layout)
{
	return layout->part_size * layout->parts;
}

/* Describes the map behind fd, whose key and value (as stored) have these types; fails when the
 * kernel's sizes differ from theirs. */
struct error *map_layout_init(
	const struct types *types, uint32_t key, uint32_t value, int fd, struct map_layout *ret);

/*
 * Fills traced->map_layouts, one per map of the manifest, from the loaded object and the bundle's
 * types. Fails when they do not agree. Called once, before privileges are dropped.
 */
struct error *map_layouts_find(struct traced *traced);

/* The elements of a map, copied out, the CPUs' parts merged: keys and values one behind the other.
 * A map without keys has one element, or none when it was never written. */
struct map_content {
	uint32_t map; /* index in the manifest */
	const struct map_layout *layout;
	size_t count;
	struct str keys;   /* layout->key_size bytes each */
	struct str values; /* layout->value_size bytes each */
};

/* Reads a map while programs may write to it: each element is there once, as it was at some moment
 * of the call. *ret is owned by the caller: map_content_deinit. */
struct error *mapread(struct traced *traced, uint32_t map, struct map_content *ret);
void map_content_deinit(struct map_content *content); /* does nothing to an empty one */

#define _cleanup_map_content_ _cleanup_(map_content_deinit)

/* Adds to the number of keys that programs read: of the map in use, where they count them. */
void map_count(const struct map_layout *layout, int64_t difference);

/* Removes all elements, or sets their values to zero. */
struct error *map_clear(struct traced *traced, uint32_t map);
struct error *map_zero(struct traced *traced, uint32_t map);
