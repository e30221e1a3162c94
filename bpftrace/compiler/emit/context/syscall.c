/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls, from the raw tracepoints sys_enter (pt_regs *, number) and sys_exit (pt_regs *,
 * result): an argument is in the register where the call's ABI puts it. The members of `args` are
 * named as in the format of the tracepoint: __syscall_nr or id, then the arguments or the result.
 */

#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/context/context.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/variable.h"
#include "libcommon/host/arch.h"

enum {
	MOST_ARGUMENTS = 6,
};

static LLVMValueRef context_word(struct emitter *e, uint32_t number)
{
	LLVMValueRef word = ir_offset(e, e->function->context, number * sizeof(uint64_t));

	return ir_load_volatile(e, word, 8, false);
}

static LLVMValueRef read_register(struct emitter *e, uint16_t offset, uint16_t size)
{
	LLVMValueRef room = variable_stack(e, sizeof(uint64_t));
	LLVMValueRef address =
		LLVMBuildAdd(e->builder, context_word(e, 0), ir_const(e, offset), "");

	access_read(e, STORAGE_KERNEL, room, size, address);
	return ir_load(e, room, size, true);
}

LLVMValueRef context_syscall_number(struct emitter *e, enum context_kind kind)
{
	const struct arch *arch = e->arch;

	if (kind == CONTEXT_SYSCALL_ENTER)
		return context_word(e, 1);
	return read_register(e, arch->syscall_number, arch->syscall_number_size);
}

/* raw_syscalls:sys_enter has its arguments in an array. */
static struct value all_arguments(struct emitter *e, uint32_t type)
{
	const struct arch *arch = e->arch;
	struct place place = variable_temporary(e, type);

	for (uint32_t i = 0; i < MOST_ARGUMENTS; i++)
		ir_store(e, ir_offset(e, place.address, i * sizeof(uint64_t)),
			read_register(e, arch->syscall_arguments[i], sizeof(uint64_t)), 8);
	return value_memory(type, place.address);
}

/* Registers have 64 bits; converts them to the width of the member's type. */
static struct value narrowed(struct emitter *e, uint32_t type, LLVMValueRef word)
{
	return value_register(type, ir_narrowed(e, types_size(e->c->types, type),
					    types_is_signed(e->c->types, type), word));
}

static struct value enter_member(struct emitter *e, struct types_member member, uint32_t index)
{
	if (index == 0)
		return narrowed(e, member.type, context_word(e, 1));
	if (types_class(e->c->types, member.type) == TYPE_ARRAY)
		return all_arguments(e, member.type);
	uint16_t offset = e->arch->syscall_arguments[index - 1];

	return narrowed(e, member.type, read_register(e, offset, sizeof(uint64_t)));
}

static struct value exit_member(struct emitter *e, struct types_member member, uint32_t index)
{
	if (index == 0)
		return narrowed(e, member.type, context_syscall_number(e, CONTEXT_SYSCALL_EXIT));
	return narrowed(e, member.type, context_word(e, 1));
}

const struct context_ops context_syscall_enter = {
	.kind = CONTEXT_SYSCALL_ENTER,
	.member = enter_member,
};

const struct context_ops context_syscall_exit = {
	.kind = CONTEXT_SYSCALL_EXIT,
	.member = exit_member,
};
