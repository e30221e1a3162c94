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
	return result_type(c, prototype_parse(builtin->prototypes[0]).result, NULL);
}

/* Mode words and maps as a whole are no expressions. */
static void infer_argument(struct compilation *c, struct unit *unit, struct call *call,
	struct node *node, size_t index)
{
	bool is_word = node->kind == NODE_IDENTIFIER && !node_identifier(node)->builtin;
	bool is_map = node->kind == NODE_MAP && !node_map_access(node)->key;

	if (is_word)
		return;
	if (is_map && prototype_any_is(call->builtin, index, PARAMETER_MAP)) {
		node->type = node_map_access(node)->map->value;
		return;
	}
	if (index && prototype_any_is(call->builtin, index, PARAMETER_KEY) &&
		call->arguments->kind == NODE_MAP)
		infer_map_key(c, unit, node_map_access(call->arguments)->map, node);
	else
		infer_expression(c, unit, node);
}

uint32_t infer_call(struct compilation *c, struct unit *unit, struct call *call)
{
	const struct builtin *builtin = call->builtin;
	struct prototype prototype;
	struct node *node;
	size_t index = 0;

	node_for_each (call->arguments, node)
		infer_argument(c, unit, call, node, index++);
	if (builtin->infer) {
		builtin->infer(c, unit, &call->node);
		return call->node.type;
	}
	if (!prototype_match(c, call, &prototype))
		prototype = prototype_parse(builtin->prototypes[0]);
	return result_type(c, prototype.result, call->arguments);
}
