/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aggregations that are a few words per CPU. Each says what its map's value looks like (named.def
 * describes the forms) and how one event changes it.
 */
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/door/extreme.h"
#include "builtin_table.h"

/* A value of 64-bit words with these names. */
static uint32_t form(
	struct compilation *c, const struct types_field *fields, size_t count, enum named named)
{
	return types_struct(c->types, named_name(named), fields, count);
}

static void infer_count(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct types_field fields[] = {{"count", type_uint64(c)}};
	node->type = types_named(c->types, NAMED_COUNT, form(c, fields, 1, NAMED_COUNT), NULL);
}

static void infer_sum(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct types_field fields[] = {{"sum", type_int64(c)}};
	node->type = types_named(c->types, NAMED_SUM, form(c, fields, 1, NAMED_SUM), NULL);
}

static void infer_extreme(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	enum named named = node_call(node)->builtin->aggregation;
	struct types_field fields[] = {{"rank", type_uint64(c)}, {"set", type_uint64(c)}};
	node->type = types_named(c->types, named, form(c, fields, 2, named), NULL);
}

static void infer_average(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	enum named named = node_call(node)->builtin->aggregation;
	struct types_field fields[] = {{"count", type_uint64(c)}, {"total", type_int64(c)}};
	node->type = types_named(c->types, named, form(c, fields, 2, named), NULL);
}

static struct value emit_count(struct emitter *e, struct node *node _unused_)
{
	struct map *map = e->target->map;
	struct mapops_update update = mapops_update_begin(e, e->target);
	mapops_increment(e, map, update.value, ir_const(e, 1));
	mapops_update_end(e, &update);
	return value_none();
}

static struct value emit_sum(struct emitter *e, struct node *node)
{
	struct map_access *target = e->target;
	LLVMValueRef value = expr_register(e, node_call(node)->arguments);
	struct mapops_update update = mapops_update_begin(e, target);
	mapops_increment(e, target->map, update.value, value);
	mapops_update_end(e, &update);
	return value_none();
}

static struct value emit_extreme(struct emitter *e, struct node *node)
{
	bool is_min = node_call(node)->builtin->aggregation == NAMED_MIN;
	struct map_access *target = e->target;
	LLVMValueRef value = expr_register(e, node_call(node)->arguments);
	LLVMValueRef rank = LLVMBuildXor(e->builder, value, ir_const(e, extreme_mask(is_min)), "");
	struct mapops_update update = mapops_update_begin(e, target);
	mapops_raise(e, target->map, update.value, rank);
	ir_store(e, ir_offset(e, update.value, sizeof(uint64_t)), ir_const(e, 1), 8);
	mapops_update_end(e, &update);
	return value_none();
}

static struct value emit_average(struct emitter *e, struct node *node)
{
	struct map_access *target = e->target;
	LLVMValueRef value = expr_register(e, node_call(node)->arguments);
	struct mapops_update update = mapops_update_begin(e, target);
	mapops_increment(e, target->map, update.value, ir_const(e, 1));
	mapops_increment(e, target->map, ir_offset(e, update.value, sizeof(uint64_t)), value);
	mapops_update_end(e, &update);
	return value_none();
}

const struct builtin builtins_aggregate[] = {
	{
		.name = "count",
		.doc = "counts how often it is called",
		.kind = BUILTIN_AGGREGATION,
		.prototypes = {"count() any"},
		.aggregation = NAMED_COUNT,
		.infer = infer_count,
		.emit = emit_count,
	},
	{
		.name = "sum",
		.doc = "adds the values up",
		.kind = BUILTIN_AGGREGATION,
		.prototypes = {"sum(int n) any"},
		.aggregation = NAMED_SUM,
		.infer = infer_sum,
		.emit = emit_sum,
	},
	{
		.name = "avg",
		.doc = "average of the values",
		.kind = BUILTIN_AGGREGATION,
		.prototypes = {"avg(int n) any"},
		.aggregation = NAMED_AVG,
		.infer = infer_average,
		.emit = emit_average,
	},
	{
		.name = "min",
		.doc = "smallest value",
		.kind = BUILTIN_AGGREGATION,
		.prototypes = {"min(int n) any"},
		.aggregation = NAMED_MIN,
		.infer = infer_extreme,
		.emit = emit_extreme,
	},
	{
		.name = "max",
		.doc = "largest value",
		.kind = BUILTIN_AGGREGATION,
		.prototypes = {"max(int n) any"},
		.aggregation = NAMED_MAX,
		.infer = infer_extreme,
		.emit = emit_extreme,
	},
	{
		.name = "stats",
		.doc = "count, average and total of the values",
		.kind = BUILTIN_AGGREGATION,
		.prototypes = {"stats(int n) any"},
		.aggregation = NAMED_STATS,
		.infer = infer_average,
		.emit = emit_average,
	},
	{},
};
