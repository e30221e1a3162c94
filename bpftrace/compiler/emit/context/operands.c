/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An operand is a register, memory or a constant. Addresses relative to the probe are calculated
 * from the instruction pointer, which is at the probe. A struct in registers is put together in
 * memory, one that is in memory is read from there when it is used.
 */
#include "operands.h"

#include "bpftrace/compiler/emit/access.h"
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

/* The bytes of operands one after the other. The last one may be of no size that a store has: there
 * is room for a word. */
static struct value put_together(struct emitter *e, const struct operand *operand, uint32_t type)
{
	uint32_t size = ALIGN_UP(types_size(e->c->types, type), sizeof(uint64_t)), at = 0;
	LLVMValueRef room = size + sizeof(uint64_t) <= STACK_MOST
				    ? variable_stack(e, size + sizeof(uint64_t))
				    : variable_scratch(e, size + sizeof(uint64_t));

	for (; operand && at < size; operand = operand->rest) {
		struct operand word = *operand;

		if ((word.size & (word.size - 1)) != 0)
			word.size = sizeof(uint64_t);
		ir_store(e, ir_offset(e, room, at), read_operand(e, &word), word.size);
		at += operand->size;
	}
	return value_memory(type, room);
}

struct value operands_value(struct emitter *e, const struct operand *operand, uint32_t type)
{
	if (types_is_scalar(e->c->types, type))
		return value_register(type, read_operand(e, operand));
	if (operand->kind != OPERAND_MEMORY || operand->rest)
		return put_together(e, operand, type);
	return (struct value){
		.type = type,
		.storage = STORAGE_USER,
		.llvm = sum(e, operand),
	};
}
