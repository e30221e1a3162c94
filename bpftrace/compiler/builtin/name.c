/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that user space spells: errors and users. */
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/helper.h"
#include "bpftrace/compiler/emit/ir.h"
#include "builtin_table.h"

static void infer_strerror(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	node->type = types_with_meaning(c->types, MEANING_STRERROR, type_int64(c), NULL);
}

static void emit_strerror(struct emitter *e, struct node *node, struct place place)
{
	ir_store(e, place.address, expr_register(e, node_call(node)->arguments), sizeof(int64_t));
}

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
		.infer = infer_strerror,
		.emit_into = emit_strerror,
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
