/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs. Most units are one program: prologue, block, end. Two units that a session serves have
 * theirs together. The system calls of a script are two programs at the most, one on the raw
 * tracepoint sys_enter and one on sys_exit, which call every block that the number of the call asks
 * for, in script order.
 */
#include <ctype.h>
#include <string.h>

#include "ir.h"
#include "libcommon/host/arch.h"
#include "libcommon/host/feature.h"

enum {
	SYSCALL_NUMBERS = 512, /* room of the tables by number; a power of two above all numbers */
};

/* --- manifest --- */

static uint32_t add_link(
	struct emitter *e, const struct probe_match *match, const char *program, struct span span)
{
	struct manifest_link *link = vec_add(&e->manifest->links);
	*link = (struct manifest_link){
		.program = program,
		.span = span,
		.attach = match->attach,
		.target = match->target,
		.is_return = match->is_return,
		.perf_type = match->perf_type,
		.perf_config = match->perf_config,
		.period = match->period,
		.by_frequency = match->by_frequency,
		.one_cpu = match->one_cpu,
	};
	return e->manifest->links.count - 1;
}

static void add_probe(
	struct emitter *e, const struct unit *unit, const struct probe_match *match, uint32_t link)
{
	struct manifest_probe *probe = vec_add(&e->manifest->probes);
	*probe = (struct manifest_probe){
		.name = match->name,
		.function = match->function,
		.link = link,
		.target = match->target,
		.event = match->event,
		.process = match->process,
		.address = match->address,
		.semaphore = match->semaphore,
		.length = match->length,
		.argument = match->argument,
		.stops = match->stops,
		.is_further = match->place > 0,
		.optional = match->optional,
		.cookie = unit->numbers[match - unit->matches.items],
	};
}

/* Several attach points share a link when the kernel can, or the program must, tell them apart
 * itself: the timers and raw tracepoints each have their own. */
static bool shares_link(enum attach_kind attach)
{
	return attach == ATTACH_TRACEPOINT || attach == ATTACH_UPROBE || attach == ATTACH_KPROBE ||
	       attach == ATTACH_KPROBE_INSIDE;
}

static void add_unit_probes(struct emitter *e, const struct unit *unit, const char *program)
{
	const struct probe_match *match;
	uint32_t link = 0;
	vec_for_each (&unit->matches, match) {
		if (match == unit->matches.items || !shares_link(match->attach))
			link = add_link(e, match, program, unit->probe->node.span);
		add_probe(e, unit, match, link);
	}
}

/* --- names and sections --- */

/* "sched_switch_3": what listings of the kernel's programs show, 15 characters at the most. part
 * tells the programs of a unit apart. */
static const char *program_name(
	struct emitter *e, const struct unit *unit, const struct probe_match *match, size_t part)
{
	enum { MOST = 15 };
	const char *base = match->event ? match->event : match->type->name;
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

static const char *section_of(enum attach_kind attach)
{
	switch (attach) {
	case ATTACH_TRACEPOINT: return "tp";
	case ATTACH_WATCHPOINT:
	case ATTACH_WATCH_ARGUMENT:
	case ATTACH_PERF: return "perf_event";
	case ATTACH_UPROBE: return "uprobe";
	case ATTACH_KPROBE:
	case ATTACH_KPROBE_SESSION:
	case ATTACH_KPROBE_INSIDE: return "kprobe";
	case ATTACH_FENTRY: return "fentry";
	case ATTACH_FEXIT: return "fexit";
	case ATTACH_ITER: return "iter";
	default: return "raw_tp";
	}
}

/* --- one program a unit --- */

/* Calls the block with scratch memory if it needs some, else goes to none. */
static void call_block(struct emitter *e, const struct unit *unit, LLVMValueRef block,
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

static void begin_program(struct emitter *e, struct bpf_function *program, const char *name,
	enum attach_kind attach, struct span span)
{
	static const char *const parameters[] = {"context"};
	function_begin(e, program, name, section_of(attach), e->i64, parameters,
		ARRAY_SIZE(parameters), span);
	program->context = LLVMGetParam(program->llvm, 0);
	program->leave = ir_block(e, "leave");
	if (attach != ATTACH_BEGIN && attach != ATTACH_END)
		prologue_stopped(e);
}

static void end_program(struct emitter *e, struct bpf_function *program)
{
	ir_jump(e, program->leave);
	ir_begin(e, program->leave);
	LLVMBuildRet(e->builder, ir_const(e, 0));
	function_end(e, program);
}

/* Whether -p and -c limit the probe to a process. */
static bool is_of_process(const struct probe_match *match)
{
	return match->attach == ATTACH_UPROBE || match->attach == ATTACH_WATCHPOINT ||
	       match->attach == ATTACH_WATCH_ARGUMENT ||
	       (match->attach == ATTACH_PERF && !match->one_cpu);
}

/* Which attach point fired: cookies of the link are the numbers of cookies' attach points. */
static LLVMValueRef fired_probe(
	struct emitter *e, const struct unit *unit, const struct unit *cookies)
{
	if (!unit->uses_cookie)
		return ir_const(e, unit->numbers[0]);
	e->features |= FEATURE_BIT(FEATURE_ATTACH_COOKIE);
	LLVMValueRef cookie =
		helper_call(e, HELPER_get_attach_cookie, HELPER_ARGS(e->function->context));
	LLVMValueRef distance = ir_const(e, unit->numbers[0] - cookies->numbers[0]);
	return LLVMBuildAdd(e->builder, cookie, distance, "");
}

static void emit_program(struct emitter *e, struct unit *unit, LLVMValueRef block)
{
	const struct probe_match *match = unit->matches.items;
	const char *name = program_name(e, unit, match, 0);
	struct bpf_function program = {};
	begin_program(e, &program, name, match->attach, unit->probe->node.span);
	if (is_of_process(match) && (e->c->request->pid || e->c->request->has_child))
		prologue_process(e);
	if (match->context == CONTEXT_ITER)
		prologue_iterator(e);
	if (match->context == CONTEXT_ITER && !*match->target)
		context_iter_tick(e);

	call_block(e, unit, block, fired_probe(e, unit, unit), program.leave);
	end_program(e, &program);
	add_unit_probes(e, unit, name);
}

/* A trampoline takes programs that were made for its function only: one for each attach point, all
 * of which call the block. */
static void emit_program_each(struct emitter *e, struct unit *unit, LLVMValueRef block)
{
	const struct probe_match *match;
	vec_for_each (&unit->matches, match) {
		size_t part = (size_t)(match - unit->matches.items);
		const char *name = program_name(e, unit, match, part);
		struct bpf_function program = {};
		begin_program(e, &program, name, match->attach, unit->probe->node.span);
		call_block(e, unit, block, ir_const(e, unit->numbers[part]), program.leave);
		end_program(e, &program);
		uint32_t link = add_link(e, match, name, unit->probe->node.span);
		add_probe(e, unit, match, link);
	}
}

/* The upper bits of the answer say nothing. */
static void branch_at_return(
	struct emitter *e, LLVMBasicBlockRef at_return, LLVMBasicBlockRef at_entry)
{
	e->features |= FEATURE_BIT(FEATURE_KPROBE_SESSION);
	LLVMValueRef answer =
		helper_call(e, HELPER_session_is_return, HELPER_ARGS(e->function->context));
	answer = LLVMBuildAnd(e->builder, answer, ir_const(e, 1), "");
	ir_branch(e, ir_compare(e, LLVMIntNE, answer, ir_const(e, 0)), at_return, at_entry);
}

/* Returning 0 at entry asks the kernel for the return. */
static void emit_session(
	struct emitter *e, struct unit *enter, LLVMValueRef block, struct unit *leave)
{
	LLVMValueRef block_at_return = block_emit(e, leave);
	struct probe_match match = enter->matches.items[0];
	const char *name = program_name(e, enter, &match, 0);
	struct span span = span_join(enter->probe->node.span, leave->probe->node.span);
	struct bpf_function program = {};
	match.attach = ATTACH_KPROBE_SESSION;
	begin_program(e, &program, name, match.attach, span);
	LLVMBasicBlockRef at_entry = ir_block(e, "entry"), at_return = ir_block(e, "return");
	branch_at_return(e, at_return, at_entry);
	ir_begin(e, at_entry);
	call_block(e, enter, block, fired_probe(e, enter, enter), program.leave);
	ir_jump(e, program.leave);
	ir_begin(e, at_return);
	call_block(e, leave, block_at_return, fired_probe(e, leave, enter), program.leave);
	end_program(e, &program);

	uint32_t link = add_link(e, &match, name, span);
	const struct probe_match *member;
	vec_for_each (&enter->matches, member)
		add_probe(e, enter, member, link);
	vec_for_each (&leave->matches, member)
		add_probe(e, leave, member, link);
}

static void emit_own(struct emitter *e, struct unit *unit, LLVMValueRef block)
{
	enum attach_kind attach = unit->matches.items[0].attach;
	struct unit *leave = session_leave(e->c, unit);
	if (leave)
		emit_session(e, unit, block, leave);
	else if (attach == ATTACH_FENTRY || attach == ATTACH_FEXIT)
		emit_program_each(e, unit, block);
	else
		emit_program(e, unit, block);
}

/* --- system calls --- */

struct dispatched {
	struct unit *unit;
	LLVMValueRef block;
};

/* number -> index of the attach point + 1, 0 where the unit has none */
static LLVMValueRef number_table(struct emitter *e, const struct dispatched *dispatched)
{
	uint32_t table[SYSCALL_NUMBERS] = {};
	for (size_t i = 0; i < dispatched->unit->matches.count; i++)
		table[dispatched->unit->matches.items[i].syscall] =
			dispatched->unit->numbers[i] + 1;
	LLVMValueRef words[SYSCALL_NUMBERS];
	for (size_t i = 0; i < SYSCALL_NUMBERS; i++)
		words[i] = ir_const32(e, table[i]);
	LLVMValueRef values = LLVMConstArray(e->i32, words, SYSCALL_NUMBERS);
	char name[32];
	snprintf(name, sizeof(name), "syscalls_%u", dispatched->unit->index);
	LLVMValueRef global = LLVMAddGlobal(e->module, LLVMTypeOf(values), name);
	LLVMSetInitializer(global, values);
	LLVMSetGlobalConstant(global, true);
	LLVMSetSection(global, ".rodata");
	return global;
}

/* Goes to next unless the number is one of the unit's; returns the index of the attach point. */
static LLVMValueRef match_number(struct emitter *e, const struct dispatched *dispatched,
	LLVMValueRef number, LLVMBasicBlockRef next)
{
	const struct unit *unit = dispatched->unit;
	LLVMBasicBlockRef hit = ir_block(e, "hit");
	if (unit->matches.count == 1) {
		uint32_t wanted = unit->matches.items[0].syscall;
		ir_branch(e, ir_compare(e, LLVMIntEQ, number, ir_const(e, wanted)), hit, next);
		ir_begin(e, hit);
		return ir_const(e, dispatched->unit->numbers[0]);
	}
	LLVMBasicBlockRef known = ir_block(e, "known");
	LLVMValueRef bound = ir_const(e, SYSCALL_NUMBERS);
	ir_branch(e, ir_compare(e, LLVMIntULT, number, bound), known, next);
	ir_begin(e, known);
	LLVMValueRef at = LLVMBuildShl(e->builder, number, ir_const(e, 2), "");
	LLVMValueRef entry = ir_offset_value(e, number_table(e, dispatched), at);
	LLVMValueRef index = ir_load(e, entry, sizeof(uint32_t), false);
	ir_branch(e, ir_compare(e, LLVMIntNE, index, ir_const(e, 0)), hit, next);
	ir_begin(e, hit);
	return LLVMBuildSub(e->builder, index, ir_const(e, 1), "");
}

/* Goes to next when the task is in a call of the compat ABI, which has other numbers. */
static void skip_compat(struct emitter *e, LLVMBasicBlockRef next)
{
	const struct arch *arch = arch_native();
	LLVMValueRef task = helper_call(e, HELPER_get_current_task, NULL, 0);
	LLVMValueRef at = LLVMBuildAdd(e->builder, task, ir_const(e, e->compat_offset), "");
	LLVMValueRef word = variable_stack(e, sizeof(uint64_t));
	access_read(e, WHERE_KERNEL, word, arch->compat.size, at);
	LLVMValueRef flags = ir_load(e, word, arch->compat.size, false);
	flags = LLVMBuildAnd(e->builder, flags, ir_const(e, arch->compat.mask), "");
	LLVMBasicBlockRef native = ir_block(e, "native");
	ir_branch(e, ir_compare(e, LLVMIntEQ, flags, ir_const(e, 0)), native, next);
	ir_begin(e, native);
}

static void dispatch(struct emitter *e, const struct dispatched *dispatched, LLVMValueRef number)
{
	const struct probe_match *first = dispatched->unit->matches.items;
	LLVMBasicBlockRef next = ir_block(e, "next");
	LLVMValueRef probe = ir_const(e, dispatched->unit->numbers[0]);
	if (first->syscall >= 0)
		probe = match_number(e, dispatched, number, next);
	if (!first->compat && e->compat_known)
		skip_compat(e, next);
	call_block(e, dispatched->unit, dispatched->block, probe, next);
	ir_jump(e, next);
	ir_begin(e, next);
}

static bool needs_number(const struct dispatched *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].unit->matches.items[0].syscall >= 0)
			return true;
	return false;
}

/* The word that tells calls of the compat ABI, as an offset in task_struct; a kernel without BTF
 * does not say, so there those calls count by their number. */
static bool find_compat(struct emitter *e)
{
	struct kbtf_member members[] = {
		{.type = "task_struct", .name = "thread_info"},
		{.type = "thread_info", .name = arch_native()->compat.member},
	};
	_cleanup_error_ struct error *error =
		kbtf_members(e->c->kbtf, members, ARRAY_SIZE(members));
	if (error)
		return false;
	e->compat_offset = (members[0].bits + members[1].bits) / 8;
	return true;
}

static void emit_dispatcher(struct emitter *e, enum context_kind kind, const char *name,
	struct dispatched *list, size_t count)
{
	struct span span =
		span_join(list[0].unit->probe->node.span, list[count - 1].unit->probe->node.span);
	uint32_t link = add_link(e, list[0].unit->matches.items, name, span);
	e->manifest->links.items[link].target = name;
	for (size_t i = 0; i < count; i++) {
		const struct probe_match *match;
		vec_for_each (&list[i].unit->matches, match)
			add_probe(e, list[i].unit, match, link);
	}

	struct bpf_function program = {};
	begin_program(e, &program, name, ATTACH_SYSCALL, list[0].unit->probe->node.span);
	LLVMValueRef number = NULL;
	if (needs_number(list, count))
		number = context_syscall_number(e, kind);
	e->compat_known = needs_number(list, count) && find_compat(e);
	for (size_t i = 0; i < count; i++)
		dispatch(e, &list[i], number);
	end_program(e, &program);
}

/* --- all --- */

/* The programs of system calls come last: all of the entries, then all of the exits. */
static unsigned turn_of(const struct unit *unit)
{
	if (unit->matches.items[0].attach != ATTACH_SYSCALL)
		return 0;
	return unit->context == CONTEXT_SYSCALL_ENTER ? 1 : 2;
}

/* Places of one probe, though their programs may differ, have the number of the first. */
static uint32_t number_of(struct hashmap *named, const struct probe_match *match, uint32_t next)
{
	if (match->context != CONTEXT_USDT)
		return next;

	void **slot = hashmap_text_slot(named, match->name);
	if (!match->place || !*slot)
		*slot = (void *)((uintptr_t)next + 1);
	return (uintptr_t)*slot - 1;
}

/* Blocks compare the numbers of attach points, so they are known before any code is generated. */
static void number_probes(struct compilation *c)
{
	struct hashmap named = HASHMAP_INIT;
	uint32_t next = 0;
	struct unit **unit;
	for (unsigned turn = 0; turn <= 2; turn++) {
		vec_for_each (&c->units, unit) {
			if (turn_of(*unit) != turn)
				continue;
			size_t count = (*unit)->matches.count;
			(*unit)->numbers = arena_array(c->arena, uint32_t, count);
			for (size_t i = 0; i < count; i++)
				(*unit)->numbers[i] =
					number_of(&named, &(*unit)->matches.items[i], next++);
		}
	}
	hashmap_deinit(&named);
}

void program_emit_all(struct emitter *e)
{
	size_t count = e->c->units.count;
	struct dispatched *enter = arena_array(e->c->arena, struct dispatched, count + 1);
	struct dispatched *leave = arena_array(e->c->arena, struct dispatched, count + 1);
	size_t enters = 0, leaves = 0;
	struct unit **unit;
	number_probes(e->c);
	vec_for_each (&e->c->units, unit) {
		if ((*unit)->enter)
			continue;
		struct dispatched dispatched = {.unit = *unit, .block = block_emit(e, *unit)};
		switch (turn_of(*unit)) {
		case 0: emit_own(e, *unit, dispatched.block); break;
		case 1: enter[enters++] = dispatched; break;
		default: leave[leaves++] = dispatched; break;
		}
	}
	if (enters)
		emit_dispatcher(e, CONTEXT_SYSCALL_ENTER, "sys_enter", enter, enters);
	if (leaves)
		emit_dispatcher(e, CONTEXT_SYSCALL_EXIT, "sys_exit", leave, leaves);
}
