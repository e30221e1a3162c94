/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, zeroing and clearing the script's maps, by descriptor, without capabilities where the
 * kernel allows it. */
#pragma once

#include "session.h"
#include "libcommon/base/error.h"

/* The elements of a map, copied out: count keys and values one behind the other. Values of per-CPU maps
 * have one part per possible CPU, each rounded up to 8 bytes. */
struct map_content {
	uint32_t map; /* index in the manifest */
	uint32_t key_type, value_type; /* value_type without the wrapper of unkeyed maps */
	size_t count;
	size_t key_size;   /* 0 for unkeyed maps */
	size_t value_size; /* of one CPU's part */
	size_t parts;      /* CPUs; 1 for maps that are not per CPU */
	unsigned char *keys;
	unsigned char *values;
};

struct error *mapread(struct session *session, uint32_t map, struct map_content *ret);
void map_content_deinit(struct map_content *content);

struct error *map_clear(struct session *session, uint32_t map);
struct error *map_zero(struct session *session, uint32_t map);
