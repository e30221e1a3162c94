/* SPDX-License-Identifier: Apache-2.0 */
/* The types of operators, and of every expression: one function per node, all of the same form. */
#include <stdint.h>

#include "bpftrace/compiler/ast/literal.h"
#include "libcommon/base/alloc.h"
#include "infer.h"
#include "comptime.h"
#include "typename.h"

/* Not known yet, or something that is or is not 0. */
static bool is_condition(struct compilation *c, uint32_t type)
{
	return !type || infer_is_integer(c, type) || infer_is_pointer(c, type);
}

uint32_t infer_common(struct compilation *c, uint32_t a, uint32_t b)
{
	if (!a || !b)
		return a || b ? infer_promote(c, a ? a : b) : 0;
	a = infer_promote(c, a);
	b = infer_promote(c, b);
	if (a == b)
		return a;
	return a == type_int64(c) || b == type_int64(c) ? type_int64(c) : type_uint64(c);
}

static uint32_t refuse_operands(
	struct compilation *c, const struct binary *binary, uint32_t left, uint32_t right)
{
	infer_error(c, binary->node.span,
		"The %s operator can not be used on expressions of types '%s' and '%s'",
		operator_name(binary->op), typename_spell(c, left), typename_spell(c, right));
	return 0;
}

/* Numbers of which equal ones stand for equal names or stacks. */
static bool same_names(struct compilation *c, uint32_t left, uint32_t right)
{
	static const enum meaning numbered[] = {MEANING_PROBE, MEANING_FUNC, MEANING_KSTACK,
		MEANING_USTACK, MEANING_KSYM, MEANING_USYM};

	for (size_t i = 0; i < ARRAY_SIZE(numbered); i++) {
		if (types_has_meaning(c->types, left, numbered[i]) &&
			types_has_meaning(c->types, right, numbered[i]))
			return true;
	}
	return false;
}

/* probe and func are numbers of names; that of a literal is known. */
static bool names_probe(struct compilation *c, uint32_t type, const struct node *other)
{
	return other->kind == NODE_STRING && types_is_name(c->types, type);
}

bool infer_compares_names(struct compilation *c, const struct binary *binary)
{
	uint32_t left = binary->left->type, right = binary->right->type;

	return same_names(c, left, right) || names_probe(c, left, binary->right) ||
	       names_probe(c, right, binary->left);
}

/* Arrays of numbers alike are equal when their bytes are. */
static bool same_arrays(struct compilation *c, uint32_t left, uint32_t right)
{
	uint32_t left_count, right_count, a, b;

	if (!infer_is(c, left, TYPE_ARRAY) || !infer_is(c, right, TYPE_ARRAY))
		return false;
	a = types_element(c->types, left, &left_count);
	b = types_element(c->types, right, &right_count);
	return left_count == right_count && types_size(c->types, a) == types_size(c->types, b) &&
	       is_condition(c, a) && is_condition(c, b);
}

static bool is_record(struct compilation *c, uint32_t type)
{
	return infer_is(c, type, TYPE_TUPLE) || infer_is(c, type, TYPE_STRUCT) ||
	       infer_is(c, type, TYPE_UNION);
}

static bool same_records(struct compilation *c, uint32_t left, uint32_t right)
{
	return is_record(c, left) && is_record(c, right) && types_join(c->types, left, right);
}

static bool are_bufs(struct compilation *c, uint32_t left, uint32_t right)
{
	return types_has_meaning(c->types, left, MEANING_BUF) &&
	       types_has_meaning(c->types, right, MEANING_BUF);
}

/* Values in memory that can be equal. */
static bool equatable(struct compilation *c, uint32_t left, uint32_t right)
{
	return (infer_is(c, left, TYPE_STRING) && infer_is(c, right, TYPE_STRING)) ||
	       are_bufs(c, left, right) || same_arrays(c, left, right) ||
	       same_records(c, left, right);
}

/* What a program can compare instead of a text that is made when it is printed. */
static const char *comparable(struct compilation *c, uint32_t type)
{
	if (!infer_is(c, type, TYPE_MEANING))
		return NULL;
	switch (types_meaning_of(c->types, type)) {
	case MEANING_PROCESS_NAME: return "the number of the process";
	case MEANING_USERNAME: return "uid, as in uid == 0";
	case MEANING_CGROUP_PATH: return "cgroup, as in cgroup == cgroupid(\"…\")";
	case MEANING_INET:
	case MEANING_MAC: return "the address itself";
	case MEANING_TIMESTAMP: return "the time itself, in nanoseconds";
	default: return NULL;
	}
}

void infer_hint_comparable(struct compilation *c, uint32_t type)
{
	const char *instead = comparable(c, type);

	if (instead)
		diag_hint(c->diags, "this text is made when it is printed; compare %s", instead);
}

void infer_hint_str(struct compilation *c, struct node *node)
{
	enum type_class class = types_class(c->types, node->type);

	if (node->kind != NODE_INTEGER && (class == TYPE_POINTER || class == TYPE_INTEGER))
		diag_hint(c->diags, "if it is the address of a string, str(%s) reads that string",
			diags_text(c->diags, node->span));
}

/* 'x', which is a number. */
static bool is_character(const struct compilation *c, const struct node *node)
{
	const struct source *source = &c->diags->sources.items[node->span.source];

	return node->kind == NODE_INTEGER && node->span.begin < source->length &&
	       source->text[node->span.begin] == '\'';
}

/* What to compare instead of two operands that do not go together. */
static void hint_at_comparison(struct compilation *c, const struct binary *binary)
{
	struct node *left = binary->left, *right = binary->right;

	if ((infer_is(c, right->type, TYPE_STRING) && is_character(c, left)) ||
		(infer_is(c, left->type, TYPE_STRING) && is_character(c, right)))
		diag_hint(c->diags, HINT_QUOTES);
	infer_hint_comparable(c, comparable(c, left->type) ? left->type : right->type);
	if (infer_is(c, right->type, TYPE_STRING))
		infer_hint_str(c, left);
	else if (infer_is(c, left->type, TYPE_STRING))
		infer_hint_str(c, right);
}

static uint32_t compare(
	struct compilation *c, const struct binary *binary, uint32_t left, uint32_t right)
{
	bool equality = binary->op == OPERATOR_EQUAL || binary->op == OPERATOR_NOT_EQUAL;
	bool same_class = types_class(c->types, left) == types_class(c->types, right);

	if (!left || !right || (is_condition(c, left) && is_condition(c, right)))
		return type_bool(c);
	if (equality && (infer_compares_names(c, binary) ||
				equatable(c, infer_text(c, left), infer_text(c, right))))
		return type_bool(c);
	if (same_class && !(equality && is_record(c, left)))
		return refuse_operands(c, binary, left, right);
	if (infer_error(c, binary->node.span, "Type mismatch for '%s': comparing '%s' with '%s'",
		    operator_name(binary->op), typename_spell(c, left), typename_spell(c, right)))
		hint_at_comparison(c, binary);
	return type_bool(c);
}

static uint32_t logic(
	struct compilation *c, const struct binary *binary, uint32_t left, uint32_t right)
{
	if (!is_condition(c, left) || !is_condition(c, right))
		refuse_operands(c, binary, left, right);
	return type_bool(c);
}

static uint32_t shift(
	struct compilation *c, const struct binary *binary, uint32_t left, uint32_t right)
{
	if (!is_condition(c, left) || !is_condition(c, right))
		return refuse_operands(c, binary, left, right);
	return left ? infer_promote(c, left) : type_int64(c);
}

/* Pointers move by elements: pointer + integer, integer + pointer, pointer - integer. For all other
 * operators they are numbers: scripts calculate with what functions return, as with arg0. */
static uint32_t arithmetic(
	struct compilation *c, const struct binary *binary, uint32_t left, uint32_t right)
{
	bool adds = binary->op == OPERATOR_ADD;
	bool moves = infer_is_pointer(c, left) && (adds || binary->op == OPERATOR_SUBTRACT);

	if (moves && infer_is_integer(c, right))
		return left;
	if (infer_is_integer(c, left) && infer_is_pointer(c, right) && adds)
		return right;
	if (moves || !is_condition(c, left) || !is_condition(c, right))
		return refuse_operands(c, binary, left, right);
	return binary->op == OPERATOR_SUBTRACT ? type_int64(c) : infer_common(c, left, right);
}

static uint32_t infer_binary(struct compilation *c, struct unit *unit, struct binary *binary)
{
	uint32_t left = infer_operand(c, unit, binary->left);
	uint32_t right = infer_operand(c, unit, binary->right);

	switch (binary->op) {
	case OPERATOR_EQUAL:
	case OPERATOR_NOT_EQUAL:
	case OPERATOR_LESS:
	case OPERATOR_LESS_EQUAL:
	case OPERATOR_GREATER:
	case OPERATOR_GREATER_EQUAL: return compare(c, binary, left, right);
	case OPERATOR_LOGICAL_AND:
	case OPERATOR_LOGICAL_OR: return logic(c, binary, left, right);
	case OPERATOR_SHIFT_LEFT:
	case OPERATOR_SHIFT_RIGHT: return shift(c, binary, left, right);
	default: return arithmetic(c, binary, left, right);
	}
}

void infer_refuse(struct compilation *c, const struct unary *unary, uint32_t type)
{
	infer_error(c, unary->node.span,
		"The %s operator can not be used on expressions of type '%s'",
		operator_name(unary->op), typename_spell(c, type));
}

static bool is_decrement(enum operator op)
{
	return op == OPERATOR_PRE_DECREMENT || op == OPERATOR_POST_DECREMENT;
}

/* A variable holds what it is stepped to, unless it was declared with its type. */
static uint32_t step_variable(struct compilation *c, struct unary *unary, uint32_t type)
{
	struct variable *variable = node_variable_use(unary->operand)->variable;

	if (variable->fixed && types_is_bool(c->types, type))
		infer_variable_write(c, variable, type_int64(c), unary->node.span);
	if (variable->fixed || !infer_is_integer(c, type))
		return type;
	infer_grow(c, &variable->type,
		is_decrement(unary->op) ? type_int64(c) : infer_promote(c, type), &variable->typed,
		unary->node.span);
	return variable->type;
}

/* ++ and --: a map that has no value yet counts from 0. */
static uint32_t infer_step(struct compilation *c, struct unary *unary, uint32_t type)
{
	uint32_t number = is_decrement(unary->op) ? type_int64(c) : type_number(c);

	if (unary->operand->kind == NODE_MAP) {
		struct map_access *access = node_map_access(unary->operand);

		if (!type || infer_is_integer(c, type))
			infer_map_write(c, access, number, unary->node.span);
		else if (!infer_is_pointer(c, type))
			infer_refuse(c, unary, type);
		return access->map->value;
	}
	if (unary->operand->kind != NODE_VARIABLE)
		infer_error(c, unary->node.span,
			"The %s operator must be applied to a map or variable",
			operator_name(unary->op));
	else if (!is_condition(c, type))
		infer_refuse(c, unary, type);
	else
		return step_variable(c, unary, type);
	return type;
}

/* ~ of a narrow unsigned type stays in it. */
static uint32_t complement_type(struct compilation *c, uint32_t type)
{
	bool is_narrow =
		types_class(c->types, type) == TYPE_INTEGER && !types_is_bool(c->types, type);

	if (is_narrow && !types_is_signed(c->types, type))
		return types_integer(c->types, types_size(c->types, type), false);
	return infer_promote(c, type);
}

static uint32_t infer_unary(struct compilation *c, struct unit *unit, struct unary *unary)
{
	uint32_t own = infer_expression(c, unit, unary->operand);
	uint32_t type = infer_scalar(c, own);

	switch (unary->op) {
	case OPERATOR_LOGICAL_NOT:
		if (!is_condition(c, type))
			infer_refuse(c, unary, type);
		return type_bool(c);
	case OPERATOR_BIT_NOT:
	case OPERATOR_MINUS:
		if (!is_condition(c, type)) {
			infer_refuse(c, unary, type);
			return 0;
		}
		return unary->op == OPERATOR_MINUS || !type ? type_int64(c)
							    : complement_type(c, type);
	case OPERATOR_DEREFERENCE: return infer_dereference(c, unary, type);
	case OPERATOR_ADDRESS_OF: return infer_address(c, unit, unary, own);
	default: return infer_step(c, unary, own);
	}
}

static uint32_t infer_ternary(struct compilation *c, struct unit *unit, struct ternary *ternary)
{
	uint32_t condition = infer_operand(c, unit, ternary->condition), then, otherwise, type;

	if (ternary->condition->kind == NODE_COMPTIME)
		return 0;
	then = infer_value(c, unit, ternary->then);
	otherwise = infer_value(c, unit, ternary->otherwise);
	type = infer_join(c, then, otherwise);
	if (!is_condition(c, condition))
		infer_error(c, ternary->condition->span,
			"A condition must be an integer or a pointer, not '%s'",
			typename_spell(c, condition));
	if (then && otherwise && !type)
		infer_error(c, ternary->node.span,
			"Both arms of ?: must have the same type: have '%s' and '%s'",
			typename_spell(c, then), typename_spell(c, otherwise));
	return type;
}

static uint32_t infer_tuple(struct compilation *c, struct unit *unit, struct tuple *tuple)
{
	size_t count = node_count(tuple->elements), at = 0;
	_cleanup_free_ uint32_t *elements = calloc(count, sizeof(*elements));
	bool complete = true;
	struct node *node;

	node_for_each (tuple->elements, node) {
		elements[at] = infer_value(c, unit, node);
		complete &= elements[at++] != 0;
	}
	return complete ? types_tuple(c->types, elements, count) : 0;
}

static uint32_t infer_record(struct compilation *c, struct unit *unit, struct record *record)
{
	size_t count = node_count(record->fields), at = 0;
	_cleanup_free_ struct types_field *fields = xcalloc(count + 1, sizeof(*fields));
	bool complete = true;
	struct node *node;

	node_for_each (record->fields, node) {
		fields[at].name = node_record_field(node)->name;
		fields[at].type = infer_value(c, unit, node_record_field(node)->value);
		complete &= fields[at++].type != 0;
	}
	return complete ? types_record(c->types, fields, count) : 0;
}

static uint32_t infer_variable(struct compilation *c, const struct variable_use *use)
{
	if (!use->variable->type && !use->variable->assigned)
		infer_error(
			c, use->node.span, "Variable %s is used before it has a value", use->name);
	return use->variable->type;
}

static uint32_t infer_block(
	struct compilation *c, struct unit *unit, struct block_expression *block)
{
	infer_statements(c, unit, block->statements);
	return block->result ? infer_expression(c, unit, block->result) : 0;
}

static uint32_t infer_integer(struct compilation *c, const struct integer *integer)
{
	if (integer->constant)
		return integer->constant;
	return integer->value > INT64_MAX ? type_uint64(c) : type_number(c);
}

uint32_t infer_compute(struct compilation *c, struct unit *unit, struct node *node)
{
	switch (node->kind) {
	case NODE_INTEGER: return infer_integer(c, node_integer(node));
	case NODE_STRING: return types_string(c->types, (uint32_t)node_string(node)->length + 1);
	case NODE_IDENTIFIER: return infer_identifier(c, unit, node_identifier(node));
	case NODE_VARIABLE: return infer_variable(c, node_variable_use(node));
	case NODE_MAP: return infer_map_read(c, unit, node_map_access(node));
	case NODE_CALL: return infer_call(c, unit, node_call(node));
	case NODE_UNARY: return infer_unary(c, unit, node_unary(node));
	case NODE_BINARY: return infer_binary(c, unit, node_binary(node));
	case NODE_TERNARY: return infer_ternary(c, unit, node_ternary(node));
	case NODE_MEMBER:
		if (node_member(node)->object->kind == NODE_CALL && c->has_comptime &&
			node_call(node_member(node)->object)->builtin->evaluate)
			return comptime_infer_text(c, unit, node);
		return infer_member(c, unit, node_member(node));
	case NODE_COMPTIME: return comptime_infer(c, unit, node_comptime_value_of(node));
	case NODE_TYPE: return typename_resolve(c, unit, node_type(node), c->infer_last);
	case NODE_ELEMENT: return infer_element(c, unit, node_element(node));
	case NODE_INDEX: return infer_index(c, unit, node_index(node));
	case NODE_CAST: return infer_cast(c, unit, node_cast(node));
	case NODE_SIZEOF: return infer_sizeof(c, unit, node_size_of(node));
	case NODE_OFFSETOF: return infer_offsetof(c, unit, node_offset_of(node));
	case NODE_TUPLE: return infer_tuple(c, unit, node_tuple(node));
	case NODE_RECORD: return infer_record(c, unit, node_record(node));
	case NODE_BLOCK_EXPRESSION: return infer_block(c, unit, node_block_expression(node));
	default: /* scope has refused all others */ return 0;
	}
}
