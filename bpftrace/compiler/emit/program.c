/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs. Most units are one program: prologue, block, end. The two units of a session share one.
 * dispatcher.c emits the programs that system calls share, event.c those of perf events that
 * several blocks share.
 */
#include <ctype.h>

#include "block.h"
#include "context/context.h"
#include "dispatcher.h"
#include "event.h"
#include "function.h"
#include "helper.h"
#include "ir.h"
#include "libcommon/host/feature.h"
#include "names.h"
#include "program.h"
#include "prologue.h"
#include "session.h"

/* --- manifest --- */

static struct span head_of(const struct probe *probe)
{
	const struct node *last = probe->attach_points;

	while (last->next)
		last = last->next;
	return span_join(probe->attach_points->span, last->span);
}

uint32_t program_add_link(struct emitter *e, const struct probe_match *match, const char *program,
	const struct unit *first, const struct unit *last)
{
	struct manifest_link *link = vec_add(&e->manifest->links);

	*link = (struct manifest_link){.program = program,
		.span = span_join(first->probe->node.span, last->probe->node.span),
		.head = head_of(first->probe),
		.target = match->target,
#define FIELD(KIND, name_) .name_ = match->name_,
		PROBE_LINK_FIELDS
#undef FIELD
	};
	return e->manifest->links.count - 1;
}

void program_add_probe(
	struct emitter *e, const struct unit *unit, const struct probe_match *match, uint32_t link)
{
	struct manifest_probe *probe = vec_add(&e->manifest->probes);

	*probe = (struct manifest_probe){.name = match->name,
		.link = link,
		.target = match->target,
		.is_extra_location = match->location > 0,
		.cookie = unit->names[match - unit->matches.items],
#define FIELD(KIND, name_) .name_ = match->name_,
		PROBE_PLACE_FIELDS
#undef FIELD
	};
}

static void add_unit_probes(struct emitter *e, const struct unit *unit, const char *program)
{
	const struct probe_match *match;
	uint32_t link = 0;

	vec_for_each (&unit->matches, match) {
		if (match == unit->matches.items || !attach_has(match->attach, SHARES_LINK))
			link = program_add_link(e, match, program, unit, unit);
		program_add_probe(e, unit, match, link);
	}
}

/* --- names and sections --- */

const char *program_name_of(
	struct emitter *e, const struct unit *unit, const struct probe_match *match, size_t part)
{
	enum { MOST = 15 };
	bool is_named = match->event && !isdigit((unsigned char)*match->event);
	const char *base = is_named ? match->event : match->type->name;
	char *name = arena_printf(e->c->arena, "%s", base);

	for (char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c))
			*c = '_';
	char number[32];
	int digits = snprintf(number, sizeof(number), "_%u", unit->index);

	if (part)
		digits += snprintf(number + digits, sizeof(number) - digits, "p%zu", part);
	return arena_printf(e->c->arena, "%.*s%s", MOST - digits, name, number);
}

/* --- one program a unit --- */

/* Calls the block with scratch memory if it needs some, else goes to none. */
void program_call(struct emitter *e, const struct unit *unit, LLVMValueRef block,
	LLVMValueRef probe, LLVMBasicBlockRef none)
{
	LLVMValueRef slot = NULL, scratch = LLVMConstNull(e->pointer);

	if (unit->scratch_bytes) {
		slot = prologue_claim_scratch(e, none);
		scratch = prologue_scratch_bytes(e, slot);
	}
	LLVMTypeRef parameters[] = {e->pointer, e->pointer, e->pointer};
	LLVMTypeRef type = LLVMFunctionType(e->i64, parameters, 3, false);
	LLVMValueRef arguments[] = {
		e->function->context,
		LLVMBuildIntToPtr(e->builder, probe, e->pointer, ""),
		scratch,
	};

	LLVMBuildCall2(e->builder, type, block, arguments, 3, "");
	if (slot)
		prologue_release_scratch(e, slot);
}

static void limit_process(struct emitter *e, const struct probe_match *match)
{
	enum attach_process process = attach_descs[match->attach].process;

	if (process == PROCESS_OF_OBJECT)
		prologue_iterator_process(e, match);
	else if (process != PROCESS_ANY && !match->one_cpu)
		prologue_process(e, process == PROCESS_OF_P_AND_C);
}

void program_begin(struct emitter *e, struct bpf_function *program, const char *name,
	const struct probe_match *match, struct span span)
{
	const struct attach_desc *desc = &attach_descs[match->attach];
	static const char *const parameters[] = {"context"};

	function_begin(
		e, program, name, desc->section, e->i64, parameters, ARRAY_SIZE(parameters), span);
	program->context = LLVMGetParam(program->llvm, 0);
	program->leave = ir_block(e, "leave");
	if (!(desc->flags & RUNS_ONCE))
		prologue_stopped(e);
	if (desc->process == PROCESS_OF_OBJECT)
		prologue_iterator(e);
	limit_process(e, match);
}

void program_end(struct emitter *e, struct bpf_function *program)
{
	ir_jump(e, program->leave);
	ir_begin(e, program->leave);
	LLVMBuildRet(e->builder, ir_const(e, 0));
	function_end(e, program);
}

/* Which attach point fired: cookies of the link are the names of cookies' attach points. Those of a
 * session are at the same functions in the same order, so their numbers have one distance. */
static LLVMValueRef fired_probe(
	struct emitter *e, const struct unit *unit, const struct unit *cookies)
{
	if (!unit->uses_cookie)
		return ir_const(e, unit->names[0]);
	e->features |= FEATURE_BIT(FEATURE_ATTACH_COOKIE);
	LLVMValueRef cookie =
		helper_call(e, HELPER_get_attach_cookie, HELPER_ARGS(e->function->context));
	LLVMValueRef distance = ir_const(e, unit->names[0] - cookies->names[0]);

	return LLVMBuildAdd(e->builder, cookie, distance, "");
}

static void emit_program(struct emitter *e, struct unit *unit, LLVMValueRef block)
{
	const struct probe_match *match = unit->matches.items;
	const char *name = program_name_of(e, unit, match, 0);
	struct bpf_function program = {};

	program_begin(e, &program, name, match, unit->probe->node.span);
	if (match->context == CONTEXT_ITER && !*match->target)
		context_iter_tick(e);

	program_call(e, unit, block, fired_probe(e, unit, unit), program.leave);
	program_end(e, &program);
	add_unit_probes(e, unit, name);
}

/* Programs of trampolines are made for one function: one for each attach point, all of which
 * call the block. */
static void emit_program_each(struct emitter *e, struct unit *unit, LLVMValueRef block)
{
	const struct probe_match *match;

	vec_for_each (&unit->matches, match) {
		size_t part = (size_t)(match - unit->matches.items);
		const char *name = program_name_of(e, unit, match, part);
		struct bpf_function program = {};

		program_begin(e, &program, name, match, unit->probe->node.span);
		program_call(e, unit, block, ir_const(e, unit->names[part]), program.leave);
		program_end(e, &program);
		uint32_t link = program_add_link(e, match, name, unit, unit);

		program_add_probe(e, unit, match, link);
	}
}

/* The upper bits of the result are undefined. */
static void branch_at_return(
	struct emitter *e, LLVMBasicBlockRef at_return, LLVMBasicBlockRef at_entry)
{
	e->features |= FEATURE_BIT(FEATURE_KPROBE_SESSION);
	LLVMValueRef answer =
		helper_call(e, HELPER_session_is_return, HELPER_ARGS(e->function->context));

	answer = LLVMBuildAnd(e->builder, answer, ir_const(e, 1), "");
	ir_branch(e, ir_compare(e, LLVMIntNE, answer, ir_const(e, 0)), at_return, at_entry);
}

/* A program that returns 0 at entry is also called at return. */
static void emit_session(
	struct emitter *e, struct unit *enter, LLVMValueRef block, struct unit *leave)
{
	LLVMValueRef block_at_return = block_emit(e, leave);
	struct probe_match match = enter->matches.items[0];
	const char *name = program_name_of(e, enter, &match, 0);
	struct bpf_function program = {};

	match.attach = ATTACH_KPROBE_SESSION;
	program_begin(e, &program, name, &match, enter->probe->node.span);
	LLVMBasicBlockRef at_entry = ir_block(e, "entry"), at_return = ir_block(e, "return");

	branch_at_return(e, at_return, at_entry);
	ir_begin(e, at_entry);
	program_call(e, enter, block, fired_probe(e, enter, enter), program.leave);
	ir_jump(e, program.leave);
	ir_begin(e, at_return);
	program_call(e, leave, block_at_return, fired_probe(e, leave, enter), program.leave);
	program_end(e, &program);

	uint32_t link = program_add_link(e, &match, name, enter, leave);
	const struct probe_match *member;

	vec_for_each (&enter->matches, member)
		program_add_probe(e, enter, member, link);
	vec_for_each (&leave->matches, member)
		program_add_probe(e, leave, member, link);
}

static void emit_own(struct emitter *e, struct unit *unit, LLVMValueRef block)
{
	enum attach_kind attach = unit->matches.items[0].attach;
	struct unit *leave = session_leave(e->c, unit);

	if (leave)
		emit_session(e, unit, block, leave);
	else if (attach_descs[attach].match == MATCH_BY_PROGRAM)
		emit_program_each(e, unit, block);
	else
		emit_program(e, unit, block);
}

/* --- all --- */

/* The programs of system calls come last: all of the entries, then all of the exits. */
static unsigned turn_of(const struct unit *unit)
{
	if (attach_descs[unit->matches.items[0].attach].match != MATCH_BY_SYSCALL)
		return 0;
	return unit->context == CONTEXT_SYSCALL_ENTER ? 1 : 2;
}

/* The number of a name in the manifest, from 1; 0 for none. Equal names have equal numbers. */
static uint32_t number_of(struct emitter *e, struct hashmap *numbered, const char *name)
{
	if (!name || !*name)
		return 0;

	void **slot = hashmap_text_slot(numbered, name);

	if (!*slot) {
		vec_push(&e->manifest->names, name);
		*slot = (void *)(uintptr_t)e->manifest->names.count;
	}
	return (uintptr_t)*slot;
}

static bool is_any_asked_for(const struct compilation *c)
{
	struct unit **unit;

	vec_for_each (&c->units, unit)
		if ((*unit)->uses_probe)
			return true;
	return false;
}

/* Blocks compare the numbers of names, so these are assigned before any code is generated. First
 * those of all probes, then those of functions: the names of a unit's probes follow each other. */
static void number_names(struct emitter *e)
{
	_cleanup_hashmap_ struct hashmap numbered = HASHMAP_INIT;
	bool asked = is_any_asked_for(e->c);
	struct unit **unit;

	vec_for_each (&e->c->units, unit) {
		const probe_matches *matches = &(*unit)->matches;

		(*unit)->names = arena_array(e->c->arena, uint64_t, matches->count);
		for (size_t i = 0; asked && i < matches->count; i++)
			(*unit)->names[i] =
				names_word(number_of(e, &numbered, matches->items[i].name), 0);
	}
	vec_for_each (&e->c->units, unit) {
		const probe_matches *matches = &(*unit)->matches;

		for (size_t i = 0; asked && i < matches->count; i++)
			(*unit)->names[i] |=
				names_word(0, number_of(e, &numbered, matches->items[i].function));
	}
}

void program_emit_all(struct emitter *e)
{
	size_t count = e->c->units.count;
	struct dispatched *enter = arena_array(e->c->arena, struct dispatched, count + 1);
	struct dispatched *leave = arena_array(e->c->arena, struct dispatched, count + 1);
	struct dispatched *events = arena_array(e->c->arena, struct dispatched, count + 1);
	size_t enters = 0, leaves = 0, shared = 0;
	struct unit **unit;

	number_names(e);
	vec_for_each (&e->c->units, unit) {
		if ((*unit)->enter)
			continue;
		struct dispatched dispatched = {.unit = *unit, .block = block_emit(e, *unit)};

		if (event_is_shared(e->c, *unit)) {
			events[shared++] = dispatched;
			continue;
		}
		switch (turn_of(*unit)) {
		case 0: emit_own(e, *unit, dispatched.block); break;
		case 1: enter[enters++] = dispatched; break;
		default: leave[leaves++] = dispatched; break;
		}
	}
	event_emit_all(e, events, shared);
	dispatcher_emit(e, CONTEXT_SYSCALL_ENTER, "sys_enter", enter, enters);
	dispatcher_emit(e, CONTEXT_SYSCALL_EXIT, "sys_exit", leave, leaves);
}
