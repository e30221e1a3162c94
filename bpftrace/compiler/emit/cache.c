/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of map elements in registers. Scripts test an element and then use it:
 * "/@start[tid]/ { @ = hist(nsecs - @start[tid]); … }". The value that the filter has read is used
 * in the block, up to the first change of the map and the first loop. Only mapops.c calls these
 * functions.
 */
#include "cache.h"

/* Whether an expression has the same value throughout a run of the block. */
static bool visit_steady(struct node *node, void *context)
{
	bool *steady = context;

	switch (node->kind) {
	case NODE_INTEGER:
	case NODE_STRING:
	case NODE_SIZEOF:
	case NODE_OFFSETOF:
	case NODE_TUPLE:
	case NODE_CAST:
	case NODE_MEMBER: break;
	case NODE_TYPE: return false;
	case NODE_IDENTIFIER: {
		const struct builtin *builtin = node_identifier(node)->builtin;

		*steady = *steady && (!builtin || builtin->flags & BUILTIN_STEADY);
		break;
	}
	default: *steady = false; break;
	}
	return *steady;
}

static bool is_steady(struct node *key)
{
	bool steady = true;

	if (key)
		node_walk(key, visit_steady, &steady);
	return steady;
}

static bool same_key(struct node *a, struct node *b)
{
	return a == b || (a && b && node_equal(a, b));
}

void cache_add(struct emitter *e, struct map_access *access, struct value value)
{
	if (!e->fills_cache || value.storage != STORAGE_REGISTER || access->map->double_buffered ||
		!is_steady(access->key))
		return;
	vec_push(&e->cache, ((struct cached_element){access, value}));
}

bool cache_find(struct emitter *e, const struct map_access *access, struct value *ret)
{
	const struct cached_element *cached;

	vec_for_each (&e->cache, cached) {
		if (cached->access->map != access->map ||
			!same_key(cached->access->key, access->key))
			continue;
		*ret = cached->value;
		return true;
	}
	return false;
}

void cache_drop(struct emitter *e, const struct map *map)
{
	size_t kept = 0;

	for (size_t i = 0; i < e->cache.count; i++) {
		if (map && e->cache.items[i].access->map != map)
			e->cache.items[kept++] = e->cache.items[i];
	}
	e->cache.count = kept;
}
