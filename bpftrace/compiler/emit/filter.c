/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter of a block. Its terms are evaluated in order, and the values that they read of maps
 * are cached for the block behind it (cache.c).
 */
#include "compare.h"
#include "filter.h"
#include "ir.h"

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

/* Whether parts of the term are evaluated conditionally: their values are not available behind it.
 */
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

	e->fills_cache = !chooses(filter);
	ir_branch(e, compare_condition(e, filter), pass, e->function->leave);
	e->fills_cache = false;
	ir_begin(e, pass);
}
