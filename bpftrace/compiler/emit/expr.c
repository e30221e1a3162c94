/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expressions. expr_emit yields a value, perhaps still unread (an address in the kernel); the other
 * three functions convert it to the form that they return. Integer arithmetic is done on 64 bits,
 * its signedness is that of the node's type; infer put casts where a value changes its form.
 */
#include <string.h>

#include "access.h"
#include "cast.h"
#include "compare.h"
#include "context/context.h"
#include "debug.h"
#include "expr.h"
#include "holes.h"
#include "index.h"
#include "ir.h"
#include "mapops.h"
#include "stmt.h"
#include "strings.h"
#include "variable.h"

static struct value into_temporary(struct emitter *e, struct node *node)
{
	struct place place = variable_temporary(e, node->type);

	expr_into(e, node, place);
	return value_memory(node->type, place.address);
}

/* --- arithmetic --- */

static LLVMValueRef absolute(struct emitter *e, LLVMValueRef value, LLVMValueRef *ret_negative)
{
	*ret_negative = ir_compare(e, LLVMIntSLT, value, ir_const(e, 0));
	return LLVMBuildSelect(
		e->builder, *ret_negative, LLVMBuildNeg(e->builder, value, ""), value, "");
}

/* Unsigned division as BPF defines it: x / 0 is 0, x % 0 is x. In LLVM division by 0 is
 * undefined behaviour. */
static LLVMValueRef divide_unsigned(
	struct emitter *e, enum operator op, LLVMValueRef left, LLVMValueRef right)
{
	LLVMValueRef zero = ir_compare(e, LLVMIntEQ, right, ir_const(e, 0));
	LLVMValueRef divisor = LLVMBuildSelect(e->builder, zero, ir_const(e, 1), right, "");
	LLVMValueRef result = op == OPERATOR_DIVIDE ? LLVMBuildUDiv(e->builder, left, divisor, "")
						    : LLVMBuildURem(e->builder, left, divisor, "");

	/* LLVM makes comparisons with quotients into products of 128 bits, which BPF lacks */
	if (op == OPERATOR_DIVIDE && !LLVMIsConstant(right))
		result = ir_opaque(e, result);
	LLVMValueRef otherwise = op == OPERATOR_DIVIDE ? ir_const(e, 0) : left;

	return LLVMBuildSelect(e->builder, zero, otherwise, result, "");
}

/* BPF has no signed division before its fourth instruction set: divide the magnitudes. The quotient
 * is negative when the signs differ, the remainder has the sign of the dividend, as in C. */
static LLVMValueRef divide(
	struct emitter *e, enum operator op, LLVMValueRef left, LLVMValueRef right, bool is_signed)
{
	if (!is_signed)
		return divide_unsigned(e, op, left, right);
	LLVMValueRef left_negative, right_negative;
	LLVMValueRef result = divide_unsigned(
		e, op, absolute(e, left, &left_negative), absolute(e, right, &right_negative));
	LLVMValueRef negative =
		op == OPERATOR_DIVIDE ? LLVMBuildXor(e->builder, left_negative, right_negative, "")
				      : left_negative;

	return LLVMBuildSelect(
		e->builder, negative, LLVMBuildNeg(e->builder, result, ""), result, "");
}

static LLVMValueRef shift(
	struct emitter *e, enum operator op, LLVMValueRef left, LLVMValueRef right, bool is_signed)
{
	LLVMValueRef count = LLVMBuildAnd(e->builder, right, ir_const(e, 63), "");

	if (op == OPERATOR_SHIFT_LEFT)
		return LLVMBuildShl(e->builder, left, count, "");
	return is_signed ? LLVMBuildAShr(e->builder, left, count, "")
			 : LLVMBuildLShr(e->builder, left, count, "");
}

LLVMValueRef expr_arithmetic(
	struct emitter *e, enum operator op, LLVMValueRef left, LLVMValueRef right, bool is_signed)
{
	LLVMBuilderRef builder = e->builder;

	switch (op) {
	case OPERATOR_ADD: return LLVMBuildAdd(builder, left, right, "");
	case OPERATOR_SUBTRACT: return LLVMBuildSub(builder, left, right, "");
	case OPERATOR_MULTIPLY: return LLVMBuildMul(builder, left, right, "");
	case OPERATOR_BIT_AND: return LLVMBuildAnd(builder, left, right, "");
	case OPERATOR_BIT_OR: return LLVMBuildOr(builder, left, right, "");
	case OPERATOR_BIT_XOR: return LLVMBuildXor(builder, left, right, "");
	case OPERATOR_DIVIDE:
	case OPERATOR_MODULO: return divide(e, op, left, right, is_signed);
	default: return shift(e, op, left, right, is_signed);
	}
}

LLVMValueRef expr_scaled(struct emitter *e, uint32_t type, LLVMValueRef count)
{
	struct types *types = e->c->types;

	if (types_class(types, type) != TYPE_POINTER)
		return count;
	uint32_t pointee = types_complete(types, types_pointee(types, type));
	bool has_size = types_size(types, pointee) > 0;
	LLVMValueRef size = has_size ? access_size(e, pointee) : ir_const(e, 1);

	return LLVMBuildMul(e->builder, count, size, "");
}

static LLVMValueRef binary_arithmetic(struct emitter *e, struct binary *binary)
{
	LLVMValueRef left = expr_register(e, binary->left);
	LLVMValueRef right = expr_register(e, binary->right);

	/* one of them may be a pointer */
	right = expr_scaled(e, binary->left->type, right);
	left = expr_scaled(e, binary->right->type, left);
	bool is_signed = types_is_signed(e->c->types, binary->node.type);

	return expr_arithmetic(e, binary->op, left, right, is_signed);
}

static LLVMValueRef emit_binary(struct emitter *e, struct binary *binary)
{
	if (binary->op >= OPERATOR_EQUAL)
		return ir_extend(e, compare_condition(e, &binary->node), false);
	return binary_arithmetic(e, binary);
}

/* --- unary --- */

static LLVMValueRef step(struct emitter *e, struct unary *unary)
{
	bool post = unary->op == OPERATOR_POST_INCREMENT || unary->op == OPERATOR_POST_DECREMENT;
	bool up = unary->op == OPERATOR_PRE_INCREMENT || unary->op == OPERATOR_POST_INCREMENT;
	LLVMValueRef one = ir_const(e, up ? 1 : -1);

	one = expr_scaled(e, unary->operand->type, one);
	if (unary->operand->kind == NODE_MAP)
		return mapops_add(e, node_map_access(unary->operand), one, post);

	struct place place = variable_place(e, node_variable_use(unary->operand)->variable);
	LLVMValueRef old = access_load(e, value_memory(place.type, place.address));

	access_store(e, place, LLVMBuildAdd(e->builder, old, one, ""));
	return post ? old : access_load(e, value_memory(place.type, place.address));
}

static struct value emit_unary(struct emitter *e, struct unary *unary)
{
	uint32_t type = unary->node.type;

	switch (unary->op) {
	case OPERATOR_LOGICAL_NOT:
		return value_register(
			type, ir_extend(e, compare_condition(e, &unary->node), false));
	case OPERATOR_BIT_NOT:
		return value_register(type,
			cast_integer(e,
				LLVMBuildNot(e->builder, expr_register(e, unary->operand), ""),
				type));
	case OPERATOR_MINUS:
		return value_register(
			type, LLVMBuildNeg(e->builder, expr_register(e, unary->operand), ""));
	case OPERATOR_DEREFERENCE:
		return access_pointee(e, unary->operand->type, expr_register(e, unary->operand));
	case OPERATOR_ADDRESS_OF: /* of memory that a pointer led to: unread, it is its address */
		return value_register(type, expr_emit(e, unary->operand).llvm);
	default: return value_register(type, step(e, unary));
	}
}

/* --- choices --- */

/* Evaluates one arm of a ternary in its own block with arm() and returns where it ended. */
static LLVMBasicBlockRef arm(struct emitter *e, LLVMBasicBlockRef block, struct node *node,
	struct place *place, LLVMValueRef *ret)
{
	ir_begin(e, block);
	if (place)
		expr_into(e, node, *place);
	else if (ret)
		*ret = expr_register(e, node);
	else
		expr_emit(e, node);
	return ir_here(e);
}

/* Into place, into a register (returned), or for effect only. */
static LLVMValueRef choose(
	struct emitter *e, struct ternary *ternary, struct place *place, bool has_value)
{
	LLVMBasicBlockRef then = ir_block(e, "then"), otherwise = ir_block(e, "otherwise");
	LLVMBasicBlockRef done = ir_block(e, "chosen"), ends[2];
	LLVMValueRef values[2];

	ir_branch(e, compare_condition(e, ternary->condition), then, otherwise);
	ends[0] = arm(e, then, ternary->then, place, has_value ? &values[0] : NULL);
	ir_jump(e, done);
	ends[1] = arm(e, otherwise, ternary->otherwise, place, has_value ? &values[1] : NULL);
	ir_jump(e, done);
	ir_begin(e, done);
	return has_value && !place ? ir_phi(e, e->i64, values, ends, 2) : NULL;
}

static struct value emit_ternary(struct emitter *e, struct ternary *ternary)
{
	uint32_t type = ternary->node.type;

	if (!type) {
		choose(e, ternary, NULL, false);
		return value_none();
	}
	if (types_is_scalar(e->c->types, type))
		return value_register(type, choose(e, ternary, NULL, true));
	return into_temporary(e, &ternary->node);
}

/* --- members and elements --- */

static struct value context_member(struct emitter *e, const char *name)
{
	struct types *types = e->c->types;
	uint32_t count = types_member_count(types, e->unit->args);

	for (uint32_t i = 0; i < count; i++) {
		struct types_member member = types_member_at(types, e->unit->args, i);

		if (!strcmp(member.name, name))
			return context_find(e->unit->context)->member(e, member, i);
	}
	return value_none();
}

static struct value emit_member(struct emitter *e, struct member *node)
{
	struct types *types = e->c->types;

	if (builtin_is_args(node->object))
		return context_member(e, node->name);
	struct value object = expr_emit(e, node->object);

	while (types_class(types, object.type) == TYPE_POINTER)
		object = access_pointee(e, object.type, access_load(e, object));
	struct types_member member;

	types_member(types, object.type, node->name, &member);
	return access_member(e, object, member);
}

static struct value emit_element(struct emitter *e, struct element *node)
{
	struct value object = expr_emit(e, node->object);

	return access_member(e, object, types_member_at(e->c->types, object.type, node->number));
}

/* --- tuples --- */

static void tuple_into(struct emitter *e, struct tuple *tuple, struct place place)
{
	struct node *element;
	uint32_t number = 0;

	node_for_each (tuple->elements, element) {
		struct types_member member = types_member_at(e->c->types, place.type, number++);

		expr_into(e, element, access_part(e, place, member));
	}
}

/* The values in the order in which they are written. */
static void record_into(struct emitter *e, struct record *record, struct place place)
{
	struct types_member member = {};
	struct node *field;

	node_for_each (record->fields, field) {
		types_member(e->c->types, place.type, node_record_field(field)->name, &member);
		expr_into(e, node_record_field(field)->value, access_part(e, place, member));
	}
}

/* --- blocks --- */

static struct value emit_block(struct emitter *e, struct block_expression *block)
{
	stmt_emit_all(e, block->statements);
	return block->result ? expr_emit(e, block->result) : value_none();
}

static void block_into(struct emitter *e, struct block_expression *block, struct place place)
{
	stmt_emit_all(e, block->statements);
	expr_into(e, block->result, place);
}

/* --- the four forms --- */

static const struct builtin *builtin_of(struct node *node)
{
	return node->kind == NODE_CALL ? node_call(node)->builtin : node_identifier(node)->builtin;
}

static struct value emit_builtin(struct emitter *e, struct node *node)
{
	const struct builtin *builtin = builtin_of(node);

	return builtin->emit ? builtin->emit(e, node) : into_temporary(e, node);
}

static struct value emit_offsetof(struct emitter *e, const struct offset_of *node)
{
	LLVMValueRef offset = ir_const(e, 0);

	for (size_t i = 0; i < node->member_count; i++)
		offset = LLVMBuildAdd(e->builder, offset, access_offset(e, node->members[i]), "");
	return value_register(node->node.type, offset);
}

static struct value variable_value(struct emitter *e, struct variable_use *use)
{
	struct place place = variable_place(e, use->variable);
	struct value value = value_memory(place.type, place.address);

	if (types_is_scalar(e->c->types, place.type))
		value = value_register(place.type, access_load(e, value));
	return value;
}

struct value expr_emit(struct emitter *e, struct node *node)
{
	debug_location(e, node->span);
	switch (node->kind) {
	case NODE_INTEGER:
		return value_register(node->type, ir_const(e, node_integer(node)->value));
	case NODE_BOOLEAN:
		return value_register(node->type, ir_const(e, node_boolean(node)->value));
	case NODE_IDENTIFIER:
	case NODE_CALL: return emit_builtin(e, node);
	case NODE_VARIABLE: return variable_value(e, node_variable_use(node));
	case NODE_MAP: return mapops_read(e, node_map_access(node));
	case NODE_UNARY: return emit_unary(e, node_unary(node));
	case NODE_BINARY: return value_register(node->type, emit_binary(e, node_binary(node)));
	case NODE_TERNARY: return emit_ternary(e, node_ternary(node));
	case NODE_MEMBER: return emit_member(e, node_member(node));
	case NODE_ELEMENT: return emit_element(e, node_element(node));
	case NODE_INDEX: return index_emit(e, node_index(node));
	case NODE_CAST:
		return types_is_scalar(e->c->types, node->type) ? cast_emit(e, node_cast(node))
								: into_temporary(e, node);
	case NODE_SIZEOF:
		return value_register(node->type, access_size(e, node_size_of(node)->sized));
	case NODE_OFFSETOF: return emit_offsetof(e, node_offset_of(node));
	case NODE_BLOCK_EXPRESSION: return emit_block(e, node_block_expression(node));
	default: return into_temporary(e, node); /* STRING, TUPLE, RECORD */
	}
}

LLVMValueRef expr_register(struct emitter *e, struct node *node)
{
	return access_load(e, expr_emit(e, node));
}

LLVMValueRef expr_memory(struct emitter *e, struct node *node)
{
	struct value value = expr_emit(e, node);

	/* an array of char may be read as a longer string */
	bool is_whole = types_size(e->c->types, value.type) == types_size(e->c->types, node->type);

	if (value.storage == STORAGE_MEMORY && is_whole)
		return value.llvm;
	struct place place = variable_temporary(e, node->type);

	access_copy(e, value, place);
	return place.address;
}

LLVMValueRef expr_key(struct emitter *e, struct node *node, uint32_t type)
{
	struct place place = variable_temporary(e, type);

	place.padding = PADDING_ALL;
	expr_into(e, node, place);
	holes_fill(e, place, node->span);
	return place.address;
}

void expr_into(struct emitter *e, struct node *node, struct place place)
{
	debug_location(e, node->span);
	switch (node->kind) {
	case NODE_STRING: {
		struct string *string = node_string(node);

		strings_literal(e, string->text, string->length, place);
		return;
	}
	case NODE_TUPLE: tuple_into(e, node_tuple(node), place); return;
	case NODE_RECORD: record_into(e, node_record(node), place); return;
	case NODE_BLOCK_EXPRESSION: block_into(e, node_block_expression(node), place); return;
	case NODE_TERNARY:
		if (types_is_scalar(e->c->types, node->type))
			break;
		choose(e, node_ternary(node), &place, true);
		return;
	case NODE_CAST:
		if (types_is_scalar(e->c->types, node->type))
			break;
		cast_into(e, node_cast(node), place);
		return;
	case NODE_IDENTIFIER:
	case NODE_CALL:
		if (!builtin_of(node)->emit_into)
			break;
		builtin_of(node)->emit_into(e, node, place);
		return;
	default: break;
	}
	struct value value = expr_emit(e, node);

	debug_location(e, node->span);
	access_copy(e, value, place);
}
