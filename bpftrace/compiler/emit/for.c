/* SPDX-License-Identifier: Apache-2.0 */
/*
 * for over a range, and over the elements of a map. A range of few iterations is a loop of this
 * function; otherwise the body is a separate function, which the kernel calls for each iteration
 * (bpf_loop, bpf_for_each_map_elem). It gets the program's context, the probe's number and the
 * scratch slot by a frame on the stack; variables that both functions use are in scratch memory.
 * The body returns 0 to continue and 1 to stop; a return statement sets a word in scratch memory.
 */
#include "libcommon/host/feature.h"
#include "access.h"
#include "aggregation.h"
#include "debug.h"
#include "expr.h"
#include "for.h"
#include "function.h"
#include "helper.h"
#include "ir.h"
#include "loop.h"
#include "mapops.h"
#include "record.h"
#include "stmt.h"
#include "tracing.h"
#include "variable.h"

/* What the frame contains, as words of 8 bytes. */
enum frame_word {
	FRAME_CONTEXT,
	FRAME_PROBE,
	FRAME_SCRATCH,
	FRAME_LOW, /* the first number of a range */
	NR_FRAME_WORDS,
};

static struct variable *variable_of(const struct for_loop *loop)
{
	return node_variable_use(loop->variable)->variable;
}

/* --- in this function --- */

static LLVMValueRef compare_bounds(
	struct emitter *e, const struct for_loop *loop, LLVMValueRef low, LLVMValueRef high)
{
	bool is_signed = types_is_signed(e->c->types, variable_of(loop)->type);

	return ir_compare(e, is_signed ? LLVMIntSLT : LLVMIntULT, low, high);
}

static void emit_plain(
	struct emitter *e, struct for_loop *loop, LLVMValueRef low, LLVMValueRef high)
{
	struct bpf_function *function = e->function;
	struct loop_targets outer = loop_enter(e);
	LLVMBasicBlockRef before = ir_here(e), body = ir_block(e, "round");

	ir_branch(e, compare_bounds(e, loop, low, high), body, function->break_to);

	ir_begin(e, body);
	LLVMValueRef at = LLVMBuildPhi(e->builder, e->i64, "at");

	access_store(e, variable_place(e, variable_of(loop)), at);
	stmt_emit(e, loop->body);
	ir_jump(e, function->continue_to);
	ir_begin(e, function->continue_to);
	LLVMValueRef next = LLVMBuildAdd(e->builder, at, ir_const(e, 1), "");
	LLVMValueRef values[] = {low, next};
	LLVMBasicBlockRef blocks[] = {before, ir_here(e)};

	LLVMAddIncoming(at, values, blocks, 2);
	ir_branch(e, compare_bounds(e, loop, next, high), body, function->break_to);
	ir_begin(e, function->break_to);
	loop_leave(e, outer);
}

/* --- the body as a function --- */

static void put(struct emitter *e, LLVMValueRef frame, enum frame_word word, LLVMValueRef value)
{
	LLVMValueRef store = LLVMBuildStore(e->builder, value, ir_offset(e, frame, word * 8UL));

	LLVMSetAlignment(store, 8);
}

static LLVMValueRef get(
	struct emitter *e, LLVMValueRef frame, enum frame_word word, LLVMTypeRef type)
{
	return LLVMBuildLoad2(e->builder, type, ir_offset(e, frame, word * 8UL), "");
}

static LLVMValueRef make_frame(struct emitter *e)
{
	LLVMValueRef frame = variable_stack(e, NR_FRAME_WORDS * 8);

	variable_spill(e);
	put(e, frame, FRAME_CONTEXT, e->function->context);
	put(e, frame, FRAME_PROBE, e->function->probe);
	put(e, frame, FRAME_SCRATCH, e->function->scratch);
	return frame;
}

/* The function of a body while it is emitted, and where the function around it continues. */
struct body {
	struct bpf_function function;
	struct bpf_function *outer;
	LLVMBasicBlockRef back;
	LLVMValueRef frame; /* inside */
	struct span span;
	uint32_t left; /* offset in scratch of the word that a return statement sets */
};

static void body_begin(struct emitter *e, struct body *body, struct for_loop *loop,
	const char *const *parameters, size_t count)
{
	mapops_drop_cached(e); /* values of another function */
	char name[32];

	snprintf(name, sizeof(name), "loop_%u", e->loops++);
	body->outer = e->function;
	body->back = ir_here(e);
	body->span = e->span;
	body->left = body->outer->scratch_used;
	ir_store(e, variable_scratch(e, 8), ir_const(e, 0), 8);

	struct bpf_function *inner = &body->function;

	inner->innermost = body->outer->scratch_used;
	variable_scratch(e, sizeof(uint64_t));
	inner->loop = loop;
	inner->outer = body->outer;
	inner->scratch_used = inner->scratch_most = body->outer->scratch_used;
	function_begin(e, inner, name, NULL, e->i64, parameters, count, loop->node.span);
	body->frame = LLVMGetParam(inner->llvm, count - 1);
	inner->context = get(e, body->frame, FRAME_CONTEXT, e->pointer);
	inner->probe = get(e, body->frame, FRAME_PROBE, e->i64);
	inner->scratch = get(e, body->frame, FRAME_SCRATCH, e->pointer);
	inner->leave = ir_block(e, "leave");
	inner->break_to = ir_block(e, "stop");
	inner->continue_to = ir_block(e, "next");
	variable_place_all(e, loop);
	variable_load_copies(e);
}

static LLVMValueRef body_end(struct emitter *e, struct body *body)
{
	struct bpf_function *inner = &body->function;

	ir_jump(e, inner->continue_to);
	ir_begin(e, inner->continue_to);
	variable_store_copies(e);
	LLVMBuildRet(e->builder, ir_const(e, 0));
	ir_begin(e, inner->leave);
	ir_store(e, ir_offset(e, inner->scratch, body->left), ir_const(e, 1), 8);
	ir_jump(e, inner->break_to);
	ir_begin(e, inner->break_to);
	variable_store_copies(e);
	LLVMBuildRet(e->builder, ir_const(e, 1));
	function_end(e, inner);

	e->function = body->outer;
	e->function->scratch_most = MAX(e->function->scratch_most, inner->scratch_most);
	ir_begin(e, body->back);
	debug_location(e, body->span);
	return inner->llvm;
}

/* Stores what the body, which has been emitted, reads of this function. */
static void before_rounds(struct emitter *e, const struct body *body)
{
	LLVMValueRef at = ir_offset(e, e->function->scratch, body->function.innermost);

	if (body->function.reads_innermost)
		ir_store(e, at, tracing_innermost(e), sizeof(uint64_t));
}

/* Continues after the loop unless its body has executed a return statement. */
static void after_rounds(struct emitter *e, const struct body *body)
{
	struct bpf_function *function = e->function;

	variable_reload(e);
	if (!LLVMGetFirstUse(LLVMBasicBlockAsValue(body->function.leave)))
		return;
	LLVMValueRef left = ir_load(e, ir_offset(e, function->scratch, body->left), 8, false);
	LLVMBasicBlockRef on = ir_block(e, "on");

	ir_branch(e, ir_compare(e, LLVMIntEQ, left, ir_const(e, 0)), on, function->leave);
	ir_begin(e, on);
}

/* --- ranges --- */

static LLVMValueRef range_body(struct emitter *e, struct body *body, struct for_loop *loop)
{
	static const char *const parameters[] = {"round", "frame"};

	body_begin(e, body, loop, parameters, ARRAY_SIZE(parameters));
	LLVMValueRef round =
		LLVMBuildPtrToInt(e->builder, LLVMGetParam(body->function.llvm, 0), e->i64, "");

	/* the kernel's counter has 32 bits */
	round = LLVMBuildAnd(e->builder, round, ir_const(e, UINT32_MAX), "");
	LLVMValueRef low = get(e, body->frame, FRAME_LOW, e->i64);

	access_store(
		e, variable_place(e, variable_of(loop)), LLVMBuildAdd(e->builder, low, round, ""));
	stmt_emit(e, loop->body);
	return body_end(e, body);
}

/* The kernel rejects too many iterations and does none; this is reported with and without -k. */
static void report_refused(struct emitter *e, LLVMValueRef result)
{
	LLVMBasicBlockRef after =
		ir_guard(e, ir_compare(e, LLVMIntSLT, result, ir_const(e, 0)), "refused");

	record_helper_error(
		e, "loop", (struct helper_failure){.means = "no round was done"}, result);
	ir_jump(e, after);
	ir_begin(e, after);
}

static void emit_range(struct emitter *e, struct for_loop *loop)
{
	LLVMValueRef low = expr_register(e, node_range(loop->iterable)->low);
	LLVMValueRef high = expr_register(e, node_range(loop->iterable)->high);

	if (loop->function != loop) {
		emit_plain(e, loop, low, high);
		return;
	}
	LLVMValueRef most = ir_const(e, UINT32_MAX);
	LLVMValueRef rounds = LLVMBuildSub(e->builder, high, low, "");

	rounds = LLVMBuildSelect(
		e->builder, compare_bounds(e, loop, low, high), rounds, ir_const(e, 0), "");
	rounds = LLVMBuildSelect(
		e->builder, ir_compare(e, LLVMIntULT, rounds, most), rounds, most, "");
	LLVMValueRef frame = make_frame(e);

	put(e, frame, FRAME_LOW, low);
	struct body body = {};
	LLVMValueRef function = range_body(e, &body, loop);

	debug_location(e, loop->iterable->span);
	e->features |= FEATURE_BIT(FEATURE_LOOP);
	/* the verifier removes a body that is never called, and then fails on the reference to
	 * it */
	LLVMBasicBlockRef done =
		ir_guard(e, ir_compare(e, LLVMIntNE, rounds, ir_const(e, 0)), "rounds");

	before_rounds(e, &body);
	report_refused(e,
		helper_call(e, HELPER_loop, HELPER_ARGS(rounds, function, frame, ir_const(e, 0))));
	ir_jump(e, done);
	ir_begin(e, done);
	after_rounds(e, &body);
}

/* --- maps --- */

/* An aggregation is read as its number. */
static bool is_number_of(const struct emitter *e, uint32_t number, uint32_t type)
{
	return types_class(e->c->types, type) == TYPE_MEANING &&
	       types_class(e->c->types, number) == TYPE_INTEGER;
}

/* All numbers of stats(). */
static void load_stats(struct emitter *e, struct value stats, struct place place)
{
	LLVMValueRef count = ir_load(e, stats.llvm, sizeof(uint64_t), false);
	LLVMValueRef numbers[] = {count, aggregation_number(e, stats), aggregation_total(e, stats)};

	for (uint32_t i = 0; i < ARRAY_SIZE(numbers); i++)
		access_store(e, access_part(e, place, types_member_at(e->c->types, place.type, i)),
			numbers[i]);
}

/* The key and the value, as they are when the round begins. */
static void load_element(struct emitter *e, const struct map *map, const struct variable *variable,
	LLVMValueRef key, LLVMValueRef value)
{
	struct place place = variable_place(e, variable);
	struct value parts[] = {value_memory(map->key, key), value_memory(map->value, value)};
	uint32_t count = types_member_count(e->c->types, place.type);

	for (uint32_t i = 0; i < count; i++) {
		struct types_member member = types_member_at(e->c->types, place.type, i);
		struct place part = access_part(e, place, member);

		if (types_reading(e->c->types, parts[i].type) == READS_FIELDS) {
			load_stats(e, parts[i], part);
			continue;
		}
		if (is_number_of(e, member.type, parts[i].type))
			parts[i] = value_register(member.type, aggregation_number(e, parts[i]));
		access_copy(e, parts[i], part);
	}
}

static LLVMValueRef map_body(struct emitter *e, struct body *body, struct for_loop *loop)
{
	static const char *const parameters[] = {"map", "key", "value", "frame"};

	body_begin(e, body, loop, parameters, ARRAY_SIZE(parameters));
	LLVMValueRef function = body->function.llvm;

	load_element(e, node_map_access(loop->iterable)->map, variable_of(loop),
		LLVMGetParam(function, 1), LLVMGetParam(function, 2));
	stmt_emit(e, loop->body);
	return body_end(e, body);
}

static void emit_map(struct emitter *e, struct for_loop *loop)
{
	LLVMValueRef frame = make_frame(e);
	struct body body = {};
	LLVMValueRef function = map_body(e, &body, loop);

	before_rounds(e, &body);
	mapops_walk(e, node_map_access(loop->iterable)->map, function, frame);
	after_rounds(e, &body);
}

void for_emit(struct emitter *e, struct for_loop *loop)
{
	if (loop->iterable->kind == NODE_RANGE)
		emit_range(e, loop);
	else
		emit_map(e, loop);
}
