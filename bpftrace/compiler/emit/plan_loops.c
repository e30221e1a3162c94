/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which bodies of for loops are functions that the kernel calls, and what the verifier must be able
 * to follow through them: variables that only one function uses stay on its stack, variables that
 * count the rounds of a while loop stand there first.
 */
#include "bpftrace/compiler/bind/constant.h"
#include "libcommon/host/feature.h"
#include "plan.h"

enum {
	PLAIN_ROUNDS = 32, /* of a range that the verifier may go through one by one */
};

/* Where the walk is. */
struct loop_position {
	const struct compilation *c;
	const struct for_loop *function; /* as for_loop.function */
};

/* The rounds of a range with constant bounds; false when they are known only at run time. */
static bool constant_rounds(struct range *range, uint64_t *ret)
{
	int64_t low, high;

	if (!constant_integer(range->low, &low) || !constant_integer(range->high, &high))
		return false;
	*ret = low < high ? (uint64_t)high - (uint64_t)low : 0;
	return true;
}

/* Few rounds are a loop as any other, which all kernels accept; so are constant ones on kernels
 * that cannot call the body. */
static bool is_plain(const struct compilation *c, const struct for_loop *loop)
{
	bool has_loop = c->request->features & FEATURE_BIT(FEATURE_LOOP);
	uint64_t rounds;

	return loop->iterable->kind == NODE_RANGE &&
	       constant_rounds(node_range(loop->iterable), &rounds) &&
	       (rounds <= PLAIN_ROUNDS || !has_loop);
}

static void note_use(const struct loop_position *position, struct node *node, bool changes)
{
	if (node->kind != NODE_VARIABLE)
		return;

	struct variable *variable = node_variable_use(node)->variable;
	bool is_other = variable_function(variable) != position->function;

	variable->shared |= is_other;
	variable->changed |= is_other && changes;
}

static void note_assigned(const struct loop_position *position, const struct call *call)
{
	struct node *argument;

	node_for_each (call->arguments, argument) {
		if (call->builtin->flags & BUILTIN_ASSIGNS && !argument->next)
			note_use(position, argument, true);
	}
}

static bool note_counter(struct node *node, void *context _unused_)
{
	if (node->kind == NODE_VARIABLE)
		node_variable_use(node)->variable->counts = true;
	return true;
}

static bool visit(struct node *node, void *context);

/* The bounds are calculated outside of the body, the variable is of its function. */
static void plan_for(const struct loop_position *outer, struct for_loop *loop)
{
	struct loop_position inner = *outer;

	node_walk(loop->iterable, visit, (void *)(uintptr_t)outer);
	if (!is_plain(outer->c, loop))
		inner.function = loop;
	loop->function = inner.function;
	node_walk(loop->body, visit, &inner);
}

static bool visit(struct node *node, void *context)
{
	const struct loop_position *position = context;

	switch (node->kind) {
	case NODE_VARIABLE: note_use(position, node, false); break;
	case NODE_ASSIGN: note_use(position, node_assign(node)->target, true); break;
	case NODE_CALL: note_assigned(position, node_call(node)); break;
	case NODE_UNARY:
		if (node_unary(node)->op >= OPERATOR_PRE_INCREMENT)
			note_use(position, node_unary(node)->operand, true);
		break;
	case NODE_WHILE: node_walk(node_while_loop(node)->condition, note_counter, NULL); break;
	case NODE_FOR: plan_for(position, node_for_loop(node)); return false;
	default: break;
	}
	return true;
}

void plan_loops(const struct compilation *c, const struct unit *unit)
{
	struct loop_position position = {.c = c};

	node_walk(&unit->probe->node, visit, &position);
}
