/* SPDX-License-Identifier: Apache-2.0 */
/* Control flow, and what may be assigned to. */
#include "check.h"

#include "bpftrace/compiler/bind/constant.h"
#include "bpftrace/compiler/bind/typename.h"
#include "libcommon/host/feature.h"

enum {
	UNROLLED_MAX = 100,
	COPIES_MAX = 10000,   /* by unrolls in each other: seconds of compiling */
	ROUNDS_MAX = 1 << 23, /* BPF_MAX_LOOPS of the kernel's include/linux/bpf_verifier.h */
};

void check_condition(struct compilation *c, const struct node *node)
{
	uint32_t type = node->type;

	if (!types_is_integer(c->types, type) && types_class(c->types, type) != TYPE_POINTER)
		diag_error(c->diags, node->span,
			"A condition must be an integer or a pointer, not '%s'",
			typename_spell(c, type));
}

static void check_unroll(struct compilation *c, const struct unroll *loop)
{
	int64_t count;

	if (!constant_integer(loop->count, &count))
		diag_error(c->diags, loop->count->span, "The count of unroll must be a constant");
	else if (count < 1 || count > UNROLLED_MAX)
		diag_error(c->diags, loop->count->span,
			"The count of unroll must be from 1 to %d, not %ld", UNROLLED_MAX,
			(long)count);
}

struct copies {
	struct compilation *c;
	int64_t count;
};

static bool count_copies(struct node *node, void *context);

/* Code for a condition of while is generated twice. */
static void count_condition(const struct while_loop *loop, struct copies copies)
{
	copies.count *= 2;
	if (copies.count > COPIES_MAX)
		diag_error(copies.c->diags, loop->condition->span,
			"loops in conditions of loops are nested too deep");
	else
		node_walk(loop->condition, count_copies, &copies);
	copies.count /= 2;
	node_walk(loop->body, count_copies, &copies);
}

/* Unrolls in each other multiply. */
static bool count_copies(struct node *node, void *context)
{
	struct copies copies = *(struct copies *)context;
	int64_t count;

	if (node->kind == NODE_WHILE) {
		count_condition(node_while_loop(node), copies);
		return false;
	}
	if (node->kind != NODE_UNROLL || !constant_integer(node_unroll(node)->count, &count) ||
		count < 1 || count > UNROLLED_MAX)
		return true;
	copies.count *= count;
	if (copies.count > COPIES_MAX)
		diag_error(copies.c->diags, node->span,
			"nested unrolls repeat this %ld times, the limit is %d", (long)copies.count,
			COPIES_MAX);
	else
		node_walk(node_unroll(node)->body, count_copies, &copies);
	return false;
}

static void check_feature(struct compilation *c, struct span span, enum feature feature,
	const char *what, const char *since)
{
	if (c->request->features & FEATURE_BIT(feature))
		return;
	diag_error(c->diags, span, "%s", what);
	diag_hint(c->diags, "Linux %s and newer support it (feature %s)", since,
		feature_name(feature));
}

static void check_range(struct compilation *c, const struct for_loop *loop)
{
	const struct range *range = node_range(loop->iterable);
	int64_t low, high;

	if (!constant_integer(range->low, &low) || !constant_integer(range->high, &high))
		check_feature(c, loop->iterable->span, FEATURE_LOOP,
			"for: this kernel needs a range of constants", "5.17");
	else if (low < high && (uint64_t)high - (uint64_t)low > ROUNDS_MAX)
		diag_error(c->diags, loop->iterable->span,
			"A range can have up to %d rounds, this one has %lu", ROUNDS_MAX,
			(unsigned long)((uint64_t)high - (uint64_t)low));
}

static void check_for(struct compilation *c, const struct for_loop *loop)
{
	if (loop->iterable->kind == NODE_RANGE) {
		check_range(c, loop);
		return;
	}
	check_feature(c, loop->iterable->span, FEATURE_FOR_EACH_MAP_ELEM,
		"for: this kernel cannot iterate over a map", "5.13");
}

static void check_target(struct compilation *c, const struct node *target)
{
	switch (target->kind) {
	case NODE_VARIABLE:
	case NODE_MAP: break;
	case NODE_ELEMENT:
		diag_error(c->diags, target->span,
			"Tuples are immutable: an element can not be assigned to");
		break;
	default: diag_error(c->diags, target->span, "Only variables and maps can be assigned to");
	}
}

static void check_index(struct compilation *c, const struct index *node)
{
	uint32_t type = node->object->type, count;
	int64_t index;

	if (types_is_histogram(c->types, type))
		type = types_form(c->types, type);
	if (types_class(c->types, type) != TYPE_ARRAY && types_class(c->types, type) != TYPE_STRING)
		return;
	types_element(c->types, type, &count);
	if (!count || !constant_integer(node->index, &index))
		return;
	if (index < 0 || index >= count)
		diag_error(c->diags, node->node.span,
			"the index %ld is out of bounds for array of size %u", (long)index, count);
}

static void check_one(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	switch (node->kind) {
	case NODE_IF: check_condition(c, node_if_statement(node)->condition); break;
	case NODE_WHILE: check_condition(c, node_while_loop(node)->condition); break;
	case NODE_FOR: check_for(c, node_for_loop(node)); break;
	case NODE_UNROLL: check_unroll(c, node_unroll(node)); break;
	case NODE_ASSIGN: check_target(c, node_assign(node)->target); break;
	case NODE_INDEX: check_index(c, node_index(node)); break;
	default: break;
	}
}

/* break and continue that no loop is around; loops are not entered. */
static bool find_stray_jump(struct node *node, void *context)
{
	struct compilation *c = context;

	if (node->kind == NODE_FOR)
		node_walk(node_for_loop(node)->iterable, find_stray_jump, context);
	if (node->kind == NODE_WHILE || node->kind == NODE_FOR || node->kind == NODE_UNROLL)
		return false;
	if (node->kind == NODE_JUMP && node_jump(node)->jump != JUMP_RETURN)
		diag_error(c->diags, node->span, "%s used outside of a loop",
			node_jump(node)->jump == JUMP_BREAK ? "break" : "continue");
	return true;
}

void check_flow(struct compilation *c)
{
	struct copies once = {.c = c, .count = 1};
	struct unit **unit;

	check_all(c, check_one);
	vec_for_each (&c->units, unit) {
		struct node *body = (*unit)->probe->body, *filter = (*unit)->probe->filter;

		if (filter) {
			node_walk(filter, find_stray_jump, c);
			node_walk(filter, count_copies, &once);
		}
		if (body) {
			node_walk(body, find_stray_jump, c);
			node_walk(body, count_copies, &once);
		}
	}
}
