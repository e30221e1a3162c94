/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aggregations that are a few words per CPU. Each describes its map's value (meaning.def
 * describes the forms) and how one event changes it.
 */
#include "bpftrace/compiler/bind/infer.h"
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/mapops.h"
#include "bpftrace/door/extreme.h"
#include "builtin_table.h"

/* A value of 64-bit words with these names. */
static uint32_t form(
	struct compilation *c, const struct types_field *fields, size_t count, enum meaning meaning)
{
	return types_struct(c->types, meaning_name(meaning), fields, count);
}

static void infer_count(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct types_field fields[] = {{"count", type_uint64(c)}};

	node->type = types_with_meaning(
		c->types, MEANING_COUNT, form(c, fields, 1, MEANING_COUNT), NULL);
}

/* The type of the numbers that a call aggregates: as operands of a calculation. */
static uint32_t number_type(struct compilation *c, struct node *node)
{
	struct node *argument = node_call(node)->arguments;
	uint32_t type = argument ? infer_scalar(c, argument->type) : 0;

	return type ? types_strip(c->types, infer_promote(c, type)) : type_int64(c);
}

static const char *parameters_of(struct compilation *c, uint32_t number)
{
	return types_is_signed(c->types, number) ? NULL : AGGREGATION_UNSIGNED;
}

static void infer_sum(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	uint32_t number = number_type(c, node);
	struct types_field fields[] = {{"sum", number}};

	node->type = types_with_meaning(
		c->types, MEANING_SUM, form(c, fields, 1, MEANING_SUM), parameters_of(c, number));
}

static void infer_extreme(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	enum meaning meaning = node_call(node)->builtin->aggregation;
	struct types_field fields[] = {{"rank", type_uint64(c)}, {"set", type_uint64(c)}};

	node->type = types_with_meaning(c->types, meaning, form(c, fields, 2, meaning),
		parameters_of(c, number_type(c, node)));
}

static void infer_average(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	enum meaning meaning = node_call(node)->builtin->aggregation;
	uint32_t number = number_type(c, node);
	struct types_field total[] = {{"count", type_uint64(c)}, {"total", number}};
	struct types_field halves[] = {
		{"count", type_uint64(c)}, {"low", number}, {"high", number}};
	bool is_signed = types_is_signed(c->types, number);
	uint32_t its = is_signed ? form(c, total, ARRAY_SIZE(total), meaning)
				 : form(c, halves, ARRAY_SIZE(halves), meaning);

	node->type = types_with_meaning(c->types, meaning, its, parameters_of(c, number));
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
	bool is_min = node_call(node)->builtin->aggregation == MEANING_MIN;
	struct map_access *target = e->target;
	LLVMValueRef value = expr_register(e, node_call(node)->arguments);
	bool is_signed = !types_aggregates_unsigned(e->c->types, target->map->value);
	LLVMValueRef mask = ir_const(e, extreme_mask(is_min, is_signed));
	LLVMValueRef rank = LLVMBuildXor(e->builder, value, mask, "");
	struct mapops_update update = mapops_update_begin(e, target);

	mapops_maximize(e, target->map, update.value, rank);
	ir_store(e, ir_offset(e, update.value, sizeof(uint64_t)), ir_const(e, 1), 8);
	mapops_update_end(e, &update);
	return value_none();
}

/* The average is right for up to 2^31 values, whatever they are. */
static void add_halves(struct emitter *e, struct map *map, LLVMValueRef address, LLVMValueRef value)
{
	LLVMValueRef low = LLVMBuildAnd(e->builder, value, ir_const(e, UINT32_MAX), "");
	LLVMValueRef high = LLVMBuildLShr(e->builder, value, ir_const(e, 32), "");

	mapops_increment(e, map, address, low);
	mapops_increment(e, map, ir_offset(e, address, sizeof(uint64_t)), high);
}

static struct value emit_average(struct emitter *e, struct node *node)
{
	struct map_access *target = e->target;
	LLVMValueRef value = expr_register(e, node_call(node)->arguments);
	struct mapops_update update = mapops_update_begin(e, target);

	mapops_increment(e, target->map, update.value, ir_const(e, 1));
	LLVMValueRef total = ir_offset(e, update.value, sizeof(uint64_t));

	if (types_aggregates_unsigned(e->c->types, target->map->value))
		add_halves(e, target->map, total, value);
	else
		mapops_increment(e, target->map, total, value);
	mapops_update_end(e, &update);
	return value_none();
}

const struct builtin builtins_aggregate[] = {
	{
		.name = "count",
		.doc = "counts how often it is called",
		.kind = BUILTIN_AGGREGATION,
		.prototypes = {"count() any"},
		.aggregation = MEANING_COUNT,
		.infer = infer_count,
		.emit = emit_count,
	},
	{
		.name = "sum",
		.doc = "sum of the values",
		.kind = BUILTIN_AGGREGATION,
		.prototypes = {"sum(number n) any"},
		.aggregation = MEANING_SUM,
		.infer = infer_sum,
		.emit = emit_sum,
	},
	{
		.name = "avg",
		.doc = "average of the values",
		.kind = BUILTIN_AGGREGATION,
		.prototypes = {"avg(number n) any"},
		.aggregation = MEANING_AVG,
		.infer = infer_average,
		.emit = emit_average,
	},
	{
		.name = "min",
		.doc = "smallest value",
		.kind = BUILTIN_AGGREGATION,
		.prototypes = {"min(number n) any"},
		.aggregation = MEANING_MIN,
		.infer = infer_extreme,
		.emit = emit_extreme,
	},
	{
		.name = "max",
		.doc = "largest value",
		.kind = BUILTIN_AGGREGATION,
		.prototypes = {"max(number n) any"},
		.aggregation = MEANING_MAX,
		.infer = infer_extreme,
		.emit = emit_extreme,
	},
	{
		.name = "stats",
		.doc = "count, average and total of the values",
		.kind = BUILTIN_AGGREGATION,
		.prototypes = {"stats(number n) any"},
		.aggregation = MEANING_STATS,
		.infer = infer_average,
		.emit = emit_average,
	},
	{},
};
