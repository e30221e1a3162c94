/* SPDX-License-Identifier: Apache-2.0 */
/* Getting at memory: through pointers, into structs, arrays and tuples. */
#include "infer.h"

#include <string.h>

#include "typename.h"

uint32_t infer_pointee(struct compilation *c, uint32_t pointer)
{
	return types_complete(c->types, types_pointee(c->types, pointer));
}

uint32_t infer_found(struct compilation *c, uint32_t type)
{
	enum type_class class = types_class(c->types, type);

	if (types_is_located(c->types, type)) {
		uint32_t pointer = types_located(c->types, type);

		return pointer ? pointer : types_string(c->types, (uint32_t)c->settings.max_strlen);
	}
	if (class == TYPE_INTEGER || class == TYPE_ENUM || class == TYPE_STRING)
		return infer_kept(c, type);
	return types_strip(c->types, type);
}

uint32_t infer_dereference(struct compilation *c, const struct unary *unary, uint32_t type)
{
	if (infer_is_integer(c, type))
		return type_uint64(c);
	if (!infer_is_pointer(c, type)) {
		if (type)
			infer_refuse(c, unary, type);
		return 0;
	}

	uint32_t pointee = infer_pointee(c, type);

	if (!types_size(c->types, pointee)) {
		infer_error(c, unary->node.span,
			"Can not dereference a pointer of type '%s': "
			"the size of what it points to is not known",
			typename_spell(c, type));
		return 0;
	}
	return infer_found(c, pointee);
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
	return infer_is_pointer(c, object->type) ? object : root_pointer(c, object);
}

static bool is_bit_field(struct compilation *c, struct node *node)
{
	struct types_member found;
	uint32_t holder;

	if (node->kind != NODE_MEMBER)
		return false;
	holder = node_member(node)->object->type;
	if (infer_is_pointer(c, holder))
		holder = infer_pointee(c, holder);
	return types_member(c->types, holder, node_member(node)->name, &found) && found.bit_size;
}

uint32_t infer_address(struct compilation *c, const struct unary *unary, uint32_t type)
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
		infer_is_pointer(c, pointer->type) ? types_space(c->types, pointer->type)
						   : ADDRESS_KERNEL);
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

void infer_suggest_member(struct compilation *c, uint32_t type, const char *name)
{
	struct suggestion suggestion = suggest_start(name);

	for (uint32_t i = 0; i < types_member_count(c->types, type); i++) {
		const char *member = types_member_at(c->types, type, i).name;

		if (member && *member)
			suggest_offer(&suggestion, member);
	}
	if (suggestion.best)
		diag_hint(c->diags, "did you mean '%s'?", suggestion.best);
}

static uint32_t unknown_member(struct compilation *c, const struct member *member, uint32_t type)
{
	if (infer_error(c, member->node.span,
		    "Struct/union of type '%s' does not contain a field named '%s'",
		    typename_spell(c, type), member->name))
		infer_suggest_member(c, type, member->name);
	return 0;
}

/* The struct that holds the member: what -> points to, or what stands before the dot. args is a
 * struct, but scripts have always written args->x too. */
static uint32_t member_holder(struct compilation *c, const struct member *member, uint32_t type)
{
	bool is_args = member->object->kind == NODE_IDENTIFIER;
	bool is_struct = infer_is(c, type, TYPE_STRUCT) || infer_is(c, type, TYPE_UNION);

	if (infer_is_pointer(c, type) && member->arrow)
		return infer_pointee(c, type);
	if (infer_is_pointer(c, type))
		return refuse_member(c, member, type, "it is a pointer: use ->");
	if (member->arrow && !is_args)
		return refuse_member(c, member, type, is_struct ? "it is no pointer: use ." : NULL);
	return types_complete(c->types, type);
}

/* How many members stand between one and args; 0 for a member of args itself, or of anything else.
 */
static uint64_t levels_below_args(const struct member *member)
{
	uint64_t levels = 0;
	struct node *object = member->object;

	for (; object->kind == NODE_MEMBER || object->kind == NODE_INDEX; levels++)
		object = object->kind == NODE_MEMBER ? node_member(object)->object
						     : node_index(object)->object;
	if (object->kind != NODE_IDENTIFIER || strcmp(node_identifier(object)->name, "args") != 0)
		return 0;
	return levels;
}

static bool is_too_deep(struct compilation *c, const struct member *member)
{
	uint64_t most = c->settings.max_type_res_iterations;

	if (!most || levels_below_args(member) <= most)
		return false;
	if (infer_error(c, member->node.span,
		    "The type of '%s' is not looked up: it is nested more than %llu levels deep",
		    member->name, (unsigned long long)most))
		diag_hint(c->diags, "the environment variable "
				    "BPFTRACE_MAX_TYPE_RES_ITERATIONS limits it; 0: not at all");
	return true;
}

uint32_t infer_member(struct compilation *c, struct unit *unit, struct member *member)
{
	uint32_t type = infer_expression(c, unit, member->object), holder;
	struct types_member found;

	if (!type || is_too_deep(c, member))
		return 0;
	holder = member_holder(c, member, type);
	if (!holder)
		return 0;
	if (infer_is(c, holder, TYPE_FORWARD)) {
		if (infer_error(c, member->node.span, "The fields of '%s' are not known",
			    typename_spell(c, holder)))
			typename_hint_missing(c);
		return 0;
	}
	if (!infer_is(c, holder, TYPE_STRUCT) && !infer_is(c, holder, TYPE_UNION))
		return refuse_member(c, member, type, NULL);
	if (!types_member(c->types, holder, member->name, &found))
		return unknown_member(c, member, holder);
	return infer_found(c, found.type);
}

static void refuse_element(struct compilation *c, const struct element *element, uint32_t count)
{
	struct node *object = element->object;
	const struct map *map = NULL;

	if (object->kind == NODE_VARIABLE)
		map = node_variable_use(object)->variable->walks;
	if (infer_error(c, element->node.span,
		    "Invalid tuple index: %u. Found %u elements in tuple.", element->number,
		    count) &&
		map && element->number == 1)
		diag_hint(c->diags, "the values of %s (%s) have no single number", map->name,
			typename_spell(c, map->value));
}

uint32_t infer_element(struct compilation *c, struct unit *unit, struct element *element)
{
	uint32_t type = infer_expression(c, unit, element->object), count;

	if (!type)
		return 0;
	if (!infer_is(c, type, TYPE_TUPLE)) {
		infer_error(c, element->node.span,
			"Can not access index %u on expression of type '%s'", element->number,
			typename_spell(c, type));
		return 0;
	}
	count = types_member_count(c->types, type);
	if (element->number >= count) {
		refuse_element(c, element, count);
		return 0;
	}
	return types_member_at(c->types, type, element->number).type;
}

uint32_t infer_index(struct compilation *c, struct unit *unit, struct index *node)
{
	uint32_t type = infer_expression(c, unit, node->object);
	uint32_t number = infer_operand(c, unit, node->index);
	uint32_t element = 0;

	if (number && !infer_is_integer(c, number))
		infer_error(c, node->index->span, "An index must be an integer, not '%s'",
			typename_spell(c, number));
	if (!type)
		return 0;
	if (infer_is_pointer(c, type))
		element = infer_pointee(c, type);
	else if (infer_is(c, type, TYPE_ARRAY) || infer_is(c, type, TYPE_STRING))
		element = types_element(c->types, type, NULL);
	if (!element || !types_size(c->types, element)) {
		infer_error(c, node->node.span,
			"The array index operator [] can not be used on expressions of type '%s'",
			typename_spell(c, type));
		return 0;
	}
	return infer_found(c, element);
}
