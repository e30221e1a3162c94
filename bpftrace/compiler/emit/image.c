/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The start time of a process's first thread distinguishes processes of one pid, and self_exec_id,
 * which each execve(2) increments and new threads copy, the programs of one process. Their offsets
 * are constants that the runner sets, so that bundles fit every kernel. Where the verifier knows
 * the type of the task, the three loads take no helper.
 */
#include "image.h"

#include "helper.h"
#include "ir.h"
#include "variable.h"

/* Reads the word at an address (i64) of the kernel. */
typedef LLVMValueRef word_reader(struct emitter *e, LLVMValueRef address);

static LLVMValueRef load_word(struct emitter *e, LLVMValueRef address)
{
	LLVMValueRef pointer = LLVMBuildIntToPtr(e->builder, address, e->pointer, "");

	return ir_load_volatile(e, pointer, sizeof(uint64_t), false);
}

static LLVMValueRef read_word(struct emitter *e, LLVMValueRef address)
{
	LLVMValueRef room = variable_stack(e, sizeof(uint64_t));

	helper_call_quiet(e, HELPER_probe_read_kernel,
		HELPER_ARGS(room, ir_const32(e, sizeof(uint64_t)), address));
	return ir_load(e, room, sizeof(uint64_t), false);
}

static LLVMValueRef member(
	struct emitter *e, word_reader *read, LLVMValueRef task, enum constant_word offset)
{
	return read(e, LLVMBuildAdd(e->builder, task, ir_run_constant(e, offset), ""));
}

/* Calls the helper that returns the task, so that each way has its own. */
static LLVMValueRef mix_members(
	struct emitter *e, enum helper current, word_reader *read, LLVMValueRef process)
{
	LLVMValueRef task = helper_call_quiet(e, current, NULL, 0);
	LLVMValueRef leader = member(e, read, task, CONSTANT_task_leader);
	LLVMValueRef birth = member(e, read, leader, CONSTANT_task_birth);
	LLVMValueRef execs = member(e, read, task, CONSTANT_task_execs);

	return ir_mix(e, ir_mix(e, process, birth), execs);
}

static LLVMValueRef is_set(struct emitter *e, enum constant_word word)
{
	return ir_compare(e, LLVMIntNE, ir_run_constant(e, word), ir_const(e, 0));
}

LLVMValueRef image_number(struct emitter *e, LLVMValueRef process)
{
	LLVMBasicBlockRef typed = ir_block(e, "task_is_typed");
	LLVMBasicBlockRef untyped = ir_block(e, "task_is_not_typed");
	LLVMValueRef numbers[3] = {process};
	LLVMBasicBlockRef ends[3] = {ir_here(e)};
	LLVMBasicBlockRef done = ir_guard(e, is_set(e, CONSTANT_task_leader), "has_task_layout");

	ir_branch(e, is_set(e, CONSTANT_task_is_typed), typed, untyped);
	ir_begin(e, typed);
	numbers[1] = mix_members(e, HELPER_get_current_task_btf, load_word, process);
	ends[1] = ir_here(e);
	ir_jump(e, done);
	ir_begin(e, untyped);
	numbers[2] = mix_members(e, HELPER_get_current_task, read_word, process);
	ends[2] = ir_here(e);
	ir_jump(e, done);
	ir_begin(e, done);
	return ir_phi(e, e->i64, numbers, ends, 3);
}
