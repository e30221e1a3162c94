/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arguments of a static probe: its note gives for each the register, the memory or the constant
 * that holds it. All matches of a unit have the same operands. Addresses relative to the probe are
 * calculated from the instruction pointer, which is at the probe.
 */
#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/context/context.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/variable.h"
#include "libcommon/host/arch.h"

static LLVMValueRef load_register(struct emitter *e, uint16_t offset)
{
	return ir_load_volatile(
		e, ir_offset(e, e->function->context, offset), sizeof(uint64_t), false);
}

/* The low bytes of a word that count. */
static LLVMValueRef narrow(struct emitter *e, const struct operand *operand, LLVMValueRef word)
{
	if (operand->size < sizeof(uint64_t))
		word = LLVMBuildTrunc(e->builder, word, ir_integer(e, operand->size), "");
	return ir_extend(e, word, operand->is_signed);
}

static LLVMValueRef add(struct emitter *e, LLVMValueRef a, LLVMValueRef b)
{
	return LLVMBuildAdd(e->builder, a, b, "");
}

/* The constant, or the address. */
static LLVMValueRef sum(struct emitter *e, const struct operand *operand)
{
	LLVMValueRef value = ir_const(e, (uint64_t)operand->value);

	if (operand->is_relative)
		value = add(e, value, load_register(e, e->arch->ip));
	if (operand->has_base)
		value = add(e, value, load_register(e, operand->base));
	if (operand->has_index)
		value = add(e, value,
			LLVMBuildShl(e->builder, load_register(e, operand->index),
				ir_const(e, operand->scale), ""));
	return value;
}

static LLVMValueRef read_operand(struct emitter *e, const struct operand *operand)
{
	if (operand->kind == OPERAND_CONSTANT)
		return narrow(e, operand, sum(e, operand));
	if (operand->kind == OPERAND_REGISTER)
		return narrow(e, operand,
			LLVMBuildLShr(e->builder, load_register(e, operand->base),
				ir_const(e, operand->shift), ""));
	LLVMValueRef room = variable_stack(e, sizeof(uint64_t));

	access_read(e, STORAGE_USER, room, operand->size, sum(e, operand));
	return ir_load(e, room, operand->size, operand->is_signed);
}

static struct value usdt_argument(struct emitter *e, uint32_t number, uint32_t type)
{
	const struct operands *operands = e->unit->matches.items[0].operands;

	return value_register(type, read_operand(e, &operands->items[number]));
}

const struct context_ops context_usdt = {
	.kind = CONTEXT_USDT,
	.argument = usdt_argument,
};
