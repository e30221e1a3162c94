/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Going through the tree. Which slots a node has comes from nodes.def; everything else builds on
 * node_slots. Recursion is as deep as the tree, which the parser limits.
 */
#include <assert.h>
#include <stdlib.h>

#include "ast.h"

#define CHILD(name)    each(&self->name, context);
#define CHILDREN(name) each(&self->name, context);
#define TEXT(name)
#define FIELD(type, name)
#define LATER(type, name)
#define NODE(KIND, name, fields)                                                                   \
	case NODE_##KIND: {                                                                        \
		struct name *self _unused_ = node_##name(node);                                    \
                                                                                                   \
		fields break;                                                                      \
	}

void node_slots(struct node *node, node_slot each, void *context)
{
	switch (node->kind) {
#include "nodes.def"
	case NR_NODES: break;
	}
}

#undef NODE
#undef CHILD
#undef CHILDREN
#undef TEXT
#undef FIELD
#undef LATER

struct walk {
	node_visit visit;
	void *context;
};

static void walk_slot(struct node **slot, void *context)
{
	struct walk *walk = context;
	struct node *node;

	node_for_each (*slot, node)
		node_walk(node, walk->visit, walk->context);
}

void node_walk(struct node *node, node_visit visit, void *context)
{
	struct walk walk = {visit, context};

	if (visit(node, context))
		node_slots(node, walk_slot, &walk);
}

/* In a circular list a pointer that moves twice as fast meets the slower one. */
static void verify_slot(struct node **slot, void *context _unused_)
{
	const struct node *slow = *slot, *fast = *slot;

	while (fast && fast->next) {
		slow = slow->next;
		fast = fast->next->next;
		if (slow == fast)
			abort();
	}
}

static bool verify(struct node *node, void *context)
{
	const struct diags *diags = context;
	struct span span = node->span;

	if (span.source >= diags->sources.count || span.begin > span.end ||
		span.end > diags->sources.items[span.source].length)
		abort();
	node_slots(node, verify_slot, context);
	return true;
}

void node_verify(struct node *node, const struct diags *diags)
{
	node_walk(node, verify, (void *)(uintptr_t)diags);
}
