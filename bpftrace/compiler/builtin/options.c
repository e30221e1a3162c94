/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of the script. The runner sets their values before loading: numbers are read as the
 * constants of a run are, so the verifier removes code that an option excludes.
 */
#include "bpftrace/compiler/bind/bind.h"
#include "bpftrace/compiler/bind/constant.h"
#include "bpftrace/compiler/emit/ir.h"
#include "builtin_table.h"

static void infer_getopt(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	const struct script_option *option = options_of_call(c, node_call(node));
	struct node *preset = node_call(node)->arguments ? node_call(node)->arguments->next : NULL;

	if (!option)
		node->type = type_int64(c);
	else if (option->kind == SCRIPT_OPTION_STRING)
		node->type = types_string(c->types, option->size);
	else if (option->kind == SCRIPT_OPTION_BOOL)
		node->type = type_bool(c);
	else
		node->type =
			preset && constant_is_unsigned(preset) ? type_uint64(c) : type_int64(c);
}

/* A string is read where it is; its last byte is a NUL. */
static struct value emit_getopt(struct emitter *e, struct node *node)
{
	const struct script_option *option = options_of_call(e->c, node_call(node));
	LLVMValueRef at = ir_offset(e, e->globals.options, option->offset);

	if (option->kind != SCRIPT_OPTION_STRING)
		return value_register(node->type, ir_load_volatile(e, at, sizeof(uint64_t), false));
	return (struct value){
		.type = node->type,
		.storage = STORAGE_KERNEL,
		.llvm = LLVMBuildPtrToInt(e->builder, at, e->i64, ""),
	};
}

const struct builtin builtins_options[] = {
	{
		.name = "getopt",
		.doc = "the value of an option of the script, --name on the command line",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"getopt(literal name, [any default], [literal help]) any"},
		.infer = infer_getopt,
		.emit = emit_getopt,
	},
	{},
};
