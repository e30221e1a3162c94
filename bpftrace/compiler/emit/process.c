/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of processes and threads, as the pid namespace that the runner is in has them. In the
 * initial one they are what the kernel's helper returns, and no other code is generated. In another
 * one (and in a bundle that will be saved, which may run in any) each is found in the struct pid of
 * the task, at the level of the namespace; offsets and namespace are constants that the runner
 * sets, so that the kernel drops this code in the initial one. Unlike bpf_get_ns_current_pid_tgid
 * this also finds tasks of namespaces below. A task outside of the namespace has the number 0.
 */
#include "debug.h"
#include "function.h"
#include "helper.h"
#include "ir.h"
#include "process.h"
#include "variable.h"

enum {
	/* struct upid: int nr; struct pid_namespace *ns; the runner checks that it is. */
	UPID_BYTES = 16,
	UPID_NAMESPACE = 8,
};

static LLVMValueRef add(struct emitter *e, LLVMValueRef address, LLVMValueRef offset)
{
	return LLVMBuildAdd(e->builder, address, offset, "");
}

/* An address that cannot be read makes the room zeros. */
static void read_kernel(struct emitter *e, LLVMValueRef room, uint32_t size, LLVMValueRef address)
{
	helper_call_quiet(
		e, HELPER_probe_read_kernel, HELPER_ARGS(room, ir_const32(e, size), address));
}

static LLVMValueRef read_word(
	struct emitter *e, uint32_t size, LLVMValueRef address, LLVMValueRef offset)
{
	LLVMValueRef room = variable_stack(e, sizeof(uint64_t));

	read_kernel(e, room, size, add(e, address, offset));
	return ir_load(e, room, size, false);
}

static void return_unless(struct emitter *e, LLVMValueRef condition, LLVMValueRef result)
{
	LLVMBasicBlockRef on = ir_block(e, "on"), out = ir_block(e, "out");

	ir_branch(e, condition, on, out);
	ir_begin(e, out);
	LLVMBuildRet(e->builder, result);
	ir_begin(e, on);
}

/* The task, or the first thread of its process where leader is not 0. */
static LLVMValueRef choose_task(struct emitter *e, LLVMValueRef task, LLVMValueRef leader)
{
	LLVMBasicBlockRef before = ir_here(e);
	LLVMBasicBlockRef after =
		ir_guard(e, ir_compare(e, LLVMIntNE, leader, ir_const(e, 0)), "leader");
	LLVMValueRef first = read_word(
		e, sizeof(uint64_t), task, ir_run_constant(e, CONSTANT_pidns_task_leader));
	LLVMBasicBlockRef read = ir_here(e);

	ir_jump(e, after);
	ir_begin(e, after);
	return ir_phi(
		e, e->i64, (LLVMValueRef[]){task, first}, (LLVMBasicBlockRef[]){before, read}, 2);
}

static void number_body(struct emitter *e, LLVMValueRef task, LLVMValueRef leader)
{
	LLVMValueRef zero = ir_const(e, 0), ns = ir_run_constant(e, CONSTANT_pidns);

	task = choose_task(e, task, leader);
	LLVMValueRef pid =
		read_word(e, sizeof(uint64_t), task, ir_run_constant(e, CONSTANT_pidns_task_pid));
	LLVMValueRef level =
		read_word(e, sizeof(uint32_t), pid, ir_run_constant(e, CONSTANT_pidns_pid_level));

	return_unless(e, ir_compare(e, LLVMIntUGE, level, ir_run_constant(e, CONSTANT_pidns_level)),
		zero);

	LLVMValueRef room = variable_stack(e, UPID_BYTES);

	read_kernel(
		e, room, UPID_BYTES, add(e, pid, ir_run_constant(e, CONSTANT_pidns_pid_number)));
	LLVMValueRef owner = ir_load(e, ir_offset(e, room, UPID_NAMESPACE), 8, false);

	return_unless(e, ir_compare(e, LLVMIntEQ, owner, ns), zero);
	LLVMBuildRet(e->builder, ir_load(e, room, sizeof(uint32_t), false));
}

/* task_number(task, leader): the code exists once in an object. */
static LLVMValueRef number_function(struct emitter *e)
{
	static const char *const parameters[] = {"task", "leader"};
	struct bpf_function *outer = e->function;
	LLVMBasicBlockRef back = ir_here(e);
	struct bpf_function function = {};
	LLVMValueRef arguments[ARRAY_SIZE(parameters)];

	function_begin(e, &function, FUNCTION_TASK_NUMBER, NULL, e->i64, parameters,
		ARRAY_SIZE(parameters), e->span);
	function_forbid_inlining(e, &function);
	for (unsigned i = 0; i < ARRAY_SIZE(parameters); i++)
		arguments[i] =
			LLVMBuildPtrToInt(e->builder, LLVMGetParam(function.llvm, i), e->i64, "");
	number_body(e, arguments[0], arguments[1]);
	function_end(e, &function);

	e->function = outer;
	ir_begin(e, back);
	debug_location(e, e->span);
	return function.llvm;
}

static LLVMValueRef call_number(struct emitter *e, LLVMValueRef task, bool leader)
{
	if (!e->globals.task_number)
		e->globals.task_number = number_function(e);
	LLVMTypeRef parameters[] = {e->pointer, e->pointer};
	LLVMTypeRef type = LLVMFunctionType(e->i64, parameters, ARRAY_SIZE(parameters), false);
	LLVMValueRef arguments[] = {task, ir_const(e, leader)};

	for (size_t i = 0; i < ARRAY_SIZE(arguments); i++)
		arguments[i] = LLVMBuildIntToPtr(e->builder, arguments[i], e->pointer, "");
	return LLVMBuildCall2(
		e->builder, type, e->globals.task_number, arguments, ARRAY_SIZE(arguments), "");
}

static bool may_be_inside(const struct emitter *e)
{
	return e->c->request->pid_namespace || e->c->request->keep;
}

/* plain in the initial namespace, else the number of the task (NULL: the current one) or of its
 * process. */
static LLVMValueRef number(struct emitter *e, LLVMValueRef task, bool leader, LLVMValueRef plain)
{
	if (!may_be_inside(e))
		return plain;
	LLVMBasicBlockRef before = ir_here(e);
	LLVMValueRef ns = ir_run_constant(e, CONSTANT_pidns);
	LLVMBasicBlockRef after =
		ir_guard(e, ir_compare(e, LLVMIntNE, ns, ir_const(e, 0)), "inside");

	if (!task)
		task = helper_call(e, HELPER_get_current_task, NULL, 0);
	LLVMValueRef found = call_number(e, task, leader);
	LLVMBasicBlockRef inside = ir_here(e);

	ir_jump(e, after);
	ir_begin(e, after);
	return ir_phi(e, e->i64, (LLVMValueRef[]){plain, found},
		(LLVMBasicBlockRef[]){before, inside}, 2);
}

LLVMValueRef process_initial_number(struct emitter *e, bool of_process)
{
	LLVMValueRef both = helper_call(e, HELPER_get_current_pid_tgid, NULL, 0);

	return of_process ? LLVMBuildLShr(e->builder, both, ir_const(e, 32), "")
			  : LLVMBuildAnd(e->builder, both, ir_const(e, UINT32_MAX), "");
}

static LLVMValueRef current(struct emitter *e, bool leader)
{
	return number(e, NULL, leader, process_initial_number(e, leader));
}

LLVMValueRef process_number(struct emitter *e)
{
	return current(e, true);
}

LLVMValueRef process_thread_number(struct emitter *e)
{
	return current(e, false);
}

LLVMValueRef process_number_of(struct emitter *e, LLVMValueRef task, LLVMValueRef tgid_offset)
{
	LLVMValueRef plain = read_word(e, sizeof(uint32_t), task, tgid_offset);

	return number(e, task, true, plain);
}
