/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: reading them from the traced side, comparing them. */
#include "bpftrace/compiler/emit/ir.h"
#include "builtin_table.h"

/* str() of a string is that string; of a pointer, max_strlen bytes or the constant length. */
static void infer_str(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *pointer = node_call(node)->arguments;
	struct node *length = pointer ? pointer->next : NULL;
	uint64_t most = c->settings.max_strlen;
	if (length && length->kind == NODE_INTEGER)
		most = MIN(most, MAX(node_integer(length)->value, UINT64_C(1)));
	node->type = types_string(c->types, most);
}

/* Not read yet: an address, and perhaps a length, which counts the NUL. */
static struct value emit_str(struct emitter *e, struct node *node)
{
	struct node *pointer = node_call(node)->arguments;
	struct node *length = pointer->next;
	if (types_class(e->c->types, pointer->type) == TYPE_STRING) {
		struct value string = expr_emit(e, pointer);
		if (string.where == WHERE_MEMORY) {
			string.where = WHERE_KERNEL;
			string.llvm = LLVMBuildPtrToInt(e->builder, string.llvm, e->i64, "");
		}
		string.type = node->type;
		string.marks_cut = !length;
		return string;
	}
	bool user = types_class(e->c->types, pointer->type) == TYPE_POINTER &&
		    types_space(e->c->types, pointer->type) == ADDRESS_USER;
	struct value string = {
		.type = node->type,
		.where = user ? WHERE_USER : WHERE_KERNEL,
		.llvm = expr_register(e, pointer),
		.marks_cut = !length || length->kind != NODE_INTEGER,
	};
	if (length && length->kind != NODE_INTEGER)
		string.length = expr_register(e, length);
	return string;
}

static struct value emit_strncmp(struct emitter *e, struct node *node)
{
	struct node *a = node_call(node)->arguments, *b = a->next;
	uint64_t limit = node_integer(b->next)->value;
	if (!limit)
		return value_register(node->type, ir_const(e, 0));
	LLVMValueRef equal = strings_equal(e, a, b, limit);
	return value_register(node->type, ir_extend(e, LLVMBuildNot(e->builder, equal, ""), false));
}

const struct builtin builtins_string[] = {
	{
		.name = "str",
		.doc = "the NUL-terminated string at an address, up to length bytes with the NUL",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"str(pointer address, [int length]) string",
			"str(string text, [int length]) string"},
		.infer = infer_str,
		.emit = emit_str,
	},
	{
		.name = "strncmp",
		.doc = "0 when the first length bytes of two strings are equal, otherwise not 0",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"strncmp(string a, string b, const int length) int64"},
		.emit = emit_strncmp,
	},
	{},
};
