/* SPDX-License-Identifier: Apache-2.0 */
/* What ends tracing. */
#include "bpftrace/compiler/emit/ir.h"
#include "builtin_table.h"

/* From here on no program does anything; user space hears of it in order. The block itself ends
 * too. */
static struct value emit_exit(struct emitter *e, struct node *node)
{
	struct node *argument = node_call(node)->arguments;
	LLVMValueRef status = argument ? expr_register(e, argument) : ir_const(e, 0);
	record_control(e, record_site(e, node, ACTION_EXIT), &status, 1);
	ir_store(e, ir_state(e, STATE_stopped), ir_const(e, 1), 8);
	ir_jump(e, e->function->leave);
	ir_begin(e, ir_block(e, "unreachable"));
	return value_none();
}

static struct value emit_unwatch(struct emitter *e, struct node *node)
{
	LLVMValueRef address = expr_register(e, node_call(node)->arguments);
	record_control(e, record_site(e, node, ACTION_UNWATCH), &address, 1);
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
		.doc = "lets go of the watchpoint at an address",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_ASYNC,
		.prototypes = {"unwatch(pointer address) void"},
		.emit = emit_unwatch,
	},
	{},
};
