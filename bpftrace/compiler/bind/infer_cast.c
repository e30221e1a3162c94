/* SPDX-License-Identifier: Apache-2.0 */
/* Types as scripts spell them: casts, sizeof, offsetof. */
#include "constant.h"
#include "infer.h"
#include "typename.h"

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
	return infer_is(c, type, TYPE_ARRAY) || infer_is(c, type, TYPE_STRING);
}

static bool is_byte_array(struct compilation *c, uint32_t type)
{
	return infer_is(c, type, TYPE_ARRAY) &&
	       types_size(c->types, types_element(c->types, type, NULL)) == 1;
}

/* A string is cut or gets longer, an array of bytes is read up to its NUL, and so is what is at an
 * address. */
static bool makes_string(struct compilation *c, uint32_t from)
{
	return infer_is(c, from, TYPE_STRING) || is_byte_array(c, from) ||
	       infer_is_pointer(c, from);
}

/* The smallest signed integer that has the number. */
static uint32_t smallest_integer(struct compilation *c, int64_t number)
{
	uint32_t bytes = 1;

	while (bytes < sizeof(number) && number >> (bytes * 8 - 1) != 0 &&
		number >> (bytes * 8 - 1) != -1)
		bytes *= 2;
	return types_integer(c->types, bytes, true);
}

/* A constant fills the first bytes of an array that has room for it. */
static bool fits_array(struct compilation *c, struct node *operand, uint32_t to)
{
	int64_t number;

	return infer_is(c, to, TYPE_ARRAY) && constant_integer(operand, &number) && number >= 0 &&
	       types_size(c->types, smallest_integer(c, number)) <= types_size(c->types, to);
}

/* Numbers and pointers turn into each other; arrays keep every byte. */
static bool can_cast(struct compilation *c, uint32_t from, uint32_t to)
{
	bool from_number = infer_is_integer(c, from) || infer_is_pointer(c, from);
	bool to_number = infer_is_integer(c, to) || infer_is_pointer(c, to);

	if (from_number && to_number)
		return true;
	if (types_is_bool(c->types, to))
		return infer_is(c, from, TYPE_STRING);
	if (infer_is(c, to, TYPE_STRING) && makes_string(c, from))
		return true;
	if ((is_bytes(c, from) || infer_is_integer(c, from)) &&
		(is_bytes(c, to) || infer_is_integer(c, to)))
		return types_size(c->types, from) == types_size(c->types, to);
	return types_strip(c->types, from) == types_strip(c->types, to);
}

/* A literal is the value of an enumerator; what is known later only need not be. */
static void check_enumerator(struct compilation *c, const struct cast *cast, uint32_t type)
{
	int64_t number;

	if (!infer_is(c, type, TYPE_ENUM) || !constant_integer(cast->operand, &number) ||
		types_enumerator_name(c->types, type, (uint64_t)number))
		return;
	infer_error(c, cast->operand->span, "%s has no value %lld", typename_spell(c, type),
		(long long)number);
}

uint32_t infer_cast(struct compilation *c, struct unit *unit, struct cast *cast)
{
	uint32_t from = infer_operand(c, unit, cast->operand);
	uint32_t array = infer_char_array(c, unit, cast->operand);
	uint32_t to = typename_resolve(c, unit, node_type(cast->type), c->infer_last);

	if (!to || !from)
		return to;
	if (array)
		from = array;
	if (infer_is(c, to, TYPE_ARRAY) || infer_is(c, to, TYPE_STRING))
		to = close_array(c, to, types_size(c->types, from));
	if (!can_cast(c, from, to) && !fits_array(c, cast->operand, to)) {
		infer_error(c, cast->node.span, "Cannot cast from \"%s\" to \"%s\"",
			typename_spell(c, from), typename_spell(c, to));
		return 0;
	}
	check_enumerator(c, cast, to);
	return to;
}

/* The type of an operand of sizeof and offsetof; of what is in memory, the type that it has there.
 */
static uint32_t named_or_inferred(struct compilation *c, struct unit *unit, struct node *node)
{
	uint32_t type, array;

	if (node->kind == NODE_TYPE)
		return typename_resolve(c, unit, node_type(node), c->infer_last);
	type = infer_operand(c, unit, node);
	array = infer_char_array(c, unit, node);
	if (!array)
		return type;
	node->type = array;
	return array;
}

static uint32_t type_as_newer(struct compilation *c, struct node *node);

static uint32_t tuple_as_newer(struct compilation *c, struct tuple *tuple)
{
	size_t count = node_count(tuple->elements), at = 0;
	uint32_t *elements = arena_array(c->arena, uint32_t, count + 1);
	struct node *node;

	node_for_each (tuple->elements, node)
		elements[at++] = type_as_newer(c, node);
	return types_tuple(c->types, elements, count);
}

/* The type that sizeof is asked for: in versions after 0.20 literals have the smallest type. */
static uint32_t type_as_newer(struct compilation *c, struct node *node)
{
	bool is_number =
		infer_is(c, node->type, TYPE_INTEGER) && types_is_signed(c->types, node->type);
	int64_t number;

	if (!node->type || node->kind == NODE_TYPE)
		return node->type;
	if (node->kind == NODE_TUPLE)
		return tuple_as_newer(c, node_tuple(node));
	return is_number && constant_integer(node, &number) ? smallest_integer(c, number)
							    : infer_scalar(c, node->type);
}

/* In 0.20 an enumerator is a number. */
static uint32_t type_as_older(struct compilation *c, struct node *node)
{
	bool is_enumerator = node->kind == NODE_INTEGER && infer_is(c, node->type, TYPE_ENUM);

	return is_enumerator ? type_int64(c) : infer_scalar(c, node->type);
}

uint32_t infer_sizeof(struct compilation *c, struct unit *unit, struct size_of *node)
{
	uint32_t type = named_or_inferred(c, unit, node->operand);
	uint32_t sized =
		c->newer ? type_as_newer(c, node->operand) : type_as_older(c, node->operand);

	node->sized = types_complete(c->types, sized);
	node->number = types_size(c->types, node->sized);
	if (type && !types_size(c->types, types_complete(c->types, type)))
		infer_error(c, node->node.span, "The size of '%s' is not known",
			typename_spell(c, type));
	return type_uint64(c);
}

uint32_t infer_offsetof(struct compilation *c, struct unit *unit, struct offset_of *node)
{
	uint32_t type = named_or_inferred(c, unit, node->operand);

	if (!type)
		return type_uint64(c);
	node->members = infer_members(c, type, node->path, &node->member_count);
	node->number = 0;
	for (size_t i = 0; i < node->member_count; i++)
		node->number += node->members[i].bit_offset / 8;
	return type_uint64(c);
}

static bool find_member(
	struct compilation *c, uint32_t type, struct node *path, struct types_member *ret)
{
	bool is_last = path->kind == NODE_IDENTIFIER;
	const char *name = is_last ? node_identifier(path)->name : node_member(path)->name;

	type = types_complete(c->types, type);
	if ((infer_is(c, type, TYPE_STRUCT) || infer_is(c, type, TYPE_UNION)) &&
		types_member(c->types, type, name, ret))
		return true;
	if (infer_error(c, path->span, "'%s' does not contain a field named '%s'",
		    typename_spell(c, type), name))
		infer_suggest_member(c, type, name);
	return false;
}

/* Finds the members of a path, the last one of them at end[-1]. */
static bool find_members(
	struct compilation *c, uint32_t type, struct node *path, struct types_member *end)
{
	if (path->kind == NODE_MEMBER) {
		if (!find_members(c, type, node_member(path)->object, end - 1))
			return false;
		type = end[-2].type;
	}
	return find_member(c, type, path, end - 1);
}

const struct types_member *infer_members(
	struct compilation *c, uint32_t type, struct node *path, size_t *ret_count)
{
	size_t count = 1;

	for (struct node *node = path; node->kind == NODE_MEMBER; node = node_member(node)->object)
		count++;

	struct types_member *members = arena_array(c->arena, struct types_member, count);

	*ret_count = find_members(c, type, path, members + count) ? count : 0;
	return members;
}
