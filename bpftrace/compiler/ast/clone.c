/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of trees. Texts and arrays are shared with the original: they never change, and a copy
 * lives no longer than what it was copied from.
 */
#include <string.h>

#include "ast.h"

static size_t node_size(enum node_kind kind)
{
	static const size_t sizes[] = {
#define NODE(KIND, name, fields) [NODE_##KIND] = sizeof(struct name),
#include "nodes.def"
#undef NODE
	};
	TABLE_COMPLETE(sizes, NR_NODES);

	return sizes[kind];
}

static void clone_slot(struct node **slot, void *context)
{
	struct arena *arena = context;
	const struct node *original = *slot;

	for (; original; original = original->next) {
		*slot = node_clone(arena, original);
		slot = &(*slot)->next;
	}
}

struct node *node_clone(struct arena *arena, const struct node *node)
{
	struct node *copy = arena_memdup(arena, node, node_size(node->kind));

	copy->next = NULL;
	node_slots(copy, clone_slot, arena);
	return copy;
}
