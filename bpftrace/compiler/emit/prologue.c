/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The begin of programs: returns once tracing has stopped and for processes that are not traced,
 * and claims a slot of scratch memory if the block needs one.
 *
 * A CPU has SCRATCH_LEVELS slots, because programs can nest (an interrupt, or on preemptible
 * programs another task). A slot is claimed by exchanging its busy word; kernels without that
 * instruction (before 5.12) run programs without preemption, so there a program that interrupts
 * another one ends before that continues, and a plain store is enough.
 */
#include "access.h"
#include "debug.h"
#include "function.h"
#include "helper.h"
#include "ir.h"
#include "process.h"
#include "prologue.h"
#include "variable.h"

#include "libcommon/host/feature.h"

enum {
	BUSY_BYTES = 8, /* the busy word at the start of a slot: 0, or its number + 1 */
};

static LLVMValueRef try_claim(struct emitter *e, LLVMValueRef slot, LLVMValueRef mark)
{
	if (e->c->request->features & FEATURE_BIT(FEATURE_ATOMIC_FETCH)) {
		e->features |= FEATURE_BIT(FEATURE_ATOMIC_FETCH);
		return LLVMBuildAtomicRMW(e->builder, LLVMAtomicRMWBinOpXchg, slot, mark,
			LLVMAtomicOrderingMonotonic, false);
	}
	LLVMValueRef busy = ir_load_volatile(e, slot, 8, false);

	LLVMSetVolatile(LLVMBuildStore(e->builder, mark, slot), true);
	return busy;
}

static void claim_level(struct emitter *e, LLVMValueRef index, LLVMValueRef cpu, uint32_t level,
	LLVMBasicBlockRef none)
{
	LLVMValueRef at = LLVMBuildMul(e->builder, cpu, ir_const(e, SCRATCH_LEVELS), "");
	LLVMValueRef number = LLVMBuildAdd(e->builder, at, ir_const(e, level), "");

	ir_store(e, index, number, 4);
	LLVMValueRef slot = helper_call_pointer(
		e, HELPER_map_lookup_elem, HELPER_ARGS(e->globals.scratch, index));
	LLVMBasicBlockRef there = ir_block(e, "slot"), mine = ir_block(e, "mine");
	LLVMBasicBlockRef next = ir_block(e, "next_level");

	ir_branch(e, ir_is_null(e, slot), none, there);
	ir_begin(e, there);
	LLVMValueRef mark = LLVMBuildAdd(e->builder, number, ir_const(e, 1), "");
	LLVMValueRef busy = try_claim(e, slot, mark);

	ir_branch(e, ir_compare(e, LLVMIntEQ, busy, ir_const(e, 0)), mine, next);
	ir_begin(e, mine);
	LLVMBuildRet(e->builder, slot);
	ir_begin(e, next);
}

/* A separate function, so that its code exists once: returns a slot, or NULL. */
static LLVMValueRef claim_function(struct emitter *e)
{
	struct bpf_function *outer = e->function;
	LLVMBasicBlockRef back = ir_here(e);
	struct bpf_function claim = {};

	e->function = &claim;
	function_begin(e, &claim, "scratch_claim", NULL, e->pointer, NULL, 0, e->span);
	function_forbid_inlining(e, &claim);

	LLVMBasicBlockRef none = ir_block(e, "none");
	LLVMValueRef index = variable_stack(e, 8);
	LLVMValueRef cpu = helper_call(e, HELPER_get_smp_processor_id, NULL, 0);

	for (uint32_t level = 0; level < SCRATCH_LEVELS; level++)
		claim_level(e, index, cpu, level, none);
	ir_jump(e, none);
	ir_begin(e, none);
	ir_atomic_add(e, ir_state(e, STATE_missed), ir_const(e, 1));
	LLVMBuildRet(e->builder, LLVMConstNull(e->pointer));
	function_end(e, &claim);

	e->function = outer;
	ir_begin(e, back);
	return claim.llvm;
}

LLVMValueRef prologue_claim_scratch(struct emitter *e, LLVMBasicBlockRef none)
{
	if (!e->globals.scratch_claim)
		e->globals.scratch_claim = claim_function(e);
	debug_location(e, e->span);
	LLVMTypeRef type = LLVMFunctionType(e->pointer, NULL, 0, false);
	LLVMValueRef slot = LLVMBuildCall2(e->builder, type, e->globals.scratch_claim, NULL, 0, "");
	LLVMBasicBlockRef mine = ir_block(e, "scratch");

	ir_branch(e, ir_is_null(e, slot), none, mine);
	ir_begin(e, mine);
	return slot;
}

LLVMValueRef prologue_scratch_bytes(struct emitter *e, LLVMValueRef slot)
{
	return ir_offset(e, slot, BUSY_BYTES);
}

LLVMValueRef prologue_scratch_number(struct emitter *e)
{
	LLVMValueRef back = ir_const(e, (uint64_t)-BUSY_BYTES);
	LLVMValueRef busy = ir_offset_value(e, e->function->scratch, back);

	return LLVMBuildSub(e->builder, ir_load(e, busy, BUSY_BYTES, false), ir_const(e, 1), "");
}

void prologue_release_scratch(struct emitter *e, LLVMValueRef slot)
{
	LLVMValueRef store = LLVMBuildStore(e->builder, ir_const(e, 0), slot);

	LLVMSetVolatile(store, true);
}

static void leave_unless(struct emitter *e, LLVMValueRef condition)
{
	LLVMBasicBlockRef on = ir_block(e, "on");

	ir_branch(e, condition, on, e->function->leave);
	ir_begin(e, on);
}

void prologue_stopped(struct emitter *e)
{
	LLVMValueRef stopped = ir_load_volatile(e, ir_state(e, STATE_stopped), 8, false);

	leave_unless(e, ir_compare(e, LLVMIntEQ, stopped, ir_const(e, 0)));
}

/* The kernel calls the program once more at the end, with nothing behind the first word. */
void prologue_iterator(struct emitter *e)
{
	LLVMValueRef first = ir_offset(e, e->function->context, sizeof(uint64_t));
	LLVMValueRef object = ir_load_volatile(e, first, sizeof(uint64_t), false);

	leave_unless(e, ir_compare(e, LLVMIntNE, object, ir_const(e, 0)));
}

/* The process of -p; 0 only in a bundle that is saved, where it means all processes. */
static LLVMValueRef wanted_process(struct emitter *e, bool with_child)
{
	const struct request *request = e->c->request;
	LLVMValueRef pid = NULL, cpid = NULL;

	if (request->pid || request->keep)
		pid = ir_run_constant(e, CONSTANT_pid);
	if (with_child && (request->has_child || request->keep))
		cpid = ir_run_constant(e, CONSTANT_cpid);
	if (pid && cpid)
		return LLVMBuildOr(e->builder, pid, cpid, "");
	return pid ? pid : cpid;
}

/* Code between the two finds the number of the process; the verifier drops it where all are wanted.
 */
static LLVMBasicBlockRef limit_begin(struct emitter *e, LLVMValueRef wanted)
{
	if (!e->c->request->keep)
		return NULL;
	return ir_guard(e, ir_compare(e, LLVMIntNE, wanted, ir_const(e, 0)), "limited");
}

static void limit_end(
	struct emitter *e, LLVMValueRef wanted, LLVMValueRef process, LLVMBasicBlockRef after)
{
	leave_unless(e, ir_compare(e, LLVMIntEQ, process, wanted));
	if (after) {
		ir_jump(e, after);
		ir_begin(e, after);
	}
}

/* Kernels before 6.10 limit uprobes to the thread with the number of -p, so their programs
 * compare the process, too. */
void prologue_process(struct emitter *e, bool with_child)
{
	LLVMValueRef wanted = wanted_process(e, with_child);

	if (!wanted)
		return;
	LLVMBasicBlockRef after = limit_begin(e, wanted);

	limit_end(e, wanted, process_number(e), after);
}

/* Finds the member of the iterator's context with the task; false when it iterates over other
 * objects. */
static bool find_task(struct emitter *e, const struct probe_match *match, struct types_member *ret)
{
	const struct probe_world world = {.host = e->c->host, .kbtf = e->c->kbtf};
	uint32_t args = 0;
	_cleanup_error_ struct error *error =
		match->type->arguments(&world, match, e->c->types, &args);

	return !error && types_member(e->c->types, args, "task", ret);
}

static bool find_tgid(struct emitter *e, LLVMValueRef *ret)
{
	struct kbtf_member member = {.type = "task_struct", .name = "tgid"};
	_cleanup_error_ struct error *error = access_kernel_offsets(e, &member, 1, ret);

	return !error;
}

void prologue_iterator_process(struct emitter *e, const struct probe_match *match)
{
	LLVMValueRef wanted = wanted_process(e, false);
	struct types_member member;
	LLVMValueRef tgid;

	if (!wanted || !find_task(e, match, &member) || !find_tgid(e, &tgid))
		return;
	LLVMBasicBlockRef after = limit_begin(e, wanted);
	LLVMValueRef at = access_within(e, e->function->context, access_offset(e, member));
	LLVMValueRef task = ir_untyped(e, ir_load_volatile(e, at, sizeof(uint64_t), false));

	limit_end(e, wanted, process_number_of(e, task, tgid), after);
}
