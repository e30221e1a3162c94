/* SPDX-License-Identifier: Apache-2.0 */
/* What is done with a map as a whole, or with one of its elements. */
#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/aggregation.h"
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/mapops.h"
#include "bpftrace/compiler/emit/record.h"
#include "bpftrace/compiler/emit/variable.h"
#include "bpftrace/door/stack.h"
#include "libcommon/host/feature.h"
#include "builtin_table.h"

/* The runner does it at the call's place in the order of records, unless a print() before it swaps
 * the buffers. */
static struct value emit_control(struct emitter *e, struct node *node, enum action action)
{
	if (node_call(node)->swap)
		return value_none();
	uint32_t site = record_site(e, node, action);

	record_site_row(e, site)->map = node_map_access(node_call(node)->arguments)->map->index;
	record_control(e, site, NULL, 0);
	return value_none();
}

static struct value emit_clear(struct emitter *e, struct node *node)
{
	return emit_control(e, node, ACTION_CLEAR);
}

static struct value emit_zero(struct emitter *e, struct node *node)
{
	return emit_control(e, node, ACTION_ZERO);
}

static struct value emit_delete(struct emitter *e, struct node *node)
{
	struct map_access *access = node_map_access(node_call(node)->arguments);
	struct node *key = node_call(node)->arguments->next;

	return value_register(node->type, mapops_delete(e, access->map, key ? key : access->key));
}

static struct value emit_has_key(struct emitter *e, struct node *node)
{
	struct node *map = node_call(node)->arguments;

	return value_register(node->type, mapops_has(e, node_map_access(map)->map, map->next));
}

/* Stores the value only when there is an element. */
static struct value emit_find(struct emitter *e, struct node *node)
{
	struct node *map = node_call(node)->arguments, *key = map->next;
	const struct variable *variable = node_variable_use(key->next)->variable;
	struct value found;
	struct mapops_found element = mapops_find_begin(e, node_map_access(map)->map, key, &found);

	if (types_is_scalar(e->c->types, variable->type) &&
		!types_is_scalar(e->c->types, found.type))
		found = value_register(variable->type, aggregation_number(e, found));
	access_copy(e, found, variable_place(e, variable));
	return value_register(node->type, mapops_find_end(e, &element));
}

static bool is_keyed_map(struct node *node)
{
	return node->kind == NODE_MAP && !node_map_access(node)->key &&
	       node_map_access(node)->map->keyed;
}

static bool is_stack(struct compilation *c, uint32_t type)
{
	return types_has_meaning(c->types, type, MEANING_KSTACK) ||
	       types_has_meaning(c->types, type, MEANING_USTACK);
}

static void check_len(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *counted = node_call(node)->arguments;

	if (!is_keyed_map(counted) && !is_stack(c, counted->type))
		diag_error(c->diags, counted->span, "len: %s has no keys to count",
			node_map_access(counted)->name);
	else if (is_keyed_map(counted) && map_is_lru(node_map_access(counted)->map) &&
		 !(c->request->features & FEATURE_BIT(FEATURE_FOR_EACH_MAP_ELEM)))
		diag_error(c->diags, counted->span,
			"len: this kernel cannot count the elements of an LRU map (feature %s)",
			feature_name(FEATURE_FOR_EACH_MAP_ELEM));
}

static void plan_len(struct node *node)
{
	struct node *counted = node_call(node)->arguments;

	if (is_keyed_map(counted) && !map_is_lru(node_map_access(counted)->map))
		node_map_access(counted)->map->counted = true;
}

/* The number that a stack is known by has that of its frames in it. */
static struct value emit_len(struct emitter *e, struct node *node)
{
	struct node *counted = node_call(node)->arguments;
	LLVMValueRef length;

	if (is_keyed_map(counted))
		length = mapops_length(e, node_map_access(counted)->map);
	else
		length = LLVMBuildAnd(e->builder, expr_register(e, counted),
			ir_const(e, STACK_FRAMES_MASK), "frames");
	return value_register(node->type, length);
}

const struct builtin builtins_map[] = {
	{
		.name = "clear",
		.doc = "removes all keys of a map",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_ASYNC,
		.prototypes = {"clear(map map) void"},
		.swap_action = ACTION_SWAP_CLEAR,
		.emit = emit_clear,
	},
	{
		.name = "zero",
		.doc = "sets all values of a map to zero and keeps its keys",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_ASYNC,
		.prototypes = {"zero(map map) void"},
		.swap_action = ACTION_SWAP_ZERO,
		.emit = emit_zero,
	},
	{
		.name = "delete",
		.doc = "removes an element of a map, and whether there was one",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER_VALUE,
		.prototypes = {"delete(element element) bool", "delete(map map, key key) bool"},
		.emit = emit_delete,
	},
	{
		.name = "find",
		.doc = "whether a map has an element of this key, whose value the variable gets",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER | BUILTIN_ASSIGNS,
		.prototypes = {"find(map map, key key, variable found) bool"},
		.emit = emit_find,
	},
	{
		.name = "has_key",
		.doc = "whether a map has an element of this key",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"has_key(map map, key key) bool"},
		.emit = emit_has_key,
	},
	{
		.name = "len",
		.doc = "number of elements of a map, or of frames of a stack",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"len(map map) int64", "len(stack stack) int64"},
		.check = check_len,
		.plan = plan_len,
		.emit = emit_len,
	},
	{},
};
