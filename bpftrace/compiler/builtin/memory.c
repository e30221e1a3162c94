/* SPDX-License-Identifier: Apache-2.0 */
/* Memory as it is: runs of bytes, and what pointers point into. */
#include "bpftrace/compiler/bind/constant.h"
#include "bpftrace/compiler/bind/typename.h"
#include "bpftrace/compiler/emit/ir.h"
#include "builtin_table.h"

/* --- buf --- */

/* What buf() is to read. */
struct bytes_source {
	struct node *node, *length;
	uint32_t room; /* of the result: bytes */
};

/* Bytes that are there, as far as the type says it; UINT32_MAX where an address leads to them. */
static uint64_t own_size(struct compilation *c, struct node *node)
{
	switch (types_class(c->types, node->type)) {
	case TYPE_STRING:
		if (node->kind == NODE_STRING)
			return node_string(node)->length;
		return types_size(c->types, node->type);
	case TYPE_ARRAY: return types_size(c->types, node->type);
	default: return UINT32_MAX;
	}
}

static bool is_address(struct compilation *c, uint32_t type)
{
	return types_is_integer(c->types, type) || types_class(c->types, type) == TYPE_POINTER;
}

static struct bytes_source source_of(struct compilation *c, struct node *call)
{
	struct bytes_source source = {.node = node_call(call)->arguments};
	source.length = source.node->next;
	uint64_t most = c->settings.max_strlen, wanted = own_size(c, source.node);
	int64_t length;
	if (source.length && constant_integer(source.length, &length) && length >= 0)
		wanted = MIN(wanted, (uint64_t)length);
	else if (!source.length && is_address(c, source.node->type))
		wanted = most;
	source.room = MAX(MIN(wanted, most), UINT64_C(1));
	return source;
}

static void infer_buf(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	if (node_call(node)->arguments)
		node->type = types_buf(c->types, source_of(c, node).room);
}

static void check_buf(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *first = node_call(node)->arguments;
	enum type_class class = types_class(c->types, first->type);
	if (class != TYPE_STRING && class != TYPE_ARRAY && !is_address(c, first->type))
		diag_error(c->diags, first->span,
			"buf: argument 1 (bytes) must be a pointer, an integer, an array or a "
			"string, found %s",
			typename_spell(c, first->type));
}

/* How many bytes are wanted (i64). */
static LLVMValueRef wanted_length(struct emitter *e, const struct bytes_source *source)
{
	int64_t length;
	if (!source->length && is_address(e->c, source->node->type))
		return ir_const(e, source->room);
	if (!source->length)
		return ir_const(e, own_size(e->c, source->node));
	if (constant_integer(source->length, &length))
		return ir_const(e, length);
	return expr_register(e, source->length);
}

static bool is_user(const struct emitter *e, uint32_t type)
{
	return types_class(e->c->types, type) == TYPE_POINTER &&
	       types_space(e->c->types, type) == ADDRESS_USER;
}

/* Where the bytes of an address, an array or a literal are. */
static struct value locate(struct emitter *e, struct node *node)
{
	struct value value = expr_emit(e, node);
	if (is_address(e->c, node->type)) {
		value.llvm = access_load(e, value);
		value.where = is_user(e, node->type) ? WHERE_USER : WHERE_KERNEL;
		return value;
	}
	if (value.where == WHERE_USER || value.where == WHERE_KERNEL)
		return value;
	value.where = WHERE_KERNEL;
	value.llvm = LLVMBuildPtrToInt(e->builder, value.llvm, e->i64, "");
	return value;
}

/* Reads length bytes and returns how many were read: all, or none at a bad address. */
static LLVMValueRef read_bytes(
	struct emitter *e, struct value source, LLVMValueRef to, LLVMValueRef length)
{
	enum helper helper =
		source.where == WHERE_USER ? HELPER_probe_read_user : HELPER_probe_read;
	LLVMValueRef room = LLVMBuildTrunc(e->builder, length, e->i32, "");
	LLVMValueRef result = helper_call(e, helper, HELPER_ARGS(to, room, source.llvm));
	LLVMValueRef failed = ir_compare(e, LLVMIntNE, result, ir_const(e, 0));
	return LLVMBuildSelect(e->builder, failed, ir_const(e, 0), length, "");
}

/* The characters of a string. */
static LLVMValueRef read_characters(struct emitter *e, const struct bytes_source *source,
	LLVMValueRef to, LLVMValueRef wanted, uint32_t room)
{
	struct value string = strings_unread(e, expr_emit(e, source->node));
	LLVMValueRef fewer =
		string.length ? ir_compare(e, LLVMIntULT, string.length, wanted) : NULL;
	if (fewer)
		wanted = LLVMBuildSelect(e->builder, fewer, string.length, wanted, "");
	string.length = wanted;
	return strings_read(
		e, string, (struct place){.type = types_string(e->c->types, room), .address = to});
}

static void emit_buf(struct emitter *e, struct node *node, struct place place)
{
	struct bytes_source source = source_of(e->c, node);
	enum type_class class = types_class(e->c->types, source.node->type);
	LLVMValueRef data = ir_offset(e, place.address, sizeof(uint32_t));
	LLVMValueRef wanted = wanted_length(e, &source);
	debug_location(e, node->span);
	if (strings_pads(e, place))
		strings_fill(e, place.address, types_size(e->c->types, place.type));
	LLVMValueRef length, limit = ir_const(e, source.room);
	if (class == TYPE_STRING && source.node->kind != NODE_STRING)
		length = read_characters(e, &source, data, wanted, source.room);
	else
		length = read_bytes(e, locate(e, source.node), data,
			ir_bound(e, wanted, MIN(source.room, own_size(e->c, source.node))));
	LLVMValueRef more = ir_compare(e, LLVMIntUGT, wanted, limit);
	LLVMValueRef full = ir_compare(e, LLVMIntEQ, length, limit);
	LLVMValueRef cut = LLVMBuildAnd(e->builder, more, full, "");
	LLVMValueRef mark =
		LLVMBuildSelect(e->builder, cut, ir_const(e, BUF_WAS_CUT), ir_const(e, 0), "");
	ir_store(e, place.address, LLVMBuildOr(e->builder, length, mark, ""), sizeof(uint32_t));
}

/* --- address spaces --- */

/* A pointer to the same thing, of the same size in memory, in the space given. */
static void infer_space(struct compilation *c, struct node *node, enum address_space space)
{
	struct node *pointer = node_call(node)->arguments;
	if (!pointer || !pointer->type)
		return;
	uint32_t to = types_class(c->types, pointer->type) == TYPE_POINTER
			      ? types_pointee(c->types, pointer->type)
			      : types_integer(c->types, 8, false);
	node->type = types_pointer(c->types, to, space);
}

static void infer_uptr(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	infer_space(c, node, ADDRESS_USER);
}

static void infer_kptr(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	infer_space(c, node, ADDRESS_KERNEL);
}

static struct value emit_pointer(struct emitter *e, struct node *node)
{
	return value_register(node->type, expr_register(e, node_call(node)->arguments));
}

const struct builtin builtins_memory[] = {
	{
		.name = "buf",
		.doc = "length bytes of memory, an array or a string, max_strlen at the most",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"buf(any bytes, [int length]) any"},
		.infer = infer_buf,
		.check = check_buf,
		.emit_into = emit_buf,
	},
	{
		.name = "uptr",
		.doc = "the pointer as one into the memory of the traced process",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"uptr(pointer address) same"},
		.infer = infer_uptr,
		.emit = emit_pointer,
	},
	{
		.name = "kptr",
		.doc = "the pointer as one into the memory of the kernel",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"kptr(pointer address) same"},
		.infer = infer_kptr,
		.emit = emit_pointer,
	},
	{},
};
