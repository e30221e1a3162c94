/* SPDX-License-Identifier: Apache-2.0 */
/* Time series: a ring of slots per CPU, one for each interval (door/series.h). */
#include <inttypes.h>

#include "bpftrace/compiler/bind/constant.h"
#include "bpftrace/compiler/bind/infer.h"
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/helper.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/mapops.h"
#include "bpftrace/door/series.h"
#include "builtin_table.h"

enum { WORD = sizeof(uint64_t) };

/* The constants of a call. */
struct shape {
	int64_t interval, count;
	enum series_kind kind;
};

static struct shape shape_of(struct node *node)
{
	struct node *interval = node_call(node)->arguments->next, *count = interval->next;
	struct shape shape = {.interval = 1, .count = 1};

	constant_integer(interval, &shape.interval);
	constant_integer(count, &shape.count);
	if (count->next && count->next->kind == NODE_STRING)
		series_kind_find(node_string(count->next)->text, &shape.kind);
	return shape;
}

static uint32_t slot_type(struct compilation *c)
{
	struct types_field fields[] = {
		{"epoch", type_uint64(c)}, {"value", type_int64(c)}, {"extra", type_uint64(c)}};

	return types_struct(c->types, "tseries_slot", fields, ARRAY_SIZE(fields));
}

static void infer_series(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	if (node_count(node_call(node)->arguments) < 3)
		return;

	struct shape shape = shape_of(node);
	bool is_sane = shape.interval > 0 && shape.count > 0 && shape.count <= SERIES_SLOTS_MAX;
	uint32_t slots = is_sane ? (uint32_t)shape.count : 1; /* check reports it */

	node->type = types_with_meaning(c->types, MEANING_TSERIES,
		types_array(c->types, slot_type(c), slots),
		arena_printf(c->arena, "interval=%" PRId64 ",aggregate=%s", shape.interval,
			series_kind_name(shape.kind)));
}

static void check_kind(struct compilation *c, struct node *kind)
{
	enum series_kind found;

	if (!kind || series_kind_find(node_string(kind)->text, &found))
		return;
	diag_error(c->diags, kind->span,
		"tseries: expects one of avg, max, min, sum (\"%s\" provided)",
		node_string(kind)->text);
	diag_hint(c->diags, "without it the last value of each interval is shown");
}

static void check_series(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *interval = node_call(node)->arguments->next, *count = interval->next;
	struct shape shape = shape_of(node);

	if (shape.interval < 1)
		diag_error(c->diags, interval->span,
			"tseries: interval_ns must be >= 1 (%" PRId64 " provided)", shape.interval);
	if (shape.count < 1)
		diag_error(c->diags, count->span,
			"tseries: num_intervals must be >= 1 (%" PRId64 " provided)", shape.count);
	if (shape.count > SERIES_SLOTS_MAX)
		diag_error(c->diags, count->span,
			"tseries: num_intervals must be <= %d, as many as the kernel keeps for a "
			"CPU (%" PRId64 " provided)",
			SERIES_SLOTS_MAX, shape.count);
	check_kind(c, count->next);
}

static LLVMValueRef word_at(struct emitter *e, LLVMValueRef slot, enum series_word word)
{
	return ir_offset(e, slot, (uint64_t)word * WORD);
}

static LLVMValueRef load(struct emitter *e, LLVMValueRef slot, enum series_word word)
{
	return ir_load(e, word_at(e, slot, word), WORD, false);
}

static void store(struct emitter *e, LLVMValueRef slot, enum series_word word, LLVMValueRef value)
{
	ir_store(e, word_at(e, slot, word), value, WORD);
}

/* What a slot of this interval holds after one more value. */
static LLVMValueRef combine(
	struct emitter *e, enum series_kind kind, LLVMValueRef before, LLVMValueRef value)
{
	LLVMIntPredicate replaces = kind == SERIES_MAX ? LLVMIntSGT : LLVMIntSLT;

	switch (kind) {
	case SERIES_AVG:
	case SERIES_SUM: return LLVMBuildAdd(e->builder, before, value, "");
	case SERIES_MAX:
	case SERIES_MIN:
		return LLVMBuildSelect(
			e->builder, ir_compare(e, replaces, value, before), value, before, "");
	case SERIES_LAST:
	case NR_SERIES_KINDS: break;
	}
	return value;
}

static void update_slot(struct emitter *e, enum series_kind kind, LLVMValueRef slot,
	LLVMValueRef epoch, LLVMValueRef now, LLVMValueRef value)
{
	LLVMValueRef is_same = ir_compare(e, LLVMIntEQ, load(e, slot, SERIES_EPOCH), epoch);
	LLVMValueRef combined = combine(e, kind, load(e, slot, SERIES_VALUE), value);
	LLVMValueRef count = LLVMBuildSelect(
		e->builder, is_same, load(e, slot, SERIES_EXTRA), ir_const(e, 0), "");

	store(e, slot, SERIES_VALUE, LLVMBuildSelect(e->builder, is_same, combined, value, ""));
	store(e, slot, SERIES_EXTRA,
		kind == SERIES_LAST ? now : LLVMBuildAdd(e->builder, count, ir_const(e, 1), ""));
	store(e, slot, SERIES_EPOCH, epoch);
}

static struct value emit_series(struct emitter *e, struct node *node)
{
	struct map_access *target = e->target;
	struct shape shape = shape_of(node);
	LLVMValueRef slots = ir_const(e, (uint64_t)shape.count);
	LLVMValueRef value = expr_register(e, node_call(node)->arguments);
	LLVMValueRef now =
		LLVMBuildAdd(e->builder, helper_call(e, HELPER_ktime_get_boot_ns, NULL, 0),
			ir_run_constant(e, CONSTANT_wall_offset), "");
	LLVMValueRef number =
		LLVMBuildUDiv(e->builder, now, ir_const(e, (uint64_t)shape.interval), "");
	LLVMValueRef index = ir_opaque(e, LLVMBuildURem(e->builder, number, slots, ""));
	struct mapops_update update = mapops_update_begin(e, target);
	LLVMBasicBlockRef after = ir_guard(e, ir_compare(e, LLVMIntULT, index, slots), "slot");
	LLVMValueRef offset =
		LLVMBuildMul(e->builder, index, ir_const(e, (uint64_t)NR_SERIES_WORDS * WORD), "");

	update_slot(e, shape.kind, ir_offset_value(e, update.value, offset),
		LLVMBuildAdd(e->builder, number, ir_const(e, 1), ""), now, value);
	ir_jump(e, after);
	ir_begin(e, after);
	mapops_update_end(e, &update);
	return value_none();
}

const struct builtin builtins_series[] = {
	{
		.name = "tseries",
		.doc = "values of the last intervals: the last one of each, or its avg, max, min "
		       "or sum",
		.kind = BUILTIN_AGGREGATION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"tseries(number n, const int interval, const int count, "
			       "[literal aggregate]) any"},
		.aggregation = MEANING_TSERIES,
		.infer = infer_series,
		.check = check_series,
		.emit = emit_series,
	},
	{},
};
