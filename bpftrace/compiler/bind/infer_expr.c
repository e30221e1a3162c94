/* SPDX-License-Identifier: Apache-2.0 */
/* The types of operators and of access to memory. One function per node, all of the same form. */
#include <stdint.h>

#include "infer.h"
#include "typename.h"

static bool is_integer(struct compilation *c, uint32_t type)
{
	return type && types_is_integer(c->types, type);
}

static bool is_class(struct compilation *c, uint32_t type, enum type_class class)
{
	return type && types_class(c->types, type) == class;
}

static bool is_pointer(struct compilation *c, uint32_t type)
{
	return is_class(c, type, TYPE_POINTER);
}

/* Not known yet, or something that is or is not 0. */
static bool is_condition(struct compilation *c, uint32_t type)
{
	return !type || is_integer(c, type) || is_pointer(c, type);
}

uint32_t infer_pointee(struct compilation *c, uint32_t pointer)
{
	return types_complete(c->types, types_pointee(c->types, pointer));
}

/* --- operators --- */

uint32_t infer_common(struct compilation *c, uint32_t a, uint32_t b)
{
	if (!a || !b)
		return a || b ? infer_promote(c, a ? a : b) : 0;
	a = infer_promote(c, a);
	b = infer_promote(c, b);
	return a == b ? a : type_uint64(c);
}

static uint32_t refuse_operands(
	struct compilation *c, const struct binary *binary, uint32_t left, uint32_t right)
{
	infer_error(c, binary->node.span,
		"The %s operator can not be used on expressions of types '%s' and '%s'",
		operator_name(binary->op), typename_spell(c, left), typename_spell(c, right));
	return 0;
}

static uint32_t compare(
	struct compilation *c, const struct binary *binary, uint32_t left, uint32_t right)
{
	bool equality = binary->op == OPERATOR_EQUAL || binary->op == OPERATOR_NOT_EQUAL;
	bool left_string = is_class(c, left, TYPE_STRING);
	bool right_string = is_class(c, right, TYPE_STRING);

	if (!left || !right || (is_condition(c, left) && is_condition(c, right)))
		return type_int64(c);
	if (left_string && right_string && equality)
		return type_int64(c);
	if (types_class(c->types, left) == types_class(c->types, right))
		return refuse_operands(c, binary, left, right);
	infer_error(c, binary->node.span, "Type mismatch for '%s': comparing '%s' with '%s'",
		operator_name(binary->op), typename_spell(c, left), typename_spell(c, right));
	return type_int64(c);
}

static uint32_t logic(
	struct compilation *c, const struct binary *binary, uint32_t left, uint32_t right)
{
	if (!is_condition(c, left) || !is_condition(c, right))
		refuse_operands(c, binary, left, right);
	return type_int64(c);
}

static uint32_t shift(
	struct compilation *c, const struct binary *binary, uint32_t left, uint32_t right)
{
	if ((left && !is_integer(c, left)) || (right && !is_integer(c, right)))
		return refuse_operands(c, binary, left, right);
	return left ? infer_promote(c, left) : 0;
}

/* Pointers move by elements: pointer + integer, integer + pointer, pointer - integer. */
static uint32_t arithmetic(
	struct compilation *c, const struct binary *binary, uint32_t left, uint32_t right)
{
	bool adds = binary->op == OPERATOR_ADD;

	if (is_pointer(c, left) && is_integer(c, right) &&
		(adds || binary->op == OPERATOR_SUBTRACT))
		return left;
	if (is_integer(c, left) && is_pointer(c, right) && adds)
		return right;
	if ((left && !is_integer(c, left)) || (right && !is_integer(c, right)))
		return refuse_operands(c, binary, left, right);
	return infer_common(c, left, right);
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

static void refuse_operand(struct compilation *c, const struct unary *unary, uint32_t type)
{
	infer_error(c, unary->node.span,
		"The %s operator can not be used on expressions of type '%s'",
		operator_name(unary->op), typename_spell(c, type));
}

static uint32_t infer_dereference(struct compilation *c, const struct unary *unary, uint32_t type)
{
	if (is_integer(c, type))
		return type_uint64(c);
	if (!is_pointer(c, type)) {
		if (type)
			refuse_operand(c, unary, type);
		return 0;
	}

	uint32_t pointee = infer_pointee(c, type);

	if (!types_size(c->types, pointee)) {
		infer_error(c, unary->node.span,
			"Can not dereference a pointer of type '%s': the size of what it points to "
			"is "
			"not known",
			typename_spell(c, type));
		return 0;
	}
	return is_integer(c, pointee) || is_class(c, pointee, TYPE_STRING) ? infer_kept(c, pointee)
									   : pointee;
}

/* Only what stands in memory that a pointer led to has an address: the pointer, or NULL. */
static struct node *root_pointer(struct compilation *c, struct node *node)
{
	struct node *object;

	if (node->kind == NODE_UNARY)
		return node_unary(node)->op == OPERATOR_DEREFERENCE ? node_unary(node)->operand
								    : NULL;
	if (node->kind == NODE_MEMBER)
		object = node_member(node)->object;
	else if (node->kind == NODE_INDEX)
		object = node_index(node)->object;
	else
		return NULL;
	return is_pointer(c, object->type) ? object : root_pointer(c, object);
}

static bool is_bit_field(struct compilation *c, struct node *node)
{
	struct types_member found;
	uint32_t holder;

	if (node->kind != NODE_MEMBER)
		return false;
	holder = node_member(node)->object->type;
	if (is_pointer(c, holder))
		holder = infer_pointee(c, holder);
	return types_member(c->types, holder, node_member(node)->name, &found) && found.bit_size;
}

static uint32_t infer_address(struct compilation *c, const struct unary *unary, uint32_t type)
{
	struct node *pointer;

	if (!type)
		return 0;
	pointer = root_pointer(c, unary->operand);
	if (!pointer || is_bit_field(c, unary->operand)) {
		infer_error(c, unary->node.span, "Can not take the address of this expression");
		return 0;
	}
	return types_pointer(c->types, type,
		is_pointer(c, pointer->type) ? types_space(c->types, pointer->type)
					     : ADDRESS_KERNEL);
}

/* ++ and --: a map that has no value yet counts from 0. */
static uint32_t infer_step(struct compilation *c, struct unary *unary, uint32_t type)
{
	if (unary->operand->kind == NODE_MAP) {
		struct map_access *access = node_map_access(unary->operand);

		if (!type || is_integer(c, type))
			infer_map_write(c, access, type_int64(c), unary->node.span);
		else if (!is_pointer(c, type))
			refuse_operand(c, unary, type);
		return access->map->value;
	}
	if (unary->operand->kind != NODE_VARIABLE)
		infer_error(c, unary->node.span,
			"The %s operator must be applied to a map or variable",
			operator_name(unary->op));
	else if (!is_condition(c, type))
		refuse_operand(c, unary, type);
	return type;
}

static uint32_t infer_unary(struct compilation *c, struct unit *unit, struct unary *unary)
{
	uint32_t own = infer_expression(c, unit, unary->operand);
	uint32_t type = infer_readable(c, own);

	switch (unary->op) {
	case OPERATOR_LOGICAL_NOT:
		if (!is_condition(c, type))
			refuse_operand(c, unary, type);
		return type_int64(c);
	case OPERATOR_BIT_NOT:
	case OPERATOR_MINUS:
		if (type && !is_integer(c, type)) {
			refuse_operand(c, unary, type);
			return 0;
		}
		return unary->op == OPERATOR_MINUS || !type ? type_int64(c)
							    : infer_promote(c, type);
	case OPERATOR_DEREFERENCE: return infer_dereference(c, unary, type);
	case OPERATOR_ADDRESS_OF: return infer_address(c, unary, own);
	default: return infer_step(c, unary, own);
	}
}

static uint32_t infer_ternary(struct compilation *c, struct unit *unit, struct ternary *ternary)
{
	uint32_t condition = infer_operand(c, unit, ternary->condition);
	uint32_t then = infer_value(c, unit, ternary->then);
	uint32_t otherwise = infer_value(c, unit, ternary->otherwise);
	uint32_t type = types_join(c->types, then, otherwise);

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

/* --- access --- */

/* How expressions name what was found in memory: integers and strings as the language's own; a
 * string in a record's tail is one of max_strlen bytes. */
static uint32_t found_type(struct compilation *c, uint32_t type)
{
	enum type_class class = types_class(c->types, type);

	if (types_is_named(c->types, type, NAMED_DATA_LOC))
		return types_string(c->types, (uint32_t)c->settings.max_strlen);
	if (class == TYPE_INTEGER || class == TYPE_ENUM || class == TYPE_STRING)
		return infer_kept(c, type);
	return types_strip(c->types, type);
}

static uint32_t refuse_member(
	struct compilation *c, const struct member *member, uint32_t type, const char *hint)
{
	bool reported = infer_error(c, member->node.span,
		"Can not access field '%s' on expression of type '%s'", member->name,
		typename_spell(c, type));

	if (reported && hint)
		diag_hint(c->diags, "%s", hint);
	return 0;
}

static uint32_t unknown_member(struct compilation *c, const struct member *member, uint32_t type)
{
	struct suggestion suggestion = suggest_start(member->name);
	bool reported = infer_error(c, member->node.span,
		"Struct/union of type '%s' does not contain a field named '%s'",
		typename_spell(c, type), member->name);

	for (uint32_t i = 0; i < types_member_count(c->types, type); i++) {
		const char *name = types_member_at(c->types, type, i).name;

		if (name && *name)
			suggest_offer(&suggestion, name);
	}
	if (reported && suggestion.best)
		diag_hint(c->diags, "did you mean '%s'?", suggestion.best);
	return 0;
}

/* The struct that holds the member: what -> points to, or what stands before the dot. args is a
 * struct, but scripts have always written args->x too. */
static uint32_t member_holder(struct compilation *c, const struct member *member, uint32_t type)
{
	bool is_args = member->object->kind == NODE_IDENTIFIER;
	bool is_struct = is_class(c, type, TYPE_STRUCT) || is_class(c, type, TYPE_UNION);

	if (is_pointer(c, type) && member->arrow)
		return infer_pointee(c, type);
	if (is_pointer(c, type))
		return refuse_member(c, member, type, "it is a pointer: use ->");
	if (member->arrow && !is_args)
		return refuse_member(c, member, type, is_struct ? "it is no pointer: use ." : NULL);
	return types_complete(c->types, type);
}

static uint32_t infer_member(struct compilation *c, struct unit *unit, struct member *member)
{
	uint32_t type = infer_expression(c, unit, member->object), holder;
	struct types_member found;

	if (!type)
		return 0;
	holder = member_holder(c, member, type);
	if (!holder)
		return 0;
	if (is_class(c, holder, TYPE_FORWARD)) {
		infer_error(c, member->node.span, "The fields of '%s' are not known",
			typename_spell(c, holder));
		return 0;
	}
	if (!is_class(c, holder, TYPE_STRUCT) && !is_class(c, holder, TYPE_UNION))
		return refuse_member(c, member, type, NULL);
	if (!types_member(c->types, holder, member->name, &found))
		return unknown_member(c, member, holder);
	return found_type(c, found.type);
}

static uint32_t infer_element(struct compilation *c, struct unit *unit, struct element *element)
{
	uint32_t type = infer_expression(c, unit, element->object), count;

	if (!type)
		return 0;
	if (!is_class(c, type, TYPE_TUPLE)) {
		infer_error(c, element->node.span,
			"Can not access index %u on expression of type '%s'", element->number,
			typename_spell(c, type));
		return 0;
	}
	count = types_member_count(c->types, type);
	if (element->number >= count) {
		infer_error(c, element->node.span,
			"Invalid tuple index: %u. Found %u elements in tuple.", element->number,
			count);
		return 0;
	}
	return types_member_at(c->types, type, element->number).type;
}

static uint32_t infer_index(struct compilation *c, struct unit *unit, struct index *node)
{
	uint32_t type = infer_expression(c, unit, node->object);
	uint32_t number = infer_operand(c, unit, node->index);
	uint32_t element = 0;

	if (number && !is_integer(c, number))
		infer_error(c, node->index->span, "An index must be an integer, not '%s'",
			typename_spell(c, number));
	if (!type)
		return 0;
	if (is_pointer(c, type))
		element = infer_pointee(c, type);
	else if (is_class(c, type, TYPE_ARRAY) || is_class(c, type, TYPE_STRING))
		element = types_element(c->types, type, NULL);
	if (!element || !types_size(c->types, element)) {
		infer_error(c, node->node.span,
			"The array index operator [] can not be used on expressions of type '%s'",
			typename_spell(c, type));
		return 0;
	}
	return found_type(c, element);
}

/* --- casts, sizes, tuples --- */

/* "int8[]" takes its count from what is cast. */
static uint32_t close_array(struct compilation *c, uint32_t type, uint32_t size)
{
	uint32_t count, element = types_element(c->types, type, &count);
	uint32_t element_size = types_size(c->types, element);

	return count == 0 && element_size ? types_array(c->types, element, size / element_size)
					  : type;
}

static bool is_bytes(struct compilation *c, uint32_t type)
{
	return is_class(c, type, TYPE_ARRAY) || is_class(c, type, TYPE_STRING);
}

/* Numbers and pointers turn into each other; arrays keep every byte. */
static bool can_cast(struct compilation *c, uint32_t from, uint32_t to)
{
	bool from_number = is_integer(c, from) || is_pointer(c, from);
	bool to_number = is_integer(c, to) || is_pointer(c, to);

	if (from_number && to_number)
		return true;
	if ((is_bytes(c, from) || is_integer(c, from)) && (is_bytes(c, to) || is_integer(c, to)))
		return types_size(c->types, from) == types_size(c->types, to);
	return types_strip(c->types, from) == types_strip(c->types, to);
}

static uint32_t infer_cast(struct compilation *c, struct unit *unit, struct cast *cast)
{
	uint32_t from = infer_operand(c, unit, cast->operand);
	uint32_t to = typename_resolve(c, node_type(cast->type), c->infer_last);

	if (!to || !from)
		return to;
	if (is_class(c, to, TYPE_ARRAY) || is_class(c, to, TYPE_STRING))
		to = close_array(c, to, types_size(c->types, from));
	if (!can_cast(c, from, to)) {
		infer_error(c, cast->node.span, "Cannot cast from \"%s\" to \"%s\"",
			typename_spell(c, from), typename_spell(c, to));
		return 0;
	}
	return to;
}

/* The type whose size or member is asked for. */
static uint32_t named_or_inferred(struct compilation *c, struct unit *unit, struct node *node)
{
	if (node->kind == NODE_TYPE)
		return typename_resolve(c, node_type(node), c->infer_last);
	return infer_expression(c, unit, node);
}

static uint32_t infer_sizeof(struct compilation *c, struct unit *unit, struct size_of *node)
{
	uint32_t type = named_or_inferred(c, unit, node->operand);

	if (type && !types_size(c->types, types_complete(c->types, type)))
		infer_error(c, node->node.span, "The size of '%s' is not known",
			typename_spell(c, type));
	return type_uint64(c);
}

static uint32_t infer_offsetof(struct compilation *c, struct unit *unit, struct offset_of *node)
{
	uint64_t offset;
	uint32_t type = named_or_inferred(c, unit, node->operand);

	if (type)
		infer_offset(c, type, node->path, &offset);
	return type_uint64(c);
}

bool infer_offset(struct compilation *c, uint32_t type, struct node *path, uint64_t *ret)
{
	uint64_t outer = 0;
	struct types_member found;
	bool is_last = path->kind == NODE_IDENTIFIER;
	const char *name = is_last ? node_identifier(path)->name : node_member(path)->name;

	if (!is_last) {
		if (!infer_offset(c, type, node_member(path)->object, &outer))
			return false;
		type = node_member(path)->object->type;
	}
	type = types_complete(c->types, type);
	if ((!is_class(c, type, TYPE_STRUCT) && !is_class(c, type, TYPE_UNION)) ||
		!types_member(c->types, type, name, &found)) {
		infer_error(c, path->span, "'%s' does not contain a field named '%s'",
			typename_spell(c, type), name);
		return false;
	}
	path->type = found.type;
	*ret = outer + found.bit_offset / 8;
	return true;
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

/* --- all expressions --- */

static uint32_t infer_variable(struct compilation *c, const struct variable_use *use)
{
	if (!use->variable->type && !use->variable->assigned)
		infer_error(
			c, use->node.span, "Variable %s is used before it has a value", use->name);
	return use->variable->type;
}

uint32_t infer_compute(struct compilation *c, struct unit *unit, struct node *node)
{
	switch (node->kind) {
	case NODE_INTEGER:
		return node_integer(node)->value > INT64_MAX ? type_uint64(c) : type_int64(c);
	case NODE_STRING: return types_string(c->types, (uint32_t)node_string(node)->length + 1);
	case NODE_IDENTIFIER: return infer_identifier(c, unit, node_identifier(node));
	case NODE_VARIABLE: return infer_variable(c, node_variable_use(node));
	case NODE_MAP: return infer_map_read(c, unit, node_map_access(node));
	case NODE_CALL: return infer_call(c, unit, node_call(node));
	case NODE_UNARY: return infer_unary(c, unit, node_unary(node));
	case NODE_BINARY: return infer_binary(c, unit, node_binary(node));
	case NODE_TERNARY: return infer_ternary(c, unit, node_ternary(node));
	case NODE_MEMBER: return infer_member(c, unit, node_member(node));
	case NODE_ELEMENT: return infer_element(c, unit, node_element(node));
	case NODE_INDEX: return infer_index(c, unit, node_index(node));
	case NODE_CAST: return infer_cast(c, unit, node_cast(node));
	case NODE_SIZEOF: return infer_sizeof(c, unit, node_size_of(node));
	case NODE_OFFSETOF: return infer_offsetof(c, unit, node_offset_of(node));
	case NODE_TUPLE: return infer_tuple(c, unit, node_tuple(node));
	default: /* scope has refused all others */ return 0;
	}
}
