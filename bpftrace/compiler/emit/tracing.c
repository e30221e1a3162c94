/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program is one frame since the block is part of it. Functions between it and what is traced may
 * be missing: compilers leave out the frame of one that ends in a call, and the kernel calls
 * __traceiter_* only for a tracepoint that several use. Those are known by their addresses.
 */
#include "tracing.h"

#include <linux/bpf.h>
#include <string.h>

#include "function.h"
#include "helper.h"
#include "ir.h"
#include "libcommon/host/feature.h"
#include "variable.h"

enum {
	FRAMES_OF_LOOP =
		4,       /* most of one: its body, bpf_for_each_map_elem, the walk over the map */
	FRAME_TWICE = 1, /* the first one, on old kernels (5.10) */
	EVENTS = 4,      /* as many of a unit are looked at */
	FUNCTION_BYTES = 256, /* most of a function that calls programs */
	ENTRY_BYTES = 32, /* most of a traced function up to behind its call of the trampoline */
};

/* What their names begin with, the innermost first; the event follows. */
static const char *const callers[] = {"__bpf_trace_", "__traceiter_"};

/* --- functions that may be missing --- */

static const char *event_of(const struct unit *unit, size_t index)
{
	const struct probe_match *match = &unit->matches.items[index];

	if (index >= MIN(unit->matches.count, (size_t)EVENTS))
		return NULL;
	switch (unit->context) {
	case CONTEXT_SYSCALL_ENTER: return index ? NULL : "sys_enter";
	case CONTEXT_SYSCALL_EXIT: return index ? NULL : "sys_exit";
	case CONTEXT_RAW: return match->target;
	case CONTEXT_RECORD: return match->event;
	default: return NULL;
	}
}

/* The index of a function's address, or the number of addresses when it is not wanted. */
static size_t find(const struct compilation *c, const char *caller, const char *event)
{
	size_t length = strlen(caller), i = 0;

	for (; i < c->addresses.count; i++) {
		const char *name = c->addresses.items[i].name;

		if (strncmp(name, caller, length) == 0 && strcmp(name + length, event) == 0)
			break;
	}
	return i;
}

void tracing_need(struct compilation *c, const struct unit *unit)
{
	const char *event;

	for (size_t match = 0; (event = event_of(unit, match)); match++) {
		for (size_t i = 0; i < ARRAY_SIZE(callers); i++) {
			if (find(c, callers[i], event) < c->addresses.count)
				continue;
			vec_push(&c->addresses,
				((struct kernel_address){
					.name = arena_printf(c->arena, "%s%s", callers[i], event),
					.is_optional = true,
				}));
		}
	}
}

static LLVMValueRef is_in(struct emitter *e, LLVMValueRef frame, size_t address)
{
	LLVMValueRef at = ir_offset(e, e->globals.addresses, address * sizeof(uint64_t));
	LLVMValueRef start = ir_load_volatile(e, at, sizeof(uint64_t), false);
	LLVMValueRef offset = LLVMBuildSub(e->builder, frame, start, "");

	return ir_compare(e, LLVMIntULT, offset, ir_const(e, FUNCTION_BYTES));
}

/* Whether a frame is of such a function of any of the unit's events, i64. */
static LLVMValueRef is_of(struct emitter *e, LLVMValueRef frame, const char *caller)
{
	LLVMValueRef result = LLVMConstInt(LLVMInt1TypeInContext(e->llvm), 0, false);
	const char *event;

	for (size_t match = 0; (event = event_of(e->unit, match)); match++) {
		size_t address = find(e->c, caller, event);

		if (address < e->c->addresses.count)
			result = LLVMBuildOr(e->builder, result, is_in(e, frame, address), "");
	}
	return ir_extend(e, result, false);
}

/* --- how many there are --- */

/* Those that are always there. */
static uint32_t fixed(const struct emitter *e)
{
	switch (e->unit->context) {
	case CONTEXT_NONE:
	case CONTEXT_ITER: return 1;
	case CONTEXT_RAW: /* bpf_trace_run1 and so on */
	case CONTEXT_SYSCALL_ENTER:
	case CONTEXT_SYSCALL_EXIT:
	case CONTEXT_FENTRY: /* a trampoline */
	case CONTEXT_FEXIT: return 2;
	default: return 0;
	}
}

static uint32_t loops_around(const struct emitter *e)
{
	uint32_t count = 0;

	for (const struct bpf_function *function = e->function; function->outer;
		function = function->outer)
		count++;
	return count;
}

uint32_t tracing_most(const struct emitter *e)
{
	uint32_t frames = fixed(e), others = FRAME_TWICE + ARRAY_SIZE(callers);

	if (frames)
		return frames + others + loops_around(e) * FRAMES_OF_LOOP;
	return e->unit->context == CONTEXT_RECORD ? others : 0;
}

static LLVMValueRef frame_at(struct emitter *e, LLVMValueRef frames, LLVMValueRef index)
{
	return ir_load(e, ir_behind(e, frames, index), sizeof(uint64_t), false);
}

static LLVMValueRef outside_of_loops(struct emitter *e, LLVMValueRef frames)
{
	LLVMValueRef first = frame_at(e, frames, ir_const(e, 0));
	LLVMValueRef second = frame_at(e, frames, ir_const(e, 1));
	LLVMValueRef twice = ir_extend(e, ir_compare(e, LLVMIntEQ, first, second), false);
	LLVMValueRef count = LLVMBuildAdd(e->builder, ir_const(e, fixed(e)), twice, "");

	for (size_t i = 0; i < ARRAY_SIZE(callers); i++) {
		LLVMValueRef bounded = ir_bound(e, count, tracing_most(e));
		LLVMValueRef more = is_of(e, frame_at(e, frames, bounded), callers[i]);

		count = LLVMBuildAdd(e->builder, count, more, "");
	}
	return count;
}

/* Those of bodies and of what the kernel calls them from, which differs between kernels, and the
 * rest below: looks for the frame that is wanted first. */
static LLVMValueRef in_loop(struct emitter *e, LLVMValueRef frames)
{
	LLVMValueRef wanted = tracing_innermost(e), count = ir_const(e, fixed(e));

	for (uint32_t i = tracing_most(e); i > 0; i--) {
		LLVMValueRef index = ir_const(e, i);
		LLVMValueRef found = ir_compare(e, LLVMIntEQ, frame_at(e, frames, index), wanted);

		count = LLVMBuildSelect(e->builder, found, index, count, "");
	}
	return count;
}

/* The function of the block around all loops becomes part of the program. */
static void inline_block(struct emitter *e)
{
	struct bpf_function *block = e->function;

	while (block->outer)
		block = block->outer;
	function_force_inlining(e, block);
}

LLVMValueRef tracing_frames(struct emitter *e, LLVMValueRef frames)
{
	bool searches = fixed(e) && e->function->outer;

	if (fixed(e))
		inline_block(e);
	return ir_bound(
		e, searches ? in_loop(e, frames) : outside_of_loops(e, frames), tracing_most(e));
}

static bool is_trampoline(const struct emitter *e)
{
	return e->unit->context == CONTEXT_FENTRY || e->unit->context == CONTEXT_FEXIT;
}

LLVMValueRef tracing_add_function(struct emitter *e, LLVMValueRef frames, LLVMValueRef skipped)
{
	uint64_t needed = FEATURE_BIT(FEATURE_GET_FUNC_IP);
	LLVMValueRef function, offset, is_missing, index, frame;

	if (!is_trampoline(e) || !(e->c->request->features & needed))
		return skipped;
	e->features |= needed;
	function = helper_call_quiet(e, HELPER_get_func_ip, HELPER_ARGS(e->function->context));
	offset = LLVMBuildSub(e->builder, frame_at(e, frames, skipped), function, "");
	is_missing = ir_compare(e, LLVMIntUGE, offset, ir_const(e, ENTRY_BYTES));
	index = LLVMBuildSub(e->builder, skipped, ir_extend(e, is_missing, false), "");
	index = ir_bound(e, index, tracing_most(e));
	frame = LLVMBuildSelect(e->builder, is_missing, function, frame_at(e, frames, index), "");
	ir_store(e, ir_behind(e, frames, index), frame, sizeof(uint64_t));
	return index;
}

LLVMValueRef tracing_innermost(struct emitter *e)
{
	struct bpf_function *function = e->function;
	LLVMValueRef at = ir_offset(e, function->scratch, function->innermost);
	uint32_t size = (tracing_most(e) + 1) * (uint32_t)sizeof(uint64_t);

	if (!function->outer) {
		at = variable_scratch(e, size);
		helper_call_quiet(e, HELPER_get_stack,
			HELPER_ARGS(function->context, at, ir_const(e, size), ir_const(e, 0)));
		at = ir_behind(e, at, tracing_frames(e, at));
	}
	function->reads_innermost = true;
	return ir_load(e, at, sizeof(uint64_t), false);
}
