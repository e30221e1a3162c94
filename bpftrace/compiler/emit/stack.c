/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stacks are built in scratch memory and copied to the map when it has none of the same number.
 */
#include "stack.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>

#include "bpftrace/door/stack.h"
#include "access.h"
#include "helper.h"
#include "image.h"
#include "ir.h"
#include "process.h"
#include "tracing.h"
#include "variable.h"

/* What is known of a stack while it is stored. */
struct taken {
	LLVMValueRef memory;  /* of a struct stack */
	LLVMValueRef count;   /* of frames, i64, at least 1 */
	LLVMValueRef process; /* of struct stack, i64 */
	LLVMValueRef image;   /* image_number(), 0 for stacks of the kernel */
	uint32_t depth;       /* most frames */
};

static LLVMValueRef member(struct emitter *e, const struct taken *taken, uint32_t offset)
{
	return ir_offset(e, taken->memory, offset);
}

/* Memory for a stack, and for frames in front of its own. */
static LLVMValueRef allocate(struct emitter *e, uint32_t in_front)
{
	return variable_scratch(e, STACK_BYTES(e->c->stack_depth + in_front));
}

/* --- the number --- */

/* What is calculated over the frames. */
struct digest {
	LLVMValueRef hash;
	LLVMValueRef sum;
};

static struct digest add_frame(struct emitter *e, const struct taken *taken, LLVMValueRef index,
	const struct digest *digest)
{
	LLVMValueRef frames = member(e, taken, offsetof(struct stack, frames));
	LLVMValueRef frame = ir_load(e, ir_behind(e, frames, index), sizeof(uint64_t), false);

	return (struct digest){
		.hash = ir_mix(e, digest->hash, frame),
		.sum = LLVMBuildAdd(e->builder, digest->sum, frame, ""),
	};
}

static void add_incoming(LLVMValueRef phi, LLVMValueRef value, LLVMBasicBlockRef block)
{
	LLVMAddIncoming(phi, &value, &block, 1);
}

/*
 * The loop tests at its end: old verifiers take no other. It tests against the constant, too: on
 * ways that cannot be, with a count below 2 and above, they would go on behind the memory.
 */
static struct digest add_frames(
	struct emitter *e, const struct taken *taken, const struct digest *first)
{
	LLVMBasicBlockRef before = ir_here(e), body = ir_block(e, "frame");
	LLVMBasicBlockRef again = ir_block(e, "next_frame"), after = ir_block(e, "frames_hashed");

	ir_jump(e, body);
	ir_begin(e, body);

	LLVMValueRef index = LLVMBuildPhi(e->builder, e->i64, "index");
	struct digest digest = {
		.hash = LLVMBuildPhi(e->builder, e->i64, "hash"),
		.sum = LLVMBuildPhi(e->builder, e->i64, "sum"),
	};
	struct digest next = add_frame(e, taken, index, &digest);
	LLVMValueRef next_index = LLVMBuildAdd(e->builder, index, ir_const(e, 1), "");
	LLVMValueRef depth = ir_const(e, taken->depth);

	ir_branch(e, ir_compare(e, LLVMIntULT, next_index, taken->count), again, after);
	ir_begin(e, again);
	next_index = ir_opaque(e, next_index);
	add_incoming(index, ir_const(e, 0), before);
	add_incoming(index, next_index, again);
	add_incoming(digest.hash, first->hash, before);
	add_incoming(digest.hash, next.hash, again);
	add_incoming(digest.sum, first->sum, before);
	add_incoming(digest.sum, next.sum, again);
	ir_branch(e, ir_compare(e, LLVMIntULT, next_index, depth), body, after);
	ir_begin(e, after);
	return next;
}

/* Stores the sum of the frames and the image, and returns the hash over them. */
static LLVMValueRef hash_frames(struct emitter *e, const struct taken *taken)
{
	struct digest digest = {.hash = taken->image, .sum = taken->image};

	digest = taken->depth == 1 ? add_frame(e, taken, ir_const(e, 0), &digest)
				   : add_frames(e, taken, &digest);
	ir_store(e, member(e, taken, offsetof(struct stack, check)), digest.sum, sizeof(uint64_t));
	return digest.hash;
}

static LLVMValueRef make_number(struct emitter *e, LLVMValueRef hash, LLVMValueRef count)
{
	LLVMValueRef high =
		LLVMBuildAnd(e->builder, hash, ir_const(e, ~(uint64_t)STACK_FRAMES_MASK), "");

	return LLVMBuildOr(e->builder, high, count, "");
}

/* --- the map --- */

/* Counts a stack that cannot be shown. */
static void count_loss(struct emitter *e, enum state_word word)
{
	ir_atomic_add(e, ir_state(e, word), ir_const(e, 1));
}

/* Adds the stack to the map; the block ends at done. */
static void add_to_map(
	struct emitter *e, const struct taken *taken, LLVMValueRef key, LLVMBasicBlockRef done)
{
	LLVMValueRef now = helper_call_quiet(e, HELPER_ktime_get_boot_ns, NULL, 0);

	ir_store(e, member(e, taken, offsetof(struct stack, time)), now, sizeof(uint64_t));
	ir_store(e, member(e, taken, offsetof(struct stack, process)), taken->process,
		sizeof(uint64_t));

	LLVMValueRef result = helper_call_quiet(e, HELPER_map_update_elem,
		HELPER_ARGS(e->globals.stacks, key, taken->memory, ir_const(e, BPF_ANY)));
	LLVMValueRef failed = ir_compare(e, LLVMIntNE, result, ir_const(e, 0));
	LLVMBasicBlockRef stored = ir_guard(e, failed, "stack_lost");
	LLVMValueRef is_full = ir_compare(e, LLVMIntEQ, result, ir_const(e, (uint64_t)-E2BIG));
	LLVMValueRef counter = LLVMBuildSelect(e->builder, is_full, ir_state(e, STATE_lost_stacks),
		ir_state(e, STATE_unstored_stacks), "");

	ir_atomic_add(e, counter, ir_const(e, 1));
	ir_jump(e, done);
	ir_begin(e, stored);
	ir_jump(e, done);
}

/* Compares the stack with the one in the map; the block ends at done. */
static void compare_with_map(
	struct emitter *e, const struct taken *taken, LLVMValueRef found, LLVMBasicBlockRef done)
{
	LLVMValueRef theirs = ir_load(
		e, ir_offset(e, found, offsetof(struct stack, check)), sizeof(uint64_t), false);
	LLVMValueRef ours = ir_load(
		e, member(e, taken, offsetof(struct stack, check)), sizeof(uint64_t), false);
	LLVMBasicBlockRef same =
		ir_guard(e, ir_compare(e, LLVMIntNE, theirs, ours), "stacks_differ");

	count_loss(e, STATE_mixed_stacks);
	ir_jump(e, done);
	ir_begin(e, same);
	ir_jump(e, done);
}

/* Sees to it that the map has the stack, and returns its number. */
static LLVMValueRef store(struct emitter *e, const struct taken *taken)
{
	LLVMValueRef number = make_number(e, hash_frames(e, taken), taken->count);
	LLVMValueRef key = variable_stack(e, sizeof(uint64_t));

	ir_store(e, key, number, sizeof(uint64_t));

	LLVMValueRef found =
		helper_call_pointer(e, HELPER_map_lookup_elem, HELPER_ARGS(e->globals.stacks, key));
	LLVMBasicBlockRef done = ir_block(e, "stack_stored");
	LLVMBasicBlockRef known = ir_guard(e, ir_is_null(e, found), "stack_is_new");

	add_to_map(e, taken, key, done);
	ir_begin(e, known);
	compare_with_map(e, taken, found, done);
	ir_begin(e, done);
	return number;
}

/* --- taking --- */

/* Sets what the current process is known by. */
static void find_process(struct emitter *e, struct taken *taken)
{
	LLVMValueRef number = process_number(e), none = ir_const(e, 0);
	LLVMValueRef is_inside = ir_compare(e, LLVMIntNE, number, none);

	taken->process = LLVMBuildSelect(
		e->builder, is_inside, number, ir_const(e, STACK_PROCESS_OUTSIDE), "");
	taken->image = image_number(e, taken->process);
}

static LLVMValueRef read_frames(
	struct emitter *e, LLVMValueRef to, uint32_t count, LLVMValueRef flags)
{
	LLVMValueRef size = ir_const(e, count * sizeof(uint64_t));

	return helper_call_quiet(
		e, HELPER_get_stack, HELPER_ARGS(e->function->context, to, size, flags));
}

/* Has the kernel write frames from that index on, without the skipped innermost ones; returns how
 * many bytes it wrote, or a negative number. */
static LLVMValueRef get_frames(
	struct emitter *e, const struct taken *taken, uint64_t flags, uint32_t from)
{
	LLVMValueRef to =
		member(e, taken, offsetof(struct stack, frames) + from * sizeof(uint64_t));

	return read_frames(e, to, taken->depth - from, ir_const(e, flags));
}

/* How many frames these bytes are; 0 of a negative number. */
static LLVMValueRef count_of(struct emitter *e, LLVMValueRef size, uint32_t most)
{
	LLVMValueRef is_negative = ir_compare(e, LLVMIntSLT, size, ir_const(e, 0));
	LLVMValueRef count = LLVMBuildLShr(e->builder, size, ir_const(e, 3), "");

	count = LLVMBuildSelect(e->builder, is_negative, ir_const(e, 0), count, "");
	return ir_bound(e, count, most);
}

/* Whether a function has not made its frame yet where the block runs. */
static bool is_function_entry(const struct emitter *e)
{
	const struct probe_match *match;

	vec_for_each (&e->unit->matches, match) {
		if (match->attach != ATTACH_UPROBE || match->context != CONTEXT_REGS ||
			match->start_unknown || match->function_offset != 0)
			return false;
	}
	return true;
}

/* The address that the function returns to, at its entry. */
static LLVMValueRef return_address(struct emitter *e)
{
	LLVMValueRef address =
		ir_load_volatile(e, ir_offset(e, e->function->context, e->arch->return_address),
			sizeof(uint64_t), false);

	if (!e->arch->return_in_memory)
		return address;

	LLVMValueRef memory = variable_stack(e, sizeof(uint64_t));

	access_read(e, STORAGE_USER, memory, sizeof(uint64_t), address);
	return ir_load(e, memory, sizeof(uint64_t), false);
}

/*
 * Kernels before 6.12 follow frame pointers also at the entry of a function, where there is none of
 * its own yet: they leave its caller out. Puts it in, unless it is there, and returns how many
 * frames there are then.
 */
static LLVMValueRef add_caller(struct emitter *e, const struct taken *taken, LLVMValueRef count)
{
	LLVMValueRef caller = return_address(e);
	LLVMValueRef second = member(e, taken, offsetof(struct stack, frames) + sizeof(uint64_t));
	LLVMValueRef found = ir_load(e, second, sizeof(uint64_t), false);
	LLVMValueRef has_second = ir_compare(e, LLVMIntUGE, count, ir_const(e, 2));
	LLVMValueRef is_caller = ir_compare(e, LLVMIntEQ, found, caller);
	LLVMBasicBlockRef before = ir_here(e), add = ir_block(e, "caller_is_missing");
	LLVMBasicBlockRef done = ir_block(e, "has_caller");
	LLVMValueRef added = ir_const(e, 2);

	ir_branch(e, LLVMBuildAnd(e->builder, has_second, is_caller, ""), done, add);
	ir_begin(e, add);
	if (taken->depth > 2) {
		LLVMValueRef size = get_frames(e, taken, BPF_F_USER_STACK | 1, 2);
		LLVMValueRef others = count_of(e, size, taken->depth - 2);

		added = LLVMBuildAdd(e->builder, added, others, "");
	}
	ir_store(e, second, caller, sizeof(uint64_t));

	LLVMBasicBlockRef end = ir_here(e);

	ir_jump(e, done);
	ir_begin(e, done);
	return ir_phi(
		e, e->i64, (LLVMValueRef[]){count, added}, (LLVMBasicBlockRef[]){before, end}, 2);
}

/* Takes the kernel's stack and moves its beginning behind the frames that are skipped, over which
 * the other members come to stand; returns how many frames are left. */
static LLVMValueRef take_behind(struct emitter *e, struct taken *taken)
{
	uint32_t most = tracing_most(e);
	LLVMValueRef frames = member(e, taken, offsetof(struct stack, frames));
	LLVMValueRef size = read_frames(e, frames, taken->depth + most, ir_const(e, 0));
	LLVMValueRef count = count_of(e, size, taken->depth + most);
	LLVMValueRef skipped = tracing_add_function(e, frames, tracing_frames(e, frames));
	LLVMValueRef left = LLVMBuildSub(e->builder, count, skipped, "");

	taken->memory = ir_behind(e, taken->memory, skipped);
	left = LLVMBuildSelect(
		e->builder, ir_compare(e, LLVMIntUGT, count, skipped), left, ir_const(e, 0), "");
	return ir_bound(e, left, taken->depth);
}

/* Takes the stack and returns how many frames it has. */
static LLVMValueRef take_frames(struct emitter *e, struct taken *taken, enum stack_kind kind)
{
	uint64_t flags = kind == STACK_OF_PROCESS ? BPF_F_USER_STACK : 0;

	if (kind == STACK_OF_KERNEL && tracing_most(e))
		return take_behind(e, taken);
	return count_of(e, get_frames(e, taken, flags, 0), taken->depth);
}

LLVMValueRef stack_take(struct emitter *e, enum stack_kind kind, uint32_t depth)
{
	struct taken taken = {
		.memory = allocate(e, kind == STACK_OF_KERNEL ? tracing_most(e) : 0),
		.depth = depth,
		.process = ir_const(e, 0),
		.image = ir_const(e, 0),
	};
	LLVMValueRef zero = ir_const(e, 0), count = take_frames(e, &taken, kind);
	LLVMBasicBlockRef none = ir_here(e), done = ir_block(e, "stack_taken");
	LLVMBasicBlockRef some = ir_block(e, "stack_has_frames");

	ir_branch(e, ir_compare(e, LLVMIntNE, count, zero), some, done);
	ir_begin(e, some);
	taken.count = count;
	if (kind == STACK_OF_PROCESS) {
		find_process(e, &taken);
		if (depth > 1 && is_function_entry(e))
			taken.count = add_caller(e, &taken, count);
	}

	LLVMValueRef number = store(e, &taken);
	LLVMBasicBlockRef stored = ir_here(e);

	ir_jump(e, done);
	ir_begin(e, done);
	return ir_phi(
		e, e->i64, (LLVMValueRef[]){zero, number}, (LLVMBasicBlockRef[]){none, stored}, 2);
}

LLVMValueRef stack_take_address(struct emitter *e, LLVMValueRef address)
{
	struct taken taken = {.memory = allocate(e, 0), .depth = 1, .count = ir_const(e, 1)};

	ir_store(e, member(e, &taken, offsetof(struct stack, frames)), address, sizeof(uint64_t));
	find_process(e, &taken);
	return store(e, &taken);
}
