/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last step of infer. Where a value is stored in a slot of another type, or an operand is not
 * of the type that its operator works in, a CAST without a type node is put above it, whose own
 * type is the target. So code generation never decides about conversions. Literals and tuples
 * written out are of the wanted type at once. sizeof and offsetof get the type or the members in
 * place of their operands; code generation makes them numbers.
 */
#include "class_text.h"
#include "constant.h"
#include "infer.h"

static void convert(struct compilation *c, struct node **slot, uint32_t type);

/* Both are kept alike: no conversion between them. */
static bool same_form(struct compilation *c, uint32_t from, uint32_t to)
{
	enum type_class class = types_class(c->types, from);

	if (types_strip(c->types, from) == types_strip(c->types, to))
		return true;
	if (class != types_class(c->types, to) || types_is_record(c->types, to))
		return false;
	return class != TYPE_INTEGER && class != TYPE_ENUM && class != TYPE_STRING &&
	       class != TYPE_TUPLE && class != TYPE_MEANING;
}

static void convert_tuple(struct compilation *c, struct tuple *tuple, uint32_t type)
{
	uint32_t index = 0;

	for (struct node **slot = &tuple->elements; *slot; slot = &(*slot)->next)
		convert(c, slot, types_member_at(c->types, type, index++).type);
	tuple->node.type = type;
}

static void convert_record(struct compilation *c, struct record *record, uint32_t type)
{
	struct types_member member = {};
	struct node *field;

	node_for_each (record->fields, field) {
		types_member(c->types, type, node_record_field(field)->name, &member);
		convert(c, &node_record_field(field)->value, member.type);
	}
	record->node.type = type;
}

static void wrap(struct compilation *c, struct node **slot, uint32_t type)
{
	struct cast *cast = new_cast(c->arena, (*slot)->span);

	cast->operand = *slot;
	cast->node.type = type;
	cast->node.next = (*slot)->next;
	(*slot)->next = NULL;
	*slot = &cast->node;
}

/* A program uses the value of an aggregation. */
static void note_read(struct compilation *c, struct node *node)
{
	if (node->kind == NODE_MAP && infer_scalar(c, node->type) != node->type)
		node_map_access(node)->map->read = true;
}

/* A program removes an aggregation without a key: it reaches its own CPU's part only, so there must
 * be one for all of them. */
static void note_single(struct compilation *c, struct node *node)
{
	if (!node_map_access(node)->key)
		note_read(c, node);
}

static void convert(struct compilation *c, struct node **slot, uint32_t type)
{
	struct node *node = *slot;

	if (!type || !node->type || same_form(c, node->type, type))
		return;
	switch (node->kind) {
	case NODE_INTEGER:
	case NODE_STRING: node->type = type; break;
	case NODE_TUPLE: convert_tuple(c, node_tuple(node), type); break;
	case NODE_RECORD: convert_record(c, node_record(node), type); break;
	case NODE_TERNARY:
		convert(c, &node_ternary(node)->then, type);
		convert(c, &node_ternary(node)->otherwise, type);
		node->type = type;
		break;
	case NODE_BLOCK_EXPRESSION:
		convert(c, &node_block_expression(node)->result, type);
		node->type = type;
		break;
	default: note_read(c, node); wrap(c, slot, type);
	}
}

/* An aggregation becomes its number. */
static void convert_scalar(struct compilation *c, struct node **slot)
{
	convert(c, slot, infer_scalar(c, (*slot)->type));
}

/* A name becomes a string. */
static void convert_text(struct compilation *c, struct node **slot)
{
	convert(c, slot, infer_text(c, (*slot)->type));
}

/* A struct with members that are texts, where it is printed. */
static void convert_shown(struct compilation *c, struct node **slot)
{
	uint32_t type = (*slot)->type;
	uint32_t shown = class_text_shown(c->types, type, c->settings.max_strlen);

	if (shown != type)
		wrap(c, slot, shown);
}

static bool is_logic(enum operator op)
{
	return op == OPERATOR_LOGICAL_AND || op == OPERATOR_LOGICAL_OR;
}

static bool is_comparison(enum operator op)
{
	return op >= OPERATOR_EQUAL && op <= OPERATOR_GREATER_EQUAL;
}

static bool is_shift(enum operator op)
{
	return op == OPERATOR_SHIFT_LEFT || op == OPERATOR_SHIFT_RIGHT;
}

/* Whether both operands are numbers; pointers are for most operators. */
static bool is_calculated(struct compilation *c, const struct binary *binary)
{
	uint32_t left = binary->left->type, right = binary->right->type;

	if (infer_is_integer(c, left) && infer_is_integer(c, right))
		return true;
	return !is_comparison(binary->op) && infer_is_integer(c, binary->node.type);
}

static void cast_binary(struct compilation *c, struct binary *binary)
{
	struct node **left = &binary->left, **right = &binary->right;
	uint32_t common;

	convert_scalar(c, left);
	convert_scalar(c, right);
	if (is_logic(binary->op))
		return;
	if (is_shift(binary->op)) {
		convert(c, left, infer_promote(c, (*left)->type));
		convert(c, right, infer_promote(c, (*right)->type));
		return;
	}
	if (is_calculated(c, binary)) {
		common = infer_common(c, (*left)->type, (*right)->type);
		convert(c, left, common);
		convert(c, right, common);
		return;
	}
	if (infer_is(c, (*left)->type, TYPE_TUPLE) || types_is_record(c->types, (*left)->type) ||
		types_has_meaning(c->types, (*left)->type, MEANING_BUF)) {
		common = types_join(c->types, (*left)->type, (*right)->type);
		convert(c, left, common);
		convert(c, right, common);
		return;
	}
	if (!infer_compares_names(c, binary)) {
		convert_text(c, left);
		convert_text(c, right);
	}
	/* A pointer and an integer: the integer counts elements, or is compared as an address. */
	if (infer_is_integer(c, (*left)->type))
		convert(c, left, infer_promote(c, (*left)->type));
	if (infer_is_integer(c, (*right)->type))
		convert(c, right, infer_promote(c, (*right)->type));
}

static void cast_unary(struct compilation *c, struct unary *unary)
{
	switch (unary->op) {
	case OPERATOR_LOGICAL_NOT: convert_scalar(c, &unary->operand); break;
	case OPERATOR_BIT_NOT:
	case OPERATOR_MINUS: convert(c, &unary->operand, unary->node.type); break;
	case OPERATOR_DEREFERENCE:
		convert_scalar(c, &unary->operand);
		if (infer_is_integer(c, unary->operand->type))
			wrap(c, &unary->operand,
				types_pointer(c->types, type_uint64(c), ADDRESS_KERNEL));
		break;
	default: break;
	}
}

static void cast_assign(struct compilation *c, struct assign *assign)
{
	struct node *target = assign->target;
	uint32_t type = target->type;

	if (target->kind != NODE_VARIABLE && target->kind != NODE_MAP)
		return;
	if (builtin_is_aggregation(assign->value))
		return;
	if (assign->op == OPERATOR_NONE) {
		convert(c, &assign->value, type);
		return;
	}
	convert_scalar(c, &assign->value);

	uint32_t value = assign->value->type;

	if (types_is_integer(c->types, type) && !is_shift(assign->op))
		convert(c, &assign->value, infer_common(c, type, value));
	else
		convert(c, &assign->value, infer_promote(c, value));
}

/* Numbers of aggregations where a call takes an integer or, as a format does, a list of values;
 * keys in the form of their map. */
static void cast_arguments(struct compilation *c, struct call *call)
{
	const struct prototype *prototype = prototype_match(c, call);
	size_t index = 0;

	if (!prototype)
		return;
	for (struct node **slot = &call->arguments; *slot; slot = &(*slot)->next) {
		const struct parameter *parameter = prototype_parameter(prototype, index++);

		if (parameter->kind == PARAMETER_ANY)
			convert_shown(c, slot);
		if (parameter->kind == PARAMETER_KEY)
			convert(c, slot, node_map_access(call->arguments)->map->key);
		else if (parameter->kind == PARAMETER_ELEMENT)
			note_single(c, *slot);
		else if (parameter->kind == PARAMETER_STRING)
			convert_text(c, slot);
		else if (parameter->kind == PARAMETER_VARIABLE)
			note_read(c, call->arguments);
		else if (parameter->kind != PARAMETER_MAP &&
			 (parameter->kind != PARAMETER_ANY || parameter->repeated))
			convert_scalar(c, slot);
		else if (parameter->kind == PARAMETER_ANY)
			note_read(c, *slot);
	}
}

struct value_use {
	const struct variable *variable;
	bool found;
};

static bool visit_use(struct node *node, void *context)
{
	struct value_use *use = context;
	struct node *object = node->kind == NODE_ELEMENT ? node_element(node)->object : NULL;

	if (object && object->kind == NODE_VARIABLE && node_element(node)->number == 0)
		return false;
	if (node->kind == NODE_VARIABLE && node_variable_use(node)->variable == use->variable)
		use->found = true;
	return true;
}

/* The values of an aggregation are read only when the body uses more than the key. */
static void cast_for(struct compilation *c, struct for_loop *loop)
{
	struct value_use use = {.variable = node_variable_use(loop->variable)->variable};
	struct map *map;

	if (loop->iterable->kind == NODE_RANGE) {
		convert(c, &node_range(loop->iterable)->low, use.variable->type);
		convert(c, &node_range(loop->iterable)->high, use.variable->type);
		return;
	}
	map = node_map_access(loop->iterable)->map;
	if (infer_scalar(c, map->value) == map->value)
		return;
	node_walk(loop->body, visit_use, &use);
	map->read |= use.found;
}

/* $t[1] becomes $t.1. */
static struct node *as_element(struct compilation *c, struct index *index)
{
	struct element *element = new_element(c->arena, index->node.span);
	int64_t number = 0;

	constant_integer(index->index, &number);
	element->object = index->object;
	element->number = (uint32_t)number;
	element->node.type = index->node.type;
	element->node.next = index->node.next;
	return &element->node;
}

static bool indexes_tuple(struct compilation *c, struct node *node)
{
	return node->kind == NODE_INDEX && infer_is(c, node_index(node)->object->type, TYPE_TUPLE);
}

static void cast_list(struct node **slot, void *context);

static void cast_node(struct compilation *c, struct node **slot)
{
	if (indexes_tuple(c, *slot))
		*slot = as_element(c, node_index(*slot));

	struct node *node = *slot;

	if (node->kind == NODE_SIZEOF) {
		node_size_of(node)->operand = NULL;
		return;
	}
	if (node->kind == NODE_TYPE) {
		node_type(node)->of = NULL;
		return;
	}
	if (node->kind == NODE_OFFSETOF) {
		node_offset_of(node)->operand = node_offset_of(node)->path = NULL;
		return;
	}
	node_slots(node, cast_list, c);
	switch (node->kind) {
	case NODE_ASSIGN: cast_assign(c, node_assign(node)); break;
	case NODE_LET:
		if (node_let(node)->value)
			convert(c, &node_let(node)->value, node_let(node)->variable->type);
		break;
	case NODE_IF: convert_scalar(c, &node_if_statement(node)->condition); break;
	case NODE_WHILE: convert_scalar(c, &node_while_loop(node)->condition); break;
	case NODE_FOR: cast_for(c, node_for_loop(node)); break;
	case NODE_MAP:
		if (node_map_access(node)->key)
			convert(c, &node_map_access(node)->key, node_map_access(node)->map->key);
		break;
	case NODE_CALL: cast_arguments(c, node_call(node)); break;
	case NODE_UNARY: cast_unary(c, node_unary(node)); break;
	case NODE_BINARY: cast_binary(c, node_binary(node)); break;
	case NODE_TERNARY:
		convert_scalar(c, &node_ternary(node)->condition);
		convert(c, &node_ternary(node)->then, node->type);
		convert(c, &node_ternary(node)->otherwise, node->type);
		break;
	case NODE_INDEX:
		convert_text(c, &node_index(node)->object);
		convert_scalar(c, &node_index(node)->index);
		convert(c, &node_index(node)->index,
			infer_promote(c, node_index(node)->index->type));
		break;
	case NODE_CAST: convert_scalar(c, &node_cast(node)->operand); break;
	case NODE_TUPLE: convert_tuple(c, node_tuple(node), node->type); break;
	case NODE_RECORD: convert_record(c, node_record(node), node->type); break;
	default: break;
	}
}

static void cast_list(struct node **slot, void *context)
{
	for (; *slot; slot = &(*slot)->next)
		cast_node(context, slot);
}

void cast_insert(struct compilation *c)
{
	struct unit **unit;

	vec_for_each (&c->units, unit) {
		cast_list(&(*unit)->probe->filter, c);
		if ((*unit)->probe->filter)
			convert_scalar(c, &(*unit)->probe->filter);
		cast_list(&(*unit)->probe->body, c);
	}
}
