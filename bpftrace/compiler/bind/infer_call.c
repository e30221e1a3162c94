/* SPDX-License-Identifier: Apache-2.0 */
/* Calls and builtin variables: their types come from the row's own callback or from a prototype. */
#include "infer.h"
#include "typename.h"

/* "same", "void", "string" and so on, to a type; node is the call or variable. */
static uint32_t result_type(struct compilation *c, struct slice result, const struct node *first)
{
	if (slice_is(result, "void"))
		return 0;
	if (slice_is(result, "same"))
		return first ? first->type : 0;
	if (slice_is(result, "int"))
		return type_int64(c);
	return typename_basic(c, result);
}

uint32_t infer_identifier(struct compilation *c, struct unit *unit, struct identifier *identifier)
{
	const struct builtin *builtin = identifier->builtin;

	if (!builtin)
		return 0;
	if (builtin->infer) {
		builtin->infer(c, unit, &identifier->node);
		return identifier->node.type;
	}
	return result_type(c, prototypes_of(c, builtin)->items[0].result, NULL);
}

/* The variable gets the type of the map's values. */
static void infer_found(struct compilation *c, const struct call *call, struct node *node)
{
	struct variable *variable = node_variable_use(node)->variable;
	struct node *map = call->arguments;
	uint32_t value = map->kind == NODE_MAP ? node_map_access(map)->map->value : 0;

	if (value && !infer_scalar(c, value))
		infer_error(c, map->span,
			"%s: the values of %s are of type '%s', which is no single value",
			call->name, node_map_access(map)->name, typename_spell(c, value));
	infer_variable_write(c, variable, infer_stored(c, value), node->span);
	node->type = variable->type;
}

/* Mode words and maps as a whole are no expressions. */
static void infer_argument(struct compilation *c, struct unit *unit, struct call *call,
	struct node *node, size_t index)
{
	const struct prototypes *prototypes = prototypes_of(c, call->builtin);
	bool is_word = node->kind == NODE_IDENTIFIER && !node_identifier(node)->builtin;
	bool is_map = node->kind == NODE_MAP && !node_map_access(node)->key;

	if (is_word)
		return;
	if (node->kind == NODE_VARIABLE && prototypes_have(prototypes, index, PARAMETER_VARIABLE)) {
		infer_found(c, call, node);
		return;
	}
	if (is_map && prototypes_have(prototypes, index, PARAMETER_MAP)) {
		node->type = node_map_access(node)->map->value;
		return;
	}
	if (index && prototypes_have(prototypes, index, PARAMETER_KEY) &&
		call->arguments->kind == NODE_MAP)
		infer_map_key(c, unit, node_map_access(call->arguments)->map, node);
	else
		infer_expression(c, unit, node);
}

static bool takes_count(const struct prototypes *prototypes, size_t arguments)
{
	const struct prototype *prototype;

	vec_for_each (prototypes, prototype) {
		if (prototype_takes(prototype, arguments))
			return true;
	}
	return false;
}

uint32_t infer_call(struct compilation *c, struct unit *unit, struct call *call)
{
	const struct builtin *builtin = call->builtin;
	const struct prototypes *prototypes = prototypes_of(c, builtin);
	const struct prototype *prototype;
	struct node *node;
	size_t index = 0;

	node_for_each (call->arguments, node)
		infer_argument(c, unit, call, node, index++);
	c->infer_misfit |= !takes_count(prototypes, index);
	if (builtin->infer) {
		builtin->infer(c, unit, &call->node);
		return call->node.type;
	}
	prototype = prototype_match(c, call);
	if (!prototype)
		prototype = prototypes->items;
	return result_type(c, prototype->result, call->arguments);
}
