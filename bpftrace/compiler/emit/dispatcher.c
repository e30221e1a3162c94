/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs on the raw tracepoints sys_enter and sys_exit. Each calls the blocks that match the
 * number of the system call, in script order; there are more than one only where a program cannot
 * call all blocks.
 */
#include "dispatcher.h"

#include "access.h"
#include "context/context.h"
#include "helper.h"
#include "ir.h"
#include "libcommon/host/arch.h"
#include "plan.h"
#include "variable.h"

enum {
	SYSCALL_NUMBERS = 512, /* room of the tables by number; a power of two above all numbers */
};

/* number -> names of the attach point + 1, 0 where the unit has none */
static LLVMValueRef number_table(struct emitter *e, const struct dispatched *dispatched)
{
	uint64_t table[SYSCALL_NUMBERS] = {};

	for (size_t i = 0; i < dispatched->unit->matches.count; i++)
		table[dispatched->unit->matches.items[i].syscall] = dispatched->unit->names[i] + 1;
	LLVMValueRef words[SYSCALL_NUMBERS];

	for (size_t i = 0; i < SYSCALL_NUMBERS; i++)
		words[i] = ir_const(e, table[i]);
	LLVMValueRef values = LLVMConstArray(e->i64, words, SYSCALL_NUMBERS);
	char name[32];

	snprintf(name, sizeof(name), "syscalls_%u", dispatched->unit->index);
	LLVMValueRef global = LLVMAddGlobal(e->module, LLVMTypeOf(values), name);

	LLVMSetInitializer(global, values);
	LLVMSetGlobalConstant(global, true);
	LLVMSetSection(global, ".rodata");
	return global;
}

/* Goes to next unless the number is one of the unit's; returns the names of the attach point. */
static LLVMValueRef match_number(struct emitter *e, const struct dispatched *dispatched,
	LLVMValueRef number, LLVMBasicBlockRef next)
{
	const struct unit *unit = dispatched->unit;
	LLVMBasicBlockRef hit = ir_block(e, "hit");

	if (unit->matches.count == 1) {
		uint32_t wanted = unit->matches.items[0].syscall;

		ir_branch(e, ir_compare(e, LLVMIntEQ, number, ir_const(e, wanted)), hit, next);
		ir_begin(e, hit);
		return ir_const(e, dispatched->unit->names[0]);
	}
	LLVMBasicBlockRef known = ir_block(e, "known");
	LLVMValueRef bound = ir_const(e, SYSCALL_NUMBERS);

	ir_branch(e, ir_compare(e, LLVMIntULT, number, bound), known, next);
	ir_begin(e, known);
	LLVMValueRef at = LLVMBuildShl(e->builder, number, ir_const(e, 3), "");
	LLVMValueRef entry = ir_offset_value(e, number_table(e, dispatched), at);
	LLVMValueRef names = ir_load(e, entry, sizeof(uint64_t), false);

	ir_branch(e, ir_compare(e, LLVMIntNE, names, ir_const(e, 0)), hit, next);
	ir_begin(e, hit);
	return LLVMBuildSub(e->builder, names, ir_const(e, 1), "");
}

/* Goes to next when the task is in a call of the compat ABI, which has other numbers. */
static void skip_compat(struct emitter *e, LLVMBasicBlockRef next)
{
	const struct arch *arch = e->arch;
	LLVMValueRef task = helper_call(e, HELPER_get_current_task, NULL, 0);
	LLVMValueRef at = LLVMBuildAdd(e->builder, task, e->compat_offset, "");
	LLVMValueRef word = variable_stack(e, sizeof(uint64_t));

	access_read(e, STORAGE_KERNEL, word, arch->compat.size, at);
	LLVMValueRef flags = ir_load(e, word, arch->compat.size, false);

	flags = LLVMBuildAnd(e->builder, flags, ir_const(e, arch->compat.mask), "");
	LLVMBasicBlockRef native = ir_block(e, "native");

	ir_branch(e, ir_compare(e, LLVMIntEQ, flags, ir_const(e, 0)), native, next);
	ir_begin(e, native);
}

static void dispatch(struct emitter *e, const struct dispatched *dispatched, LLVMValueRef number)
{
	const struct probe_match *first = dispatched->unit->matches.items;
	size_t stack = e->function->stack_used;
	LLVMBasicBlockRef next = ir_block(e, "next");
	LLVMValueRef probe = ir_const(e, dispatched->unit->names[0]);

	if (first->syscall >= 0)
		probe = match_number(e, dispatched, number, next);
	if (!first->compat && e->compat_offset)
		skip_compat(e, next);
	program_call(e, dispatched->unit, dispatched->block, probe, next);
	ir_jump(e, next);
	ir_begin(e, next);
	e->function->stack_used = stack;
}

static bool needs_number(const struct dispatched *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].unit->matches.items[0].syscall >= 0)
			return true;
	return false;
}

/* The offset in task_struct of the word with the flag of the compat ABI; NULL for a kernel without
 * BTF, where its calls are taken for native ones of their numbers. */
static LLVMValueRef find_compat(struct emitter *e)
{
	LLVMValueRef offsets[2];
	struct kbtf_member members[] = {
		{.type = "task_struct", .name = "thread_info"},
		{.type = "thread_info", .name = e->arch->compat.member},
	};
	_cleanup_error_ struct error *error =
		access_kernel_offsets(e, members, ARRAY_SIZE(members), offsets);

	return error ? NULL : LLVMBuildAdd(e->builder, offsets[0], offsets[1], "");
}

static void emit_dispatcher(struct emitter *e, enum context_kind kind, const char *name,
	const struct dispatched *list, size_t count)
{
	uint32_t link = program_add_link(
		e, list[0].unit->matches.items, name, list[0].unit, list[count - 1].unit);

	e->manifest->links.items[link].target = list[0].unit->matches.items[0].target;
	for (size_t i = 0; i < count; i++) {
		const struct probe_match *match;

		vec_for_each (&list[i].unit->matches, match)
			program_add_probe(e, list[i].unit, match, link);
	}

	struct bpf_function program = {};

	program_begin(
		e, &program, name, list[0].unit->matches.items, list[0].unit->probe->node.span);
	LLVMValueRef number = NULL;

	if (needs_number(list, count))
		number = context_syscall_number(e, kind);
	e->compat_offset = needs_number(list, count) ? find_compat(e) : NULL;
	for (size_t i = 0; i < count; i++)
		dispatch(e, &list[i], number);
	program_end(e, &program);
}

/* The kernel runs the programs of a raw tracepoint in the order in which they are attached. */
void dispatcher_emit(struct emitter *e, enum context_kind kind, const char *name,
	const struct dispatched *list, size_t count)
{
	const char *part = name;

	for (size_t i = 1; count > 0; i++) {
		size_t fit = plan_blocks_of_program(e->c, list, count);

		emit_dispatcher(e, kind, part, list, fit);
		part = arena_printf(e->c->arena, "%s_%zu", name, i);
		list += fit;
		count -= fit;
	}
}
