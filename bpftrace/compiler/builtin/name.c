/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers with names, which stay numbers until a program or user space needs the name. */
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/helper.h"
#include "bpftrace/compiler/emit/ir.h"
#include "libcommon/types/number_names.h"
#include "builtin_table.h"

/* --- errors, signals, system calls --- */

static void infer_named(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	enum meaning meaning;

	if (meaning_find(node_call(node)->name, &meaning))
		node->type = types_with_meaning(c->types, meaning, type_uint64(c), NULL);
}

/* All numbers without a name are one, so that equal texts are equal values. */
static void store_named(
	struct emitter *e, struct node *node, LLVMValueRef number, struct place place)
{
	enum meaning meaning = types_meaning_of(e->c->types, node->type);
	LLVMValueRef count = ir_const(e, number_names_count(meaning, e->arch));
	LLVMValueRef has_name = ir_compare(e, LLVMIntULT, number, count);

	number = LLVMBuildSelect(e->builder, has_name, number, count, "");
	ir_store(e, place.address, number, sizeof(uint64_t));
}

static void emit_named(struct emitter *e, struct node *node, struct place place)
{
	store_named(e, node, expr_register(e, node_call(node)->arguments), place);
}

/* The kernel's functions return errors as negative numbers. */
static void emit_error(struct emitter *e, struct node *node, struct place place)
{
	LLVMValueRef number = expr_register(e, node_call(node)->arguments);
	LLVMValueRef negative = ir_compare(e, LLVMIntSLT, number, ir_const(e, 0));

	number = LLVMBuildSelect(
		e->builder, negative, LLVMBuildNeg(e->builder, number, ""), number, "");
	store_named(e, node, number, place);
}

/* --- users --- */

static void infer_username(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	node->type = types_with_meaning(c->types, MEANING_USERNAME, type_uint64(c), NULL);
}

static void emit_username(struct emitter *e, struct node *node _unused_, struct place place)
{
	LLVMValueRef both = helper_call(e, HELPER_get_current_uid_gid, NULL, 0);
	LLVMValueRef user = LLVMBuildAnd(e->builder, both, ir_const(e, UINT32_MAX), "");

	ir_store(e, place.address, user, sizeof(uint64_t));
}

const struct builtin builtins_name[] = {
	{
		.name = "strerror",
		.doc = "text of an error's number, as a kernel's function returns it (-2) or as "
		       "errno has it (2)",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"strerror(int error) strerror"},
		.infer = infer_named,
		.emit_into = emit_error,
	},
	{
		.name = "errno_name",
		.doc = "name of an error's number: ENOENT for 2 and -2",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"errno_name(int error) errno_name"},
		.infer = infer_named,
		.emit_into = emit_error,
	},
	{
		.name = "signal_name",
		.doc = "text of a signal's number, as strsignal(3) has it",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"signal_name(int signal) signal_name"},
		.infer = infer_named,
		.emit_into = emit_named,
	},
	{
		.name = "syscall_name",
		.doc = "name of a system call's number on this architecture",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"syscall_name(int number) syscall_name"},
		.infer = infer_named,
		.emit_into = emit_named,
	},
	{
		.name = "username",
		.doc = "name of the user that the process runs as",
		.flags = BUILTIN_NEWER,
		.prototypes = {"username username"},
		.infer = infer_username,
		.emit_into = emit_username,
	},
	{},
};
