/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path(): the kernel spells a struct path itself, but only one that it can trust: the way to it
 * must lead from the program's own context by members alone. Such a way is read here word by word,
 * instead of by the helpers for untrusted memory, so that the verifier follows the types.
 */
#include <string.h>

#include "bpftrace/compiler/emit/ir.h"
#include "builtin_table.h"

static bool is_builtin(const struct node *node, const char *name)
{
	const struct identifier *identifier =
		node->kind == NODE_IDENTIFIER ? node_identifier((struct node *)(uintptr_t)node)
					      : NULL;
	return identifier && identifier->builtin && strcmp(identifier->builtin->name, name) == 0;
}

static struct node *taken_address(struct node *node)
{
	bool is_address = node->kind == NODE_UNARY && node_unary(node)->op == OPERATOR_ADDRESS_OF;
	return is_address ? node_unary(node)->operand : node;
}

/* Whether members alone lead to it from args, retval or ctx. */
static bool is_way(struct node *node)
{
	while (node->kind == NODE_MEMBER)
		node = node_member(node)->object;
	return is_builtin(node, "args") || is_builtin(node, "retval") || is_builtin(node, "ctx");
}

static bool is_path(const struct compilation *c, uint32_t type)
{
	_cleanup_str_ struct str text = STR_INIT;
	if (types_class(c->types, type) == TYPE_POINTER)
		type = types_pointee(c->types, type);
	types_spell(c->types, types_strip(c->types, type), &text);
	return strcmp(str_text(&text), "struct path") == 0;
}

static void check_path(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *argument = node_call(node)->arguments;
	if (!argument->type)
		return;
	if (!is_path(c, argument->type)) {
		diag_error(c->diags, argument->span, "path() takes a struct path");
		return;
	}
	if (is_way(taken_address(argument)))
		return;
	diag_error(c->diags, argument->span,
		"path() takes what members of args, retval or ctx lead to");
	diag_hint(c->diags, "write the way from there in the call itself, without variables");
}

static void infer_path(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	node->type = types_string(c->types, (uint32_t)c->settings.max_strlen);
}

static LLVMValueRef load_word(struct emitter *e, LLVMValueRef at)
{
	return ir_load_context(e, at, sizeof(uint64_t), false);
}

static LLVMValueRef typed_pointer(struct emitter *e, struct node *node, LLVMBasicBlockRef none);

/* Where the member stands, as a pointer. */
static LLVMValueRef typed_place(struct emitter *e, struct node *node, LLVMBasicBlockRef none)
{
	struct types *types = e->c->types;
	struct node *object = node_member(node)->object;
	bool is_arrow = types_class(types, object->type) == TYPE_POINTER;
	uint32_t holder = object->type;
	LLVMValueRef base;
	struct types_member member = {};
	if (is_builtin(object, "args"))
		base = e->function->context;
	else if (is_arrow)
		base = typed_pointer(e, object, none);
	else
		base = typed_place(e, object, none);
	if (is_arrow)
		holder = types_complete(types, types_pointee(types, holder));
	types_member(types, holder, node_member(node)->name, &member);
	return ir_offset(e, base, member.bit_offset / 8);
}

/* What a pointer leads to; goes to none when it is NULL. */
static LLVMValueRef typed_pointer(struct emitter *e, struct node *node, LLVMBasicBlockRef none)
{
	struct types_member member = {};
	LLVMValueRef word;
	if (is_builtin(node, "ctx"))
		return e->function->context;
	if (is_builtin(node, "retval")) {
		types_member(e->c->types, e->unit->args, "retval", &member);
		word = load_word(e, ir_offset(e, e->function->context, member.bit_offset / 8));
	} else {
		word = load_word(e, typed_place(e, node, none));
	}
	LLVMBasicBlockRef there = ir_block(e, "there");
	ir_branch(e, ir_compare(e, LLVMIntNE, word, ir_const(e, 0)), there, none);
	ir_begin(e, there);
	return LLVMBuildIntToPtr(e->builder, word, e->pointer, "");
}

/* The kernel leaves bytes behind the text, so it is a string that is still to be read. */
static struct value emit_path(struct emitter *e, struct node *node)
{
	struct node *argument = node_call(node)->arguments;
	bool is_pointer = types_class(e->c->types, argument->type) == TYPE_POINTER &&
			  argument->kind != NODE_UNARY;
	uint32_t size = types_size(e->c->types, node->type);
	LLVMValueRef room = variable_scratch(e, size);
	LLVMBasicBlockRef done = ir_block(e, "done");
	ir_store(e, room, ir_const(e, 0), 1);
	LLVMValueRef path = is_pointer ? typed_pointer(e, argument, done)
				       : typed_place(e, taken_address(argument), done);
	LLVMValueRef length =
		helper_call(e, HELPER_d_path, HELPER_ARGS(path, room, ir_const32(e, size)));
	LLVMBasicBlockRef failed = ir_block(e, "no_path");
	ir_branch(e, ir_compare(e, LLVMIntSLT, length, ir_const(e, 0)), failed, done);
	ir_begin(e, failed);
	ir_store(e, room, ir_const(e, 0), 1);
	ir_jump(e, done);
	ir_begin(e, done);
	return (struct value){
		.type = node->type,
		.where = WHERE_KERNEL,
		.llvm = LLVMBuildPtrToInt(e->builder, room, e->i64, ""),
	};
}

const struct builtin builtins_path[] = {
	{
		.name = "path",
		.doc = "full path of a file: path(args.file->f_path)",
		.kind = BUILTIN_FUNCTION,
		.contexts = CONTEXT_BIT(CONTEXT_FENTRY) | CONTEXT_BIT(CONTEXT_FEXIT) |
			    CONTEXT_BIT(CONTEXT_ITER),
		.where = "kfuncs, kretfuncs and iterators",
		.prototypes = {"path(any path) string"},
		.infer = infer_path,
		.check = check_path,
		.emit = emit_path,
	},
	{},
};
