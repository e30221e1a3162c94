/* SPDX-License-Identifier: Apache-2.0 */
/* The registers at a function's entry or return: the program's context is a struct pt_regs. */
#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/context/context.h"
#include "bpftrace/compiler/emit/context/operands.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/variable.h"
#include "libcommon/host/arch.h"

static struct value from_register(struct emitter *e, uint16_t offset, uint32_t type)
{
	LLVMValueRef address = ir_offset(e, e->function->context, offset);

	return value_register(type, ir_load_volatile(e, address, 8, false));
}

/* A word of the caller's stack, which holds the arguments that are not in registers. */
static struct value regs_stack(struct emitter *e, uint32_t number, uint32_t type)
{
	const struct arch *arch = e->arch;
	bool user = attach_has(e->unit->matches.items[0].attach, USER_STACK);
	LLVMValueRef sp = from_register(e, arch->sp, type).llvm;
	uint64_t at = arch->stack_arguments + number * sizeof(uint64_t);
	LLVMValueRef word = variable_stack(e, sizeof(uint64_t));

	access_read(e, user ? STORAGE_USER : STORAGE_KERNEL, word, sizeof(uint64_t),
		LLVMBuildAdd(e->builder, sp, ir_const(e, at), ""));
	return value_register(type, ir_load(e, word, 8, false));
}

static struct value regs_argument(struct emitter *e, uint32_t number, uint32_t type)
{
	const struct arch *arch = e->arch;

	if (number < arch->argument_count)
		return from_register(e, arch->arguments[number], type);
	return regs_stack(e, number - arch->argument_count, type);
}

/* Functions of programs with debug information: all matches of a unit have the same operands. */
static struct value regs_member(struct emitter *e, struct types_member member, uint32_t index)
{
	const struct operands *operands = e->unit->matches.items[0].operands;

	return operands_value(e, &operands->items[index], member.type);
}

static struct value regs_result(struct emitter *e, uint32_t type)
{
	const struct operands *operands = e->unit->matches.items[0].operands;

	if (operands && operands->count)
		return operands_value(e, &operands->items[0], type);
	return from_register(e, e->arch->return_value, type);
}

const struct context_ops context_regs = {
	.kind = CONTEXT_REGS,
	.argument = regs_argument,
	.stack_argument = regs_stack,
	.member = regs_member,
};

const struct context_ops context_regs_return = {
	.kind = CONTEXT_REGS_RETURN,
	.result = regs_result,
};
