/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers that programs read of aggregations in memory, whose forms meaning.def describes. */
#include "aggregation.h"

#include "bpftrace/door/extreme.h"
#include "defect.h"
#include "expr.h"
#include "ir.h"

static LLVMValueRef word(struct emitter *e, struct value aggregation, unsigned index)
{
	return ir_load(e, ir_offset(e, aggregation.llvm, index * sizeof(uint64_t)),
		sizeof(uint64_t), false);
}

/* The value of a rank (door/extreme.h), 0 if none was set. */
static LLVMValueRef extreme_value(struct emitter *e, struct value extreme)
{
	bool is_min = types_has_meaning(e->c->types, extreme.type, MEANING_MIN);
	bool is_signed = !types_aggregates_unsigned(e->c->types, extreme.type);
	LLVMValueRef mask = ir_const(e, extreme_mask(is_min, is_signed));
	LLVMValueRef value = LLVMBuildXor(e->builder, word(e, extreme, 0), mask, "");
	LLVMValueRef is_set = ir_compare(e, LLVMIntNE, word(e, extreme, 1), ir_const(e, 0));

	return LLVMBuildSelect(e->builder, is_set, value, ir_const(e, 0), "");
}

LLVMValueRef aggregation_total(struct emitter *e, struct value average)
{
	LLVMValueRef low = word(e, average, 1);

	if (!types_aggregates_unsigned(e->c->types, average.type))
		return low;
	LLVMValueRef high = LLVMBuildShl(e->builder, word(e, average, 2), ir_const(e, 32), "");

	return LLVMBuildAdd(e->builder, high, low, "");
}

/* Of unsigned numbers by long division, since the total may not fit in a register: the remainder
 * of the upper halves is divided together with the lower ones. */
static LLVMValueRef average_value(struct emitter *e, struct value average)
{
	LLVMValueRef count = word(e, average, 0);

	if (!types_aggregates_unsigned(e->c->types, average.type))
		return expr_arithmetic(e, OPERATOR_DIVIDE, word(e, average, 1), count, true);
	LLVMValueRef low = word(e, average, 1), high = word(e, average, 2);
	LLVMValueRef half = ir_const(e, 32);
	LLVMValueRef upper = expr_arithmetic(e, OPERATOR_DIVIDE, high, count, false);
	LLVMValueRef left = expr_arithmetic(e, OPERATOR_MODULO, high, count, false);

	left = LLVMBuildAdd(e->builder, LLVMBuildShl(e->builder, left, half, ""), low, "");
	LLVMValueRef lower = expr_arithmetic(e, OPERATOR_DIVIDE, left, count, false);

	upper = LLVMBuildShl(e->builder, upper, half, "");
	return LLVMBuildAdd(e->builder, upper, lower, "");
}

LLVMValueRef aggregation_number(struct emitter *e, struct value aggregation)
{
	switch (types_reading(e->c->types, aggregation.type)) {
	case READS_AVERAGE:
	case READS_FIELDS: return average_value(e, aggregation);
	case READS_EXTREME: return extreme_value(e, aggregation);
	case READS_ITSELF:
	case READS_COUNT:
	case READS_SUM: return word(e, aggregation, 0);
	case READS_SLOTS:
	case READS_BUCKETS: break;
	}
	defect("a histogram is read as a number");
}
