/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter of a block, and what it found in maps. Scripts test an element and then use it:
 * "/@start[tid]/ { @ = hist(nsecs - @start[tid]); … }". The value that the filter read serves the
 * block too, up to where the block itself changes the map, or a loop might.
 */
#include "ir.h"

/* Whether an expression has the same value all through a run of the block. */
static bool visit_steady(struct node *node, void *context)
{
	bool *steady = context;
	switch (node->kind) {
	case NODE_INTEGER:
	case NODE_STRING:
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

void filter_remember(struct emitter *e, struct map_access *access, struct value value)
{
	if (!e->remembers || value.where != WHERE_REGISTER || access->map->taken ||
		!is_steady(access->key))
		return;
	vec_push(&e->known, ((struct known_element){access, value}));
}

bool filter_recall(struct emitter *e, const struct map_access *access, struct value *ret)
{
	const struct known_element *known;
	vec_for_each (&e->known, known) {
		if (known->access->map != access->map || !same_key(known->access->key, access->key))
			continue;
		*ret = known->value;
		return true;
	}
	return false;
}

void filter_forget(struct emitter *e, const struct map *map)
{
	size_t kept = 0;
	for (size_t i = 0; i < e->known.count; i++) {
		if (map && e->known.items[i].access->map != map)
			e->known.items[kept++] = e->known.items[i];
	}
	e->known.count = kept;
}

static bool visit_choice(struct node *node, void *context)
{
	bool *chooses = context;
	switch (node->kind) {
	case NODE_BINARY: {
		enum operator op = node_binary(node)->op;
		*chooses = *chooses || op == OPERATOR_LOGICAL_AND || op == OPERATOR_LOGICAL_OR;
		break;
	}
	case NODE_TERNARY:
	case NODE_BLOCK_EXPRESSION: *chooses = true; break;
	default: break;
	}
	return !*chooses;
}

/* Whether a part of the term may be left out when it is evaluated: then what it reads is not known
 * behind it. */
static bool chooses(struct node *term)
{
	bool chooses = false;
	node_walk(term, visit_choice, &chooses);
	return chooses;
}

void filter_emit(struct emitter *e, struct node *filter)
{
	if (filter->kind == NODE_BINARY && node_binary(filter)->op == OPERATOR_LOGICAL_AND) {
		filter_emit(e, node_binary(filter)->left);
		filter_emit(e, node_binary(filter)->right);
		return;
	}
	LLVMBasicBlockRef pass = ir_block(e, "pass");
	e->remembers = !chooses(filter);
	ir_branch(e, expr_condition(e, filter), pass, e->function->leave);
	e->remembers = false;
	ir_begin(e, pass);
}
