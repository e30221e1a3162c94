/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of the value of an element that exists: plain where no other program can change it
 * between reading and writing, atomic otherwise.
 */
#include "libcommon/host/feature.h"
#include "ir.h"
#include "mapops.h"
#include "plan.h"

enum {
	MAXIMIZE_TRIES = 64, /* each failure means that another CPU has stored a larger value */
};

/* No other CPU changes the map's values, and no program interrupts this one to do so. */
static bool is_exclusive(struct emitter *e, const struct map *map)
{
	return plan_per_cpu(e->c, map) && !map->nested;
}

void mapops_increment(struct emitter *e, struct map *map, LLVMValueRef address, LLVMValueRef value)
{
	if (!is_exclusive(e, map)) {
		ir_atomic_add(e, address, value);
		return;
	}
	LLVMValueRef old = ir_load(e, address, 8, false);

	ir_store(e, address, LLVMBuildAdd(e->builder, old, value, ""), 8);
}

static LLVMValueRef exchange(
	struct emitter *e, LLVMValueRef address, LLVMValueRef old, LLVMValueRef new)
{
	e->features |= FEATURE_BIT(FEATURE_ATOMIC_FETCH);
	LLVMValueRef both = LLVMBuildAtomicCmpXchg(e->builder, address, old, new,
		LLVMAtomicOrderingMonotonic, LLVMAtomicOrderingMonotonic, false);

	return LLVMBuildExtractValue(e->builder, both, 0, "");
}

/* Compares and exchanges until the value in memory is at least rank: the largest and smallest
 * values are stored as ranks, in an order in which zeros are below all values (door/extreme.h). */
static void maximize_atomically(
	struct emitter *e, struct map *map, LLVMValueRef address, LLVMValueRef rank)
{
	LLVMValueRef before = ir_load_volatile(e, address, sizeof(uint64_t), false);
	LLVMBasicBlockRef start = ir_here(e);
	LLVMBasicBlockRef try = ir_block(e, "try"), failed = ir_block(e, "failed");
	LLVMBasicBlockRef exhausted = ir_block(e, "exhausted"), done = ir_block(e, "maximized");

	ir_branch(e, ir_compare(e, LLVMIntUGT, rank, before), try, done);

	ir_begin(e, try);
	LLVMValueRef first[] = {before, ir_const(e, MAXIMIZE_TRIES)};
	LLVMValueRef old = ir_phi(e, e->i64, &first[0], &start, 1);
	LLVMValueRef tries = ir_phi(e, e->i64, &first[1], &start, 1);
	LLVMValueRef seen = exchange(e, address, old, rank);
	LLVMValueRef left = LLVMBuildSub(e->builder, tries, ir_const(e, 1), "");
	LLVMValueRef exchanged = ir_compare(e, LLVMIntEQ, seen, old);
	LLVMValueRef is_larger = ir_compare(e, LLVMIntUGE, seen, rank);

	ir_branch(e, LLVMBuildOr(e->builder, exchanged, is_larger, ""), done, failed);
	ir_begin(e, failed);
	LLVMAddIncoming(old, &seen, &failed, 1);
	LLVMAddIncoming(tries, &left, &failed, 1);
	ir_branch(e, ir_compare(e, LLVMIntNE, left, ir_const(e, 0)), try, exhausted);
	ir_begin(e, exhausted);
	mapops_count_failure(e, map);
	ir_jump(e, done);
	ir_begin(e, done);
}

/* Kernels without compare-and-exchange run programs without preemption, and check_map refuses
 * maps there that several CPUs would update. */
void mapops_maximize(struct emitter *e, struct map *map, LLVMValueRef address, LLVMValueRef rank)
{
	bool exchanges = e->c->request->features & FEATURE_BIT(FEATURE_ATOMIC_FETCH);

	if (!is_exclusive(e, map) && exchanges) {
		maximize_atomically(e, map, address, rank);
		return;
	}
	LLVMValueRef old = ir_load(e, address, sizeof(uint64_t), false);
	LLVMBasicBlockRef after = ir_guard(e, ir_compare(e, LLVMIntUGT, rank, old), "maximize");

	ir_store(e, address, rank, sizeof(uint64_t));
	ir_jump(e, after);
	ir_begin(e, after);
}
