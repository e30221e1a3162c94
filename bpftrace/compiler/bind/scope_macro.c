/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in macros: the body has an outermost frame of its own, so it sees none of the caller's
 * names, and what stands for its parameters is resolved among the caller's. Parameters $x and @x
 * are other names of the caller's variables and maps.
 */
#include "scope.h"

struct scope_frame *scope_enter_argument(struct resolver *r, struct node **slot)
{
	struct scope_frame *frame = r->frame;

	while ((*slot)->kind == NODE_ARGUMENT) {
		struct node *value = node_argument(*slot)->value;

		value->in_parentheses = true;
		node_replace(slot, value);
		r->frame = r->frame->root->caller;
	}
	return frame;
}

static void add_alias(struct resolver *r, struct scope_frame *frame, struct alias *alias)
{
	struct scope_frame *caller = scope_enter_argument(r, &alias->target);
	struct scope_name *name = scope_add_alias(r, frame, alias->name);

	if (alias->target->kind == NODE_MAP)
		name->map = scope_find_map(r, node_map_access(alias->target));
	else
		name->variable = scope_passed_variable(r, node_variable_use(alias->target));
	r->frame = caller;
}

void scope_expansion(struct resolver *r, struct node **slot, enum scope_use use)
{
	struct macro_expansion *expansion = node_macro_expansion(*slot);
	struct scope_frame *caller = r->frame, *frame = scope_root(r);
	struct node *alias;

	frame->caller = caller;
	node_for_each (expansion->aliases, alias)
		add_alias(r, frame, node_alias(alias));
	r->frame = frame;
	scope_node(r, &expansion->body, use);
	r->frame = caller;
	expansion->body->next = expansion->node.next;
	*slot = expansion->body;
}
