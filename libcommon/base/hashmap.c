/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open addressing with linear probing in a table of a power of two of slots, at most three
 * quarters full. A slot is free while its key is NULL; nothing is ever removed.
 */
#include "hashmap.h"

#include <stdint.h>
#include <string.h>

#include "alloc.h"

struct hashmap_slot {
	char *key;
	size_t size;
	uint64_t hash;
	void *value;
};

enum { CAPACITY_FIRST = 16 };

/* Eight bytes at a time; what is left of the last ones counts as zeros. */
static uint64_t hash_bytes(const void *data, size_t size)
{
	const char *bytes = data;
	uint64_t hash = size;

	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		uint64_t word = 0;

		memcpy(&word, bytes + i, MIN(sizeof(word), size - i));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 32;
	}
	return hash;
}

void hashmap_deinit(struct hashmap *map)
{
	arena_deinit(&map->keys);
	free(map->slots);
	*map = HASHMAP_INIT;
}

/* The slot of the key, or the free one where it belongs. The table must have a free slot. */
static struct hashmap_slot *find(
	struct hashmap_slot *slots, size_t capacity, uint64_t hash, const void *key, size_t size)
{
	for (size_t i = hash & (capacity - 1);; i = (i + 1) & (capacity - 1)) {
		struct hashmap_slot *slot = &slots[i];

		if (!slot->key)
			return slot;
		if (slot->hash == hash && slot->size == size && memcmp(slot->key, key, size) == 0)
			return slot;
	}
}

static void grow(struct hashmap *map)
{
	size_t capacity = map->capacity ? map->capacity * 2 : CAPACITY_FIRST;
	struct hashmap_slot *slots = xcalloc(capacity, sizeof(*slots));

	for (size_t i = 0; i < map->capacity; i++) {
		const struct hashmap_slot *old = &map->slots[i];

		if (old->key)
			*find(slots, capacity, old->hash, old->key, old->size) = *old;
	}
	free(map->slots);
	map->slots = slots;
	map->capacity = capacity;
}

void **hashmap_slot(struct hashmap *map, const void *key, size_t size)
{
	uint64_t hash = hash_bytes(key, size);

	if ((map->count + 1) * 4 > map->capacity * 3)
		grow(map);

	struct hashmap_slot *slot = find(map->slots, map->capacity, hash, key, size);

	if (!slot->key) {
		slot->key = arena_memdup(&map->keys, key, size);
		slot->size = size;
		slot->hash = hash;
		map->count++;
	}
	return &slot->value;
}

void *hashmap_get(const struct hashmap *map, const void *key, size_t size)
{
	if (map->count == 0)
		return NULL;
	return find(map->slots, map->capacity, hash_bytes(key, size), key, size)->value;
}
