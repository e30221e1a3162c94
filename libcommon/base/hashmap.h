/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table from byte strings (or texts) to pointers; open addressing, keys are copied. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "attributes.h"

struct hashmap {
	struct hashmap_slot *slots;
	size_t count;
	size_t capacity;
	struct arena keys;
};

#define HASHMAP_INIT ((struct hashmap){})

void hashmap_deinit(struct hashmap *map); /* frees keys and table, not the values */

/* Where the value of key stands, added as NULL if new; valid until the next call that adds. */
void **hashmap_slot(struct hashmap *map, const void *key, size_t size);

/* The value of key, NULL when there is none. */
void *hashmap_get(const struct hashmap *map, const void *key, size_t size);

#define hashmap_text_slot(map, text) hashmap_slot((map), (text), strlen(text))
#define hashmap_text_get(map, text)  hashmap_get((map), (text), strlen(text))

#define _cleanup_hashmap_ _cleanup_(hashmap_deinit)
