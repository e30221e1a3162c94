/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparisons and logic: what yields 0 or 1. compare_condition gives it as one bit, as branches
 * want it.
 */
#include <string.h>

#include "compare.h"
#include "debug.h"
#include "equal.h"
#include "expr.h"
#include "ir.h"
#include "names.h"

/* As in C: unsigned when one side is an unsigned 64-bit number or a pointer. */
static bool compares_unsigned(const struct emitter *e, const struct node *node)
{
	const struct types *types = e->c->types;

	return types_class(types, node->type) == TYPE_POINTER ||
	       (types_size(types, node->type) == 8 && !types_is_signed(types, node->type));
}

static LLVMValueRef compare_numbers(struct emitter *e, struct binary *binary)
{
	bool is_unsigned =
		compares_unsigned(e, binary->left) || compares_unsigned(e, binary->right);
	LLVMIntPredicate predicate;

	switch (binary->op) {
	case OPERATOR_EQUAL: predicate = LLVMIntEQ; break;
	case OPERATOR_NOT_EQUAL: predicate = LLVMIntNE; break;
	case OPERATOR_LESS: predicate = is_unsigned ? LLVMIntULT : LLVMIntSLT; break;
	case OPERATOR_LESS_EQUAL: predicate = is_unsigned ? LLVMIntULE : LLVMIntSLE; break;
	case OPERATOR_GREATER: predicate = is_unsigned ? LLVMIntUGT : LLVMIntSGT; break;
	default: predicate = is_unsigned ? LLVMIntUGE : LLVMIntSGE; break;
	}
	LLVMValueRef left = expr_register(e, binary->left);

	return ir_compare(e, predicate, left, expr_register(e, binary->right));
}

/* Returns as i1 whether the values in memory on both sides are equal. */
static LLVMValueRef are_equal(struct emitter *e, const struct binary *binary)
{
	switch (types_class(e->c->types, binary->left->type)) {
	case TYPE_STRING: return equal_strings(e, binary->left, binary->right, 0);
	case TYPE_ARRAY: return equal_arrays(e, binary->left, binary->right);
	default: return equal_records(e, binary->left, binary->right);
	}
}

static LLVMValueRef compare_memory(struct emitter *e, const struct binary *binary)
{
	LLVMValueRef equal = are_equal(e, binary);

	return binary->op == OPERATOR_EQUAL ? equal : LLVMBuildNot(e->builder, equal, "");
}

static bool is_in_memory(const struct emitter *e, uint32_t type)
{
	if (types_has_meaning(e->c->types, type, MEANING_BUF))
		return true;
	switch (types_class(e->c->types, type)) {
	case TYPE_STRING:
	case TYPE_ARRAY:
	case TYPE_STRUCT:
	case TYPE_UNION:
	case TYPE_TUPLE: return true;
	default: return false;
	}
}

/* --- names of probes --- */

/* The number of a name that one of the unit's attach points has; 0 when none does. */
static uint32_t number_among(const struct unit *unit, bool is_func, const char *name)
{
	for (size_t i = 0; i < unit->matches.count; i++) {
		const struct probe_match *match = &unit->matches.items[i];
		const char *own = is_func ? match->function : match->name;

		if (own && !strcmp(own, name))
			return is_func ? names_func(unit->names[i]) : names_probe(unit->names[i]);
	}
	return 0;
}

/* A literal is compared with the names of the unit, and a value that was kept with those of all. */
static LLVMValueRef compare_name(
	struct emitter *e, struct binary *binary, struct node *number, struct node *literal)
{
	bool is_func = types_has_meaning(e->c->types, number->type, MEANING_FUNC);
	const char *name = node_string(literal)->text;
	uint32_t wanted = 0;
	struct unit **unit;

	vec_for_each (&e->c->units, unit)
		if (!wanted && (*unit == e->unit || number->kind != NODE_IDENTIFIER))
			wanted = number_among(*unit, is_func, name);
	LLVMValueRef value = expr_register(e, number);
	LLVMValueRef equal = ir_compare(e, LLVMIntEQ, value, ir_const(e, wanted));

	if (!wanted && *name)
		equal = LLVMConstInt(e->i1, false, false);
	return binary->op == OPERATOR_EQUAL ? equal : LLVMBuildNot(e->builder, equal, "");
}

/* --- logic --- */

/* Evaluates the right side only when the left one does not decide the result. */
static LLVMValueRef short_circuit(struct emitter *e, struct binary *binary)
{
	bool is_and = binary->op == OPERATOR_LOGICAL_AND;
	LLVMBasicBlockRef right = ir_block(e, "right"), done = ir_block(e, "decided");
	LLVMValueRef left = compare_condition(e, binary->left);
	LLVMBasicBlockRef blocks[2] = {ir_here(e)};

	ir_branch(e, left, is_and ? right : done, is_and ? done : right);
	ir_begin(e, right);
	LLVMValueRef values[] = {
		LLVMConstInt(e->i1, !is_and, false), compare_condition(e, binary->right)};

	blocks[1] = ir_here(e);
	ir_jump(e, done);
	ir_begin(e, done);
	return ir_phi(e, e->i1, values, blocks, 2);
}

static bool is_comparison(enum operator op)
{
	return op >= OPERATOR_EQUAL && op <= OPERATOR_GREATER_EQUAL;
}

static LLVMValueRef binary_condition(struct emitter *e, struct binary *binary)
{
	if (!is_comparison(binary->op))
		return short_circuit(e, binary);
	if (binary->right->kind == NODE_STRING && types_is_name(e->c->types, binary->left->type))
		return compare_name(e, binary, binary->left, binary->right);
	if (binary->left->kind == NODE_STRING && types_is_name(e->c->types, binary->right->type))
		return compare_name(e, binary, binary->right, binary->left);
	if (is_in_memory(e, binary->left->type))
		return compare_memory(e, binary);
	return compare_numbers(e, binary);
}

static bool is_condition(struct node *node)
{
	if (node->kind == NODE_BINARY)
		return node_binary(node)->op >= OPERATOR_EQUAL;
	return node->kind == NODE_UNARY && node_unary(node)->op == OPERATOR_LOGICAL_NOT;
}

/* Whether the condition is an element of a map alone, as in /@start[tid]/: a test of its
 * existence. */
static bool is_element(struct node *node)
{
	while (node->kind == NODE_CAST && !node_cast(node)->type)
		node = node_cast(node)->operand;
	return node->kind == NODE_MAP;
}

LLVMValueRef compare_condition(struct emitter *e, struct node *node)
{
	debug_location(e, node->span);
	if (node->kind == NODE_BINARY && is_condition(node))
		return binary_condition(e, node_binary(node));
	if (is_condition(node))
		return LLVMBuildNot(
			e->builder, compare_condition(e, node_unary(node)->operand), "");
	e->may_be_missing = is_element(node);
	LLVMValueRef value = expr_register(e, node);

	e->may_be_missing = false;
	return ir_compare(e, LLVMIntNE, value, ir_const(e, 0));
}

bool compare_makes_bool(const struct emitter *e, const struct cast *cast)
{
	const struct types *types = e->c->types;
	uint32_t from = cast->operand->type;

	return types_is_bool(types, cast->node.type) &&
	       (types_is_scalar(types, from) || types_class(types, from) == TYPE_STRING);
}

struct value compare_as_bool(struct emitter *e, const struct cast *cast)
{
	struct node *node = cast->operand;
	bool is_string = types_class(e->c->types, node->type) == TYPE_STRING;
	LLVMValueRef value =
		is_string ? ir_load(e, expr_memory(e, node), 1, false) : expr_register(e, node);

	value = ir_compare(e, LLVMIntNE, value, ir_const(e, 0));
	return value_register(cast->node.type, ir_extend(e, value, false));
}
