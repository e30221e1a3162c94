/* SPDX-License-Identifier: Apache-2.0 */
/* Stacks, and names of single addresses. They are numbers in programs; user space finds the names.
 */
#include "bpftrace/compiler/emit/stack.h"

#include <string.h>

#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/tracing.h"
#include "bpftrace/door/stack.h"
#include "builtin_table.h"

/* The mode and the depth, in this order, each of which may be left out; NULL where it is. */
static void find_arguments(struct node *node, const char **ret_mode, struct node **ret_depth)
{
	struct node *argument = node->kind == NODE_CALL ? node_call(node)->arguments : NULL;

	*ret_mode = NULL;
	if (argument && argument->kind == NODE_IDENTIFIER) {
		*ret_mode = node_identifier(argument)->name;
		argument = argument->next;
	}
	*ret_depth = argument;
}

/* How many frames are wanted; 0 for what check reports. */
static uint32_t depth_of(struct node *node)
{
	struct node *depth;
	const char *mode;

	find_arguments(node, &mode, &depth);
	if (!depth)
		return STACK_FRAMES_MOST;
	if (depth->kind != NODE_INTEGER || node_integer(depth)->value > STACK_FRAMES_MOST)
		return 0;
	return (uint32_t)node_integer(depth)->value;
}

static void infer_stack(struct compilation *c, struct node *node, enum meaning meaning)
{
	struct node *depth;
	const char *mode;

	find_arguments(node, &mode, &depth);
	if (!mode)
		mode = c->settings.stack_mode;
	if (meaning == MEANING_KSTACK && strcmp(mode, "build_id") == 0)
		mode = "raw";
	node->type = types_with_meaning(c->types, meaning, type_uint64(c), mode);
	c->stack_depth = MAX(c->stack_depth, depth_of(node));
}

static void infer_kstack(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	infer_stack(c, node, MEANING_KSTACK);
}

static void infer_ustack(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	infer_stack(c, node, MEANING_USTACK);
}

static void check_stack(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *depth;
	const char *mode;

	find_arguments(node, &mode, &depth);
	if (depth && depth_of(node) == 0)
		diag_error(c->diags, depth->span, "a stack has 1 to %d frames", STACK_FRAMES_MOST);
}

/* For compatibility the mode is taken: nothing of the kernel's has a build id of its own. */
static void check_kstack(struct compilation *c, struct unit *unit, struct node *node)
{
	struct node *depth;
	const char *mode;

	find_arguments(node, &mode, &depth);
	if (mode && strcmp(mode, "build_id") == 0)
		diag_warning(c->diags, node->span,
			"the mode build_id is for ustack: addresses are shown, as in the mode raw");
	tracing_need(c, unit);
	check_stack(c, unit, node);
}

static struct value emit_kstack(struct emitter *e, struct node *node)
{
	return value_register(node->type, stack_take(e, STACK_OF_KERNEL, depth_of(node)));
}

static struct value emit_ustack(struct emitter *e, struct node *node)
{
	return value_register(node->type, stack_take(e, STACK_OF_PROCESS, depth_of(node)));
}

/* --- single addresses --- */

static void infer_ksym(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	node->type = types_with_meaning(c->types, MEANING_KSYM, type_uint64(c), NULL);
}

static void infer_usym(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	node->type = types_with_meaning(c->types, MEANING_USYM, type_uint64(c), NULL);
	c->stack_depth = MAX(c->stack_depth, 1u);
}

static struct value emit_ksym(struct emitter *e, struct node *node)
{
	return value_register(node->type, expr_register(e, node_call(node)->arguments));
}

static struct value emit_usym(struct emitter *e, struct node *node)
{
	LLVMValueRef address = expr_register(e, node_call(node)->arguments);

	return value_register(node->type, stack_take_address(e, address));
}

const struct builtin builtins_stack[] = {
	{
		.name = "kstack",
		.doc = "the kernel's stack, at most so many frames, in a mode of printing it",
		.prototypes = {"kstack uint64", "kstack([const int depth]) uint64",
			"kstack(bpftrace|perf|raw|build_id mode, [const int depth]) uint64"},
		.infer = infer_kstack,
		.check = check_kstack,
		.emit = emit_kstack,
	},
	{
		.name = "ustack",
		.doc = "the process's stack, at most so many frames, in a mode of printing it",
		.prototypes = {"ustack uint64", "ustack([const int depth]) uint64",
			"ustack(bpftrace|perf|raw|build_id mode, [const int depth]) uint64"},
		.infer = infer_ustack,
		.check = check_stack,
		.emit = emit_ustack,
	},
	{
		.name = "ksym",
		.doc = "the name of the kernel's symbol at an address",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"ksym(pointer address) uint64"},
		.infer = infer_ksym,
		.emit = emit_ksym,
	},
	{
		.name = "usym",
		.doc = "the name of the symbol at an address of the process",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"usym(pointer address) uint64"},
		.infer = infer_usym,
		.emit = emit_usym,
	},
	{},
};
