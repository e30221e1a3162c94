/* SPDX-License-Identifier: Apache-2.0 */
/* What ends tracing, and what changes the traced program. */
#include <signal.h>
#include <string.h>
#include <strings.h>

#include "bpftrace/compiler/bind/constant.h"
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/helper.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/record.h"
#include "bpftrace/compiler/emit/variable.h"
#include "builtin_table.h"
#include "control.h"

/* From here on no program does anything; user space is notified in order. The exit status is stored
 * first, so that it is not lost when the ring has no room for the record. The block itself ends
 * too: code that follows is in another block. */
void control_exit(struct emitter *e, struct node *node, LLVMValueRef status)
{
	ir_store(e, ir_state(e, STATE_exit_status), status, 8);
	ir_store(e, ir_state(e, STATE_stopped), ir_const(e, 1), 8);
	record_control(e, record_site(e, node, ACTION_EXIT), &status, 1);
	ir_jump(e, e->function->leave);
}

static struct value emit_exit(struct emitter *e, struct node *node)
{
	struct node *argument = node_call(node)->arguments;

	control_exit(e, node, argument ? expr_register(e, argument) : ir_const(e, 0));
	ir_begin(e, ir_block(e, "unreachable"));
	return value_none();
}

static struct value emit_unwatch(struct emitter *e, struct node *node)
{
	LLVMValueRef address = expr_register(e, node_call(node)->arguments);

	record_control(e, record_site(e, node, ACTION_UNWATCH), &address, 1);
	return value_none();
}

/* --- signal --- */

/* "KILL" or "SIGKILL" to its number; 0 when there is no such signal. */
static int signal_number(const char *name)
{
	if (!strncasecmp(name, "SIG", strlen("SIG")))
		name += strlen("SIG");
	for (int number = 1; number < SIGRTMIN; number++) {
		const char *known = sigabbrev_np(number);

		if (known && !strcasecmp(known, name))
			return number;
	}
	return 0;
}

static void check_signal(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *wanted = node_call(node)->arguments;
	int64_t number;

	if (wanted->kind == NODE_STRING) {
		if (!signal_number(node_string(wanted)->text))
			diag_error(c->diags, wanted->span, "%s: unknown signal '%s'",
				node_call(node)->name, node_string(wanted)->text);
	} else if (constant_integer(wanted, &number) && (number < 1 || number > SIGRTMAX)) {
		diag_error(c->diags, wanted->span, "%s: there are signals 1 to %d, not %lld",
			node_call(node)->name, SIGRTMAX, (long long)number);
	}
}

static struct value send(struct emitter *e, struct node *node, enum helper helper)
{
	struct node *wanted = node_call(node)->arguments;
	LLVMValueRef number = wanted->kind == NODE_STRING
				      ? ir_const(e, signal_number(node_string(wanted)->text))
				      : expr_register(e, wanted);

	helper_call(e, helper, HELPER_ARGS(number));
	return value_none();
}

static struct value emit_signal(struct emitter *e, struct node *node)
{
	return send(e, node, HELPER_send_signal);
}

static struct value emit_signal_thread(struct emitter *e, struct node *node)
{
	return send(e, node, HELPER_send_signal_thread);
}

/* --- write_user --- */

enum {
	WRITTEN_MAX = 4096,
};

static void check_write_user(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *from = node_call(node)->arguments->next, *length = from->next;
	uint32_t size = types_size(c->types, from->type);
	int64_t count;

	if (!constant_integer(length, &count))
		return;
	if (count < 1 || count > WRITTEN_MAX)
		diag_error(c->diags, length->span, "write_user: the length must be from 1 to %d",
			WRITTEN_MAX);
	else if (count > size)
		diag_error(c->diags, from->span, "write_user: this has %u bytes, not %lld", size,
			(long long)count);
}

static struct value emit_write_user(struct emitter *e, struct node *node)
{
	struct node *to = node_call(node)->arguments, *from = to->next;
	LLVMValueRef room = variable_scratch(e, types_size(e->c->types, from->type));
	int64_t count = 0;

	constant_integer(from->next, &count);
	expr_into(e, from,
		(struct place){.type = from->type, .address = room, .padding = PADDING_ALL});
	LLVMValueRef result = helper_call(e, HELPER_probe_write_user,
		HELPER_ARGS(expr_register(e, to), room, ir_const32(e, (uint32_t)count)));
	LLVMValueRef written = ir_compare(e, LLVMIntEQ, result, ir_const(e, 0));

	return value_register(node->type, ir_extend(e, written, false));
}

/* --- override --- */

/* Uprobes have the same context. */
static void check_override(struct compilation *c, struct unit *unit, struct node *node)
{
	const struct probe_match *match = unit->matches.items;

	if (attach_has(match->attach, INSIDE_FUNCTION)) {
		diag_error(c->diags, node->span, "override can not be used inside of %s",
			match->function);
		diag_hint(c->diags, "a call that has begun cannot be replaced; use kprobe:%s",
			match->function);
	} else if (!attach_has(match->attach, OVERRIDES)) {
		diag_error(c->diags, node->span, "override can not be used with \"%s\" probes",
			match->type->name);
		diag_hint(c->diags, "it can be used with kprobes");
	}
}

static struct value emit_override(struct emitter *e, struct node *node)
{
	LLVMValueRef result = expr_register(e, node_call(node)->arguments);

	helper_call(e, HELPER_override_return, HELPER_ARGS(e->function->context, result));
	return value_none();
}

const struct builtin builtins_control[] = {
	{
		.name = "exit",
		.doc = "ends tracing, with an exit status",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_ASYNC,
		.prototypes = {"exit([int status]) void"},
		.emit = emit_exit,
	},
	{
		.name = "unwatch",
		.doc = "removes the watchpoint at an address",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_ASYNC,
		.prototypes = {"unwatch(pointer address) void"},
		.emit = emit_unwatch,
	},
	{
		.name = "signal",
		.doc = "sends a signal, by number or name, to the process that caused the event",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_UNSAFE,
		.contexts = ~CONTEXT_BIT(CONTEXT_NONE),
		.where = "all probes but BEGIN and END",
		.prototypes = {"signal(int number) void", "signal(literal name) void"},
		.check = check_signal,
		.emit = emit_signal,
	},
	{
		.name = "signal_thread",
		.doc = "sends a signal, by number or name, to the thread that caused the event",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_UNSAFE | BUILTIN_NEWER,
		.contexts = ~CONTEXT_BIT(CONTEXT_NONE),
		.where = "all probes but BEGIN and END",
		.prototypes = {"signal_thread(int number) void",
			"signal_thread(literal name) void"},
		.check = check_signal,
		.emit = emit_signal_thread,
	},
	{
		.name = "write_user",
		.doc = "writes the first length bytes of a value to the memory of the current "
		       "process, and whether that succeeded",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_UNSAFE | BUILTIN_NEWER,
		.contexts = ~CONTEXT_BIT(CONTEXT_NONE),
		.where = "all probes but BEGIN and END",
		.prototypes = {"write_user(pointer to, any value, const int length) bool"},
		.check = check_write_user,
		.emit = emit_write_user,
	},
	{
		.name = "override",
		.doc = "makes the kernel's function return a value instead of running",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_UNSAFE,
		.contexts = CONTEXT_BIT(CONTEXT_REGS),
		.where = "kprobes",
		.needs = "a kernel with CONFIG_BPF_KPROBE_OVERRIDE and a function that it lists "
			 "for error injection",
		.prototypes = {"override(int result) void"},
		.check = check_override,
		.emit = emit_override,
	},
	{},
};
