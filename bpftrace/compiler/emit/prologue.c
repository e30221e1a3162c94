/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every program does before its block: nothing once tracing has stopped, nothing for processes
 * it was not asked about, and its slot of scratch memory, if it needs one.
 *
 * A CPU has SCRATCH_LEVELS slots, because programs can nest (an interrupt, or on preemptible
 * programs another task). A slot is claimed by exchanging its busy word; kernels without that
 * instruction (before 5.12) run programs without preemption, so there a program that comes between
 * is gone again before this one goes on, and a plain store is enough.
 */
#include "ir.h"

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
	LLVMValueRef busy = ir_load_context(e, slot, 8, false);
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

/* A function of its own, so that its code exists once: a slot, or NULL. */
static LLVMValueRef claim_function(struct emitter *e)
{
	struct bpf_function *outer = e->function;
	LLVMBasicBlockRef back = ir_here(e);
	struct bpf_function claim = {};
	e->function = &claim;
	function_begin(e, &claim, "scratch_claim", NULL, e->pointer, NULL, 0, e->span);
	unsigned noinline_kind = LLVMGetEnumAttributeKindForName("noinline", 8);
	LLVMAddAttributeAtIndex(claim.llvm, LLVMAttributeFunctionIndex,
		LLVMCreateEnumAttribute(e->llvm, noinline_kind, 0));

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
	LLVMValueRef stopped = ir_load_context(e, ir_state(e, STATE_stopped), 8, false);
	leave_unless(e, ir_compare(e, LLVMIntEQ, stopped, ir_const(e, 0)));
}

/* The kernel calls the program once more at the end, with nothing behind the first word. */
void prologue_iterator(struct emitter *e)
{
	LLVMValueRef first = ir_offset(e, e->function->context, sizeof(uint64_t));
	LLVMValueRef object = ir_load_context(e, first, sizeof(uint64_t), false);
	leave_unless(e, ir_compare(e, LLVMIntNE, object, ir_const(e, 0)));
}

/* Uprobes on kernels before 6.10 take -p for a thread, so the program looks for itself. */
void prologue_process(struct emitter *e)
{
	LLVMValueRef wanted = ir_load(e, ir_state(e, STATE_pid), 8, false);
	LLVMValueRef both = helper_call(e, HELPER_get_current_pid_tgid, NULL, 0);
	LLVMValueRef pid = LLVMBuildLShr(e->builder, both, ir_const(e, 32), "");
	leave_unless(e, ir_compare(e, LLVMIntEQ, pid, wanted));
}
