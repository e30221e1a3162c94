/* SPDX-License-Identifier: Apache-2.0 */
/* Histograms: an array of counters per CPU; door/histogram.h defines the bucket of a value.
 */
#include <inttypes.h>

#include "bpftrace/compiler/bind/infer.h"
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/mapops.h"
#include "bpftrace/door/histogram.h"
#include "builtin_table.h"

enum {
	LHIST_BUCKETS_MAX = 1000,
};

/* The number behind an optional sign; false when the expression is no constant. */
static bool constant(struct node *node, int64_t *ret)
{
	if (node->kind == NODE_UNARY && node_unary(node)->op == OPERATOR_MINUS &&
		constant(node_unary(node)->operand, ret)) {
		*ret = (int64_t) - (uint64_t)*ret;
		return true;
	}
	if (node->kind == NODE_CAST)
		return constant(node_cast(node)->operand, ret);
	switch (node->kind) {
	case NODE_INTEGER: *ret = (int64_t)node_integer(node)->value; return true;
	case NODE_SIZEOF: *ret = (int64_t)node_size_of(node)->number; return true;
	case NODE_OFFSETOF: *ret = (int64_t)node_offset_of(node)->number; return true;
	default: return false;
	}
}

/* Of a constant that is a negated number; one above INT64_MAX is none. */
static bool is_below_zero(struct node *node)
{
	int64_t value;

	while (node && node->kind == NODE_CAST)
		node = node_cast(node)->operand;
	return node && node->kind == NODE_UNARY && constant(node, &value) && value < 0;
}

static int64_t constant_or(struct node *node, int64_t otherwise)
{
	int64_t value;

	return node && constant(node, &value) ? value : otherwise;
}

/* --- hist --- */

static int64_t hist_bits(struct node *node)
{
	return constant_or(node_call(node)->arguments->next, 0);
}

static void infer_hist(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	if (!node_call(node)->arguments)
		return;
	int64_t bits = hist_bits(node);

	if (bits < 0 || bits > HIST_BITS_MAX)
		bits = 0; /* check reports it */
	uint32_t form = types_array(c->types, type_uint64(c), hist_bucket_count(bits));
	const char *parameters = arena_printf(c->arena, "bits=%d", (int)bits);

	node->type = types_with_meaning(c->types, MEANING_HIST, form, parameters);
}

static void check_hist(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *bits = node_call(node)->arguments->next;
	int64_t value;

	if (!bits)
		return;
	if (!constant(bits, &value))
		diag_error(c->diags, bits->span, "hist: bits must be a constant");
	else if (value < 0 || value > HIST_BITS_MAX)
		diag_error(c->diags, bits->span, "hist: bits %lld must be 0..%d", (long long)value,
			HIST_BITS_MAX);
}

/* Where the highest bit of a number >= 1 is, by halving: BPF has no instruction for it. */
static LLVMValueRef highest_bit(struct emitter *e, LLVMValueRef value)
{
	LLVMValueRef result = ir_const(e, 0);

	for (uint32_t half = 32; half; half /= 2) {
		LLVMValueRef high =
			ir_compare(e, LLVMIntUGT, value, ir_const(e, (UINT64_C(1) << half) - 1));
		LLVMValueRef amount =
			LLVMBuildSelect(e->builder, high, ir_const(e, half), ir_const(e, 0), "");

		value = LLVMBuildLShr(e->builder, value, amount, "");
		result = LLVMBuildOr(e->builder, result, amount, "");
	}
	return result;
}

static LLVMValueRef bucket_of_large(struct emitter *e, LLVMValueRef value, uint32_t bits)
{
	LLVMValueRef shift = LLVMBuildSub(e->builder, highest_bit(e, value), ir_const(e, bits), "");
	LLVMValueRef row = LLVMBuildShl(e->builder, shift, ir_const(e, bits), "");
	LLVMValueRef column = LLVMBuildLShr(e->builder, value, shift, "");
	LLVMValueRef index = LLVMBuildAdd(e->builder, row, column, "");

	return LLVMBuildAdd(e->builder, index, ir_const(e, 1), "");
}

/* i1; constant where the argument's type is unsigned. */
static LLVMValueRef is_negative(struct emitter *e, struct node *argument, LLVMValueRef value)
{
	if (!types_is_signed(e->c->types, infer_promote(e->c, argument->type)))
		return LLVMConstInt(e->i1, false, false);
	return ir_compare(e, LLVMIntSLT, value, ir_const(e, 0));
}

/* hist_bucket() of door/histogram.h as code. */
static LLVMValueRef hist_index(
	struct emitter *e, LLVMValueRef value, LLVMValueRef negative, uint32_t bits)
{
	LLVMBasicBlockRef small = ir_block(e, "small"), large = ir_block(e, "large");
	LLVMBasicBlockRef positive = ir_block(e, "positive"), done = ir_block(e, "bucket");
	LLVMBasicBlockRef blocks[] = {ir_here(e), small, large};
	LLVMValueRef values[3] = {ir_const(e, 0)};

	ir_branch(e, negative, done, positive);
	ir_begin(e, positive);
	LLVMValueRef own = ir_compare(e, LLVMIntULT, value, ir_const(e, UINT64_C(1) << bits));

	ir_branch(e, own, small, large);
	ir_begin(e, small);
	values[1] = LLVMBuildAdd(e->builder, value, ir_const(e, 1), "");
	ir_jump(e, done);
	ir_begin(e, large);
	values[2] = bucket_of_large(e, value, bits);
	ir_jump(e, done);
	ir_begin(e, done);
	return ir_phi(e, e->i64, values, blocks, ARRAY_SIZE(blocks));
}

/* Counts in bucket index, which is in range by construction; the bound is repeated for the
 * verifier. */
static void count_bucket(struct emitter *e, struct map_access *target, LLVMValueRef index)
{
	uint32_t buckets;

	types_element(e->c->types, types_form(e->c->types, target->map->value), &buckets);
	struct mapops_update update = mapops_update_begin(e, target);

	index = ir_opaque(e, index);
	LLVMBasicBlockRef after =
		ir_guard(e, ir_compare(e, LLVMIntULT, index, ir_const(e, buckets)), "count");
	LLVMValueRef at = LLVMBuildShl(e->builder, index, ir_const(e, 3), "");

	mapops_increment(e, target->map, ir_offset_value(e, update.value, at), ir_const(e, 1));
	ir_jump(e, after);
	ir_begin(e, after);
	mapops_update_end(e, &update);
}

static struct value emit_hist(struct emitter *e, struct node *node)
{
	struct map_access *target = e->target;
	struct node *argument = node_call(node)->arguments;
	LLVMValueRef value = expr_register(e, argument);
	LLVMValueRef negative = is_negative(e, argument, value);

	count_bucket(e, target, hist_index(e, value, negative, hist_bits(node)));
	return value_none();
}

/* --- lhist --- */

static struct lhist_range lhist_range(struct node *node)
{
	struct lhist_range range = {.max = 1, .step = 1};
	struct node *argument = node_call(node)->arguments;
	uint64_t *const members[] = {&range.min, &range.max, &range.step};

	for (size_t i = 0; argument && i < ARRAY_SIZE(members); i++) {
		argument = argument->next;
		*members[i] = (uint64_t)constant_or(argument, (int64_t)*members[i]);
	}
	return range;
}

static bool has_negative(struct node *node)
{
	struct node *argument = node_call(node)->arguments;

	for (argument = argument ? argument->next : NULL; argument; argument = argument->next)
		if (is_below_zero(argument))
			return true;
	return false;
}

static bool is_sane(struct lhist_range range)
{
	return range.max > range.min && range.step > 0 &&
	       (range.max - range.min) / range.step <= LHIST_BUCKETS_MAX;
}

static void infer_lhist(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct lhist_range range = lhist_range(node);

	if (!is_sane(range) || has_negative(node))
		range = (struct lhist_range){.max = 1, .step = 1}; /* check reports it */
	uint32_t form = types_array(c->types, type_uint64(c), lhist_bucket_count(range));
	const char *parameters = arena_printf(c->arena,
		"min=%" PRIu64 ",max=%" PRIu64 ",step=%" PRIu64, range.min, range.max, range.step);

	node->type = types_with_meaning(c->types, MEANING_LHIST, form, parameters);
}

static bool check_constants(struct compilation *c, struct node *first)
{
	static const char *const names[] = {"min", "max", "step"};
	bool all = true;

	for (size_t i = 0; first && i < ARRAY_SIZE(names); i++, first = first->next) {
		int64_t value;

		if (constant(first, &value))
			continue;
		diag_error(c->diags, first->span, "lhist: %s must be a constant", names[i]);
		all = false;
	}
	return all;
}

/* The argument is a constant. */
static const char *spell_constant(struct compilation *c, struct node *node)
{
	int64_t value = constant_or(node, 0);

	return is_below_zero(node) ? arena_printf(c->arena, "%" PRId64, value)
				   : arena_printf(c->arena, "%" PRIu64, (uint64_t)value);
}

static void check_lhist(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct lhist_range range = lhist_range(node);
	struct node *min = node_call(node)->arguments->next, *max = min->next, *step = max->next;

	if (!check_constants(c, min))
		return;
	if (is_below_zero(step) || range.step == 0)
		diag_error(c->diags, node->span, "lhist() step must be >= 1 (provided step %s)",
			spell_constant(c, step));
	else if (is_below_zero(min))
		diag_error(c->diags, node->span,
			"lhist() min must be non-negative (provided min %s)",
			spell_constant(c, min));
	else if (is_below_zero(max) || range.max <= range.min)
		diag_error(c->diags, node->span,
			"lhist() max must be greater than min (provided min %s and max %s)",
			spell_constant(c, min), spell_constant(c, max));
	else if (!is_sane(range))
		diag_error(c->diags, node->span,
			"lhist() too many buckets, must be <= %d (would need %" PRIu64 ")",
			LHIST_BUCKETS_MAX, (range.max - range.min) / range.step);
}

/* lhist_bucket() of door/histogram.h as code. */
static struct value emit_lhist(struct emitter *e, struct node *node)
{
	struct map_access *target = e->target;
	struct lhist_range range = lhist_range(node);
	LLVMBuilderRef builder = e->builder;
	struct node *argument = node_call(node)->arguments;
	LLVMValueRef value = expr_register(e, argument), zero = ir_const(e, 0);
	LLVMValueRef from_min = LLVMBuildSub(builder, value, ir_const(e, range.min), "");
	LLVMValueRef index = LLVMBuildUDiv(builder, from_min, ir_const(e, range.step), "");

	index = LLVMBuildAdd(builder, index, ir_const(e, 1), "");
	LLVMValueRef below = ir_compare(e, LLVMIntULT, value, ir_const(e, range.min));
	LLVMValueRef above = ir_compare(e, LLVMIntUGE, value, ir_const(e, range.max));
	LLVMValueRef last = ir_const(e, lhist_bucket_count(range) - 1);

	index = LLVMBuildSelect(builder, above, last, index, "");
	index = LLVMBuildSelect(builder, below, zero, index, "");
	index = LLVMBuildSelect(builder, is_negative(e, argument, value), zero, index, "");
	count_bucket(e, target, index);
	return value_none();
}

const struct builtin builtins_histogram[] = {
	{
		.name = "hist",
		.doc = "histogram of values with 2^bits buckets for each power of two",
		.kind = BUILTIN_AGGREGATION,
		.prototypes = {"hist(number n, [const int bits]) any"},
		.aggregation = MEANING_HIST,
		.infer = infer_hist,
		.check = check_hist,
		.emit = emit_hist,
	},
	{
		.name = "lhist",
		.doc = "histogram of values in steps from min to max",
		.kind = BUILTIN_AGGREGATION,
		.prototypes = {"lhist(number n, const int min, const int max, const int step) any"},
		.aggregation = MEANING_LHIST,
		.infer = infer_lhist,
		.check = check_lhist,
		.emit = emit_lhist,
	},
	{},
};
