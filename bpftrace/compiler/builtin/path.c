/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path(): the kernel spells a struct path itself, but only a trusted one: it must be reached from
 * the program's own context by members alone. Such a chain is read here word by word, instead of by
 * the helpers for untrusted memory, so that the verifier follows the types. A variable in the chain
 * is replaced by the chain that it was assigned, which is read once more.
 */
#include <limits.h>
#include <string.h>

#include "bpftrace/compiler/bind/constant.h"
#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/helper.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/variable.h"
#include "builtin_table.h"

/* Whether the node is a variable of the context: args and ctx (BUILTIN_USES_ARGS), or retval
 * (BUILTIN_USES_VALUES), which is the member of that name of the unit's args. */
static bool is_of_context(struct node *node, unsigned flags)
{
	const struct builtin *builtin =
		node->kind == NODE_IDENTIFIER ? node_identifier(node)->builtin : NULL;

	return builtin && builtin->flags & flags;
}

static struct node *taken_address(struct node *node)
{
	bool is_address = node->kind == NODE_UNARY && node_unary(node)->op == OPERATOR_ADDRESS_OF;

	return is_address ? node_unary(node)->operand : node;
}

struct assignments {
	const struct variable *variable;
	struct node *value;
	size_t count;
};

static bool is_use(const struct assignments *assignments, struct node *node)
{
	return node->kind == NODE_VARIABLE &&
	       node_variable_use(node)->variable == assignments->variable;
}

static void note_assignment(
	struct assignments *assignments, struct node *target, struct node *value)
{
	if (!is_use(assignments, target))
		return;
	assignments->value = value;
	assignments->count++;
}

static bool visit_assignment(struct node *node, void *context)
{
	if (node->kind == NODE_ASSIGN)
		note_assignment(context, node_assign(node)->target,
			node_assign(node)->op == OPERATOR_NONE ? node_assign(node)->value : NULL);
	else if (node->kind == NODE_LET && node_let(node)->value)
		note_assignment(context, node_let(node)->variable, node_let(node)->value);
	else if (node->kind == NODE_UNARY && node_unary(node)->op >= OPERATOR_PRE_INCREMENT)
		note_assignment(context, node_unary(node)->operand, NULL);
	return true;
}

/* What the variable is assigned at the only place that does; else NULL. */
static struct node *assigned_value(const struct unit *unit, struct node *node)
{
	struct assignments assignments = {.variable = node_variable_use(node)->variable};

	node_walk(unit->probe->body, visit_assignment, &assignments);
	return assignments.count == 1 ? assignments.value : NULL;
}

static bool points_to_pointer(const struct compilation *c, uint32_t type)
{
	return types_class(c->types, types_pointee(c->types, type)) == TYPE_POINTER;
}

/* Whether members alone lead to it from args, retval or ctx, with variables between them. */
static bool is_member_chain(const struct compilation *c, const struct unit *unit, struct node *node)
{
	size_t variables = unit->variables.count;

	while (node) {
		node = taken_address(node);
		if (points_to_pointer(c, node->type))
			return false;
		if (node->kind == NODE_MEMBER)
			node = node_member(node)->object;
		else if (node->kind == NODE_VARIABLE && variables--)
			node = assigned_value(unit, node);
		else
			break;
	}
	return node && is_of_context(node, BUILTIN_USES_ARGS | BUILTIN_USES_VALUES);
}

static bool is_path(const struct compilation *c, uint32_t type)
{
	_cleanup_str_ struct str text = STR_INIT;

	if (types_class(c->types, type) == TYPE_POINTER)
		type = types_pointee(c->types, type);
	types_spell(c->types, types_strip(c->types, type), &text);
	return strcmp(str_text(&text), "struct path") == 0;
}

static void check_path(struct compilation *c, struct unit *unit, struct node *node)
{
	struct node *argument = node_call(node)->arguments;

	if (!argument->type)
		return;
	if (!is_path(c, argument->type)) {
		diag_error(c->diags, argument->span, "path() takes a struct path");
		return;
	}
	if (is_member_chain(c, unit, argument))
		return;
	diag_error(c->diags, argument->span,
		"path() requires a chain of members that begins at args, retval or ctx");
	diag_hint(c->diags, "pass the chain itself, as in path(args.file->f_path), or a variable "
			    "that is assigned it once");
}

/* The most bytes, with the NUL. */
static int64_t wanted_size(struct node *node, int64_t otherwise)
{
	struct node *size = node_call(node)->arguments ? node_call(node)->arguments->next : NULL;
	int64_t wanted = otherwise;

	return size && constant_integer(size, &wanted) ? wanted : otherwise;
}

static void infer_path(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	int64_t size = wanted_size(node, (int64_t)c->settings.max_strlen);

	node->type = types_string(c->types, (uint32_t)MIN(MAX(size, 1), PATH_MAX));
}

/* A path that is longer than the size that is given keeps its end. */
static LLVMValueRef left_out(struct emitter *e, struct node *node, LLVMValueRef length)
{
	LLVMValueRef size = ir_const(e, types_size(e->c->types, node->type));
	LLVMValueRef is_longer = ir_compare(e, LLVMIntSGT, length, size);
	LLVMValueRef more = LLVMBuildSub(e->builder, length, size, "");

	more = LLVMBuildSelect(e->builder, is_longer, more, ir_const(e, 0), "");
	return ir_bound(e, more, PATH_MAX);
}

static LLVMValueRef load_word(struct emitter *e, LLVMValueRef at)
{
	return ir_load_volatile(e, at, sizeof(uint64_t), false);
}

/* Goes on only when the word is not 0. */
static void branch_if_zero(struct emitter *e, LLVMValueRef word, LLVMBasicBlockRef none)
{
	LLVMBasicBlockRef there = ir_block(e, "there");

	ir_branch(e, ir_compare(e, LLVMIntNE, word, ir_const(e, 0)), there, none);
	ir_begin(e, there);
}

/* The chain that a variable was assigned; jumps to none while it holds zeros, before the
 * assignment. */
static struct node *chain_of(struct emitter *e, struct node *node, LLVMBasicBlockRef none)
{
	struct place place = variable_place(e, node_variable_use(node)->variable);

	branch_if_zero(e, load_word(e, place.address), none);
	return assigned_value(e->unit, node);
}

static LLVMValueRef typed_pointer(struct emitter *e, struct node *node, LLVMBasicBlockRef none);

/* The address of a member, as a pointer. */
static LLVMValueRef typed_place(struct emitter *e, struct node *node, LLVMBasicBlockRef none)
{
	struct types *types = e->c->types;

	if (node->kind == NODE_VARIABLE)
		return typed_place(e, chain_of(e, node, none), none);
	struct node *object = node_member(node)->object;
	bool is_arrow = types_class(types, object->type) == TYPE_POINTER;
	uint32_t holder = object->type;
	LLVMValueRef base;
	struct types_member member = {};

	if (builtin_is_args(object))
		base = e->function->context;
	else if (is_arrow)
		base = typed_pointer(e, object, none);
	else
		base = typed_place(e, object, none);
	if (is_arrow)
		holder = types_complete(types, types_pointee(types, holder));
	types_member(types, holder, node_member(node)->name, &member);
	return access_within(e, base, access_offset(e, member));
}

/* The value of a pointer; jumps to none when it is NULL. */
static LLVMValueRef typed_pointer(struct emitter *e, struct node *node, LLVMBasicBlockRef none)
{
	struct types_member member = {};
	LLVMValueRef word;

	if (is_of_context(node, BUILTIN_USES_ARGS))
		return e->function->context;
	if (node->kind == NODE_VARIABLE)
		return typed_pointer(e, chain_of(e, node, none), none);
	if (node->kind == NODE_UNARY)
		return typed_place(e, taken_address(node), none);
	if (is_of_context(node, BUILTIN_USES_VALUES)) {
		types_member(e->c->types, e->unit->args, node_identifier(node)->name, &member);
		word = load_word(
			e, access_within(e, e->function->context, access_offset(e, member)));
	} else {
		word = load_word(e, typed_place(e, node, none));
	}
	branch_if_zero(e, word, none);
	return LLVMBuildIntToPtr(e->builder, word, e->pointer, "");
}

/* The kernel leaves bytes behind the text, so it is a string that is still to be read; that is
 * where it is cut, since the kernel does not cut a path. */
static struct value emit_path(struct emitter *e, struct node *node)
{
	struct node *argument = node_call(node)->arguments;
	bool is_pointer = types_class(e->c->types, argument->type) == TYPE_POINTER;
	LLVMValueRef room = variable_scratch(e, PATH_MAX);
	LLVMValueRef spelled = variable_stack(e, sizeof(uint64_t));
	LLVMBasicBlockRef done = ir_block(e, "done");

	ir_store(e, spelled, ir_const(e, 0), sizeof(uint64_t));
	ir_store(e, room, ir_const(e, 0), 1);
	LLVMValueRef path =
		is_pointer ? typed_pointer(e, argument, done) : typed_place(e, argument, done);
	LLVMValueRef length =
		helper_call(e, HELPER_d_path, HELPER_ARGS(path, room, ir_const32(e, PATH_MAX)));
	LLVMBasicBlockRef failed = ir_block(e, "no_path");

	ir_store(e, spelled, length, sizeof(uint64_t));
	ir_branch(e, ir_compare(e, LLVMIntSLT, length, ir_const(e, 0)), failed, done);
	ir_begin(e, failed);
	ir_store(e, room, ir_const(e, 0), 1);
	ir_jump(e, done);
	ir_begin(e, done);
	LLVMValueRef address = LLVMBuildPtrToInt(e->builder, room, e->i64, "");

	if (node_call(node)->arguments->next)
		address = LLVMBuildAdd(e->builder, address,
			left_out(e, node, ir_load(e, spelled, sizeof(uint64_t), true)), "");
	return (struct value){
		.type = node->type,
		.storage = STORAGE_KERNEL,
		.llvm = address,
		.may_fill = true,
	};
}

/* --- socket_cookie --- */

static void check_cookie(struct compilation *c, struct unit *unit, struct node *node)
{
	struct node *argument = node_call(node)->arguments;

	if (types_class(c->types, argument->type) == TYPE_POINTER &&
		is_member_chain(c, unit, argument))
		return;
	diag_error(c->diags, argument->span,
		"socket_cookie() requires a pointer that members lead to from args, retval or ctx");
	diag_hint(c->diags, "as in socket_cookie(args.sk)");
}

static struct value emit_cookie(struct emitter *e, struct node *node)
{
	LLVMValueRef found = variable_stack(e, sizeof(uint64_t));
	LLVMBasicBlockRef none = ir_block(e, "no_socket");

	ir_store(e, found, ir_const(e, 0), sizeof(uint64_t));
	LLVMValueRef socket = typed_pointer(e, node_call(node)->arguments, none);

	ir_store(e, found, helper_call(e, HELPER_get_socket_cookie, HELPER_ARGS(socket)),
		sizeof(uint64_t));
	ir_jump(e, none);
	ir_begin(e, none);
	return value_register(node->type, ir_load(e, found, sizeof(uint64_t), false));
}

const struct builtin builtins_path[] = {
	{
		.name = "socket_cookie",
		.doc = "number of a socket that no other one has, 0 without a socket",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.contexts = CONTEXT_BIT(CONTEXT_FENTRY) | CONTEXT_BIT(CONTEXT_FEXIT) |
			    CONTEXT_BIT(CONTEXT_ITER),
		.where = "kfuncs, kretfuncs and iterators",
		.needs = "Linux 5.12",
		.prototypes = {"socket_cookie(pointer socket) uint64"},
		.check = check_cookie,
		.emit = emit_cookie,
	},
	{
		.name = "path",
		.doc = "full path of a file: path(args.file->f_path)",
		.kind = BUILTIN_FUNCTION,
		.contexts = CONTEXT_BIT(CONTEXT_FENTRY) | CONTEXT_BIT(CONTEXT_FEXIT) |
			    CONTEXT_BIT(CONTEXT_ITER),
		.where = "kfuncs, kretfuncs and iterators",
		.prototypes = {"path(any path, [const int size]) string"},
		.infer = infer_path,
		.check = check_path,
		.emit = emit_path,
	},
	{},
};
