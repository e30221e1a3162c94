/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparisons and logic: what yields 0 or 1. expr_condition gives it as one bit, as branches want
 * it.
 */
#include <string.h>

#include "ir.h"

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

/* i1: what stands in memory on both sides is equal. */
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

static bool is_name(const struct emitter *e, uint32_t type)
{
	return types_is_named(e->c->types, type, NAMED_PROBE) ||
	       types_is_named(e->c->types, type, NAMED_FUNC);
}

static bool has_name(const struct probe_match *match, bool is_func, const struct string *name)
{
	const char *own = is_func ? match->function : match->name;
	return !strcmp(own ? own : "", name->text);
}

/* i1: number is that of one of the unit's attach points with the name. */
static LLVMValueRef is_among(struct emitter *e, const struct unit *unit, LLVMValueRef number,
	bool is_func, const struct string *name)
{
	LLVMValueRef result = LLVMConstInt(e->i1, false, false);
	for (size_t i = 0; i < unit->matches.count; i++) {
		if (!has_name(&unit->matches.items[i], is_func, name))
			continue;
		LLVMValueRef wanted = ir_const(e, unit->numbers[i]);
		LLVMValueRef same = ir_compare(e, LLVMIntEQ, number, wanted);
		result = LLVMBuildOr(e->builder, result, same, "");
	}
	return result;
}

/* probe and func are numbers of attach points, whose names are known here: a literal is compared
 * with those of the unit, and a value that was kept with those of all. */
static LLVMValueRef compare_name(
	struct emitter *e, struct binary *binary, struct node *number, struct node *literal)
{
	bool is_func = types_is_named(e->c->types, number->type, NAMED_FUNC);
	const struct string *name = node_string(literal);
	LLVMValueRef value = expr_register(e, number);
	LLVMValueRef equal = LLVMConstInt(e->i1, false, false);
	struct unit **unit;
	vec_for_each (&e->c->units, unit)
		if (*unit == e->unit || number->kind != NODE_IDENTIFIER)
			equal = LLVMBuildOr(
				e->builder, equal, is_among(e, *unit, value, is_func, name), "");
	return binary->op == OPERATOR_EQUAL ? equal : LLVMBuildNot(e->builder, equal, "");
}

/* --- logic --- */

/* The right side is evaluated only when the left one has not decided yet. */
static LLVMValueRef short_circuit(struct emitter *e, struct binary *binary)
{
	bool is_and = binary->op == OPERATOR_LOGICAL_AND;
	LLVMBasicBlockRef right = ir_block(e, "right"), done = ir_block(e, "decided");
	LLVMValueRef left = expr_condition(e, binary->left);
	LLVMBasicBlockRef blocks[2] = {ir_here(e)};
	ir_branch(e, left, is_and ? right : done, is_and ? done : right);
	ir_begin(e, right);
	LLVMValueRef values[] = {
		LLVMConstInt(e->i1, !is_and, false), expr_condition(e, binary->right)};
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
	if (binary->right->kind == NODE_STRING && is_name(e, binary->left->type))
		return compare_name(e, binary, binary->left, binary->right);
	if (binary->left->kind == NODE_STRING && is_name(e, binary->right->type))
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

LLVMValueRef expr_condition(struct emitter *e, struct node *node)
{
	debug_location(e, node->span);
	if (node->kind == NODE_BINARY && is_condition(node))
		return binary_condition(e, node_binary(node));
	if (is_condition(node))
		return LLVMBuildNot(e->builder, expr_condition(e, node_unary(node)->operand), "");
	return ir_compare(e, LLVMIntNE, expr_register(e, node), ir_const(e, 0));
}
