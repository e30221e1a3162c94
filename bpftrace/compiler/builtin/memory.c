/* SPDX-License-Identifier: Apache-2.0 */
/* Memory as it is: runs of bytes, and what pointers point into. */
#include "bpftrace/compiler/bind/constant.h"
#include "bpftrace/compiler/bind/infer.h"
#include "bpftrace/compiler/bind/typename.h"
#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/debug.h"
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/helper.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/strings.h"
#include "builtin_table.h"

/* --- buf --- */

enum bytes_kind {
	BYTES_AT_ADDRESS,
	BYTES_OF_ARRAY,   /* also of chars: all of them */
	BYTES_OF_LITERAL, /* zeros behind its end, as far as the length demands them */
	BYTES_OF_TEXT,    /* the characters of a string */
};

/* What buf() is to read. */
struct bytes_source {
	struct node *node, *length;
	enum bytes_kind kind;
	uint64_t own;  /* bytes that there are, UINT32_MAX where that is not known */
	uint32_t room; /* of the result: bytes */
};

static bool is_address(struct compilation *c, uint32_t type)
{
	return types_is_integer(c->types, type) || types_class(c->types, type) == TYPE_POINTER;
}

static void measure_array(struct compilation *c, struct bytes_source *source, uint32_t type)
{
	uint32_t size = types_size(c->types, type);

	source->kind = BYTES_OF_ARRAY;
	source->own = size ? size : UINT32_MAX;
}

static void measure(struct compilation *c, const struct unit *unit, struct bytes_source *source)
{
	struct node *node = source->node;
	uint32_t array = infer_char_array(c, unit, node);

	source->own = UINT32_MAX;
	if (array || types_class(c->types, node->type) == TYPE_ARRAY) {
		measure_array(c, source, array ? array : node->type);
	} else if (node->kind == NODE_STRING) {
		source->kind = BYTES_OF_LITERAL;
		source->own = node_string(node)->length;
	} else if (types_class(c->types, node->type) == TYPE_STRING) {
		source->kind = BYTES_OF_TEXT;
		source->own = types_size(c->types, node->type);
	}
}

static struct bytes_source source_of(
	struct compilation *c, const struct unit *unit, struct node *call)
{
	struct bytes_source source = {.node = node_call(call)->arguments};
	uint64_t most = c->settings.max_strlen, wanted;
	int64_t length;

	source.length = source.node->next;
	measure(c, unit, &source);
	if (source.kind == BYTES_OF_ARRAY && source.own != UINT32_MAX)
		most = MAX(most, source.own);
	wanted = source.length && source.kind == BYTES_OF_LITERAL ? UINT32_MAX : source.own;
	if (source.length && constant_integer(source.length, &length) && length >= 0)
		wanted = MIN(wanted, (uint64_t)length);
	source.room = MAX(MIN(wanted, most), UINT64_C(1));
	return source;
}

static void infer_buf(struct compilation *c, struct unit *unit, struct node *node)
{
	if (node_call(node)->arguments)
		node->type = types_buf(c->types, source_of(c, unit, node).room);
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

/* How many bytes are wanted (i64): of an array no more than it has. */
static LLVMValueRef wanted_length(struct emitter *e, const struct bytes_source *source)
{
	LLVMValueRef own = ir_const(e, source->own);

	if (!source->length)
		return source->own == UINT32_MAX ? ir_const(e, source->room) : own;
	LLVMValueRef wanted = expr_register(e, source->length);

	if (source->kind != BYTES_OF_ARRAY)
		return wanted;
	return LLVMBuildSelect(e->builder, ir_compare(e, LLVMIntULT, wanted, own), wanted, own, "");
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
		value.storage = is_user(e, node->type) ? STORAGE_USER : STORAGE_KERNEL;
		return value;
	}
	if (value.storage == STORAGE_USER || value.storage == STORAGE_KERNEL)
		return value;
	value.storage = STORAGE_KERNEL;
	value.llvm = LLVMBuildPtrToInt(e->builder, value.llvm, e->i64, "");
	return value;
}

/* Reads length bytes and returns how many were read: all, or none at a bad address. */
static LLVMValueRef read_bytes(
	struct emitter *e, struct value source, LLVMValueRef to, LLVMValueRef length)
{
	enum helper helper =
		source.storage == STORAGE_USER ? HELPER_probe_read_user : HELPER_probe_read;
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

/* The bytes of a literal, and zeros behind them. */
static LLVMValueRef read_literal(
	struct emitter *e, const struct bytes_source *source, LLVMValueRef to, LLVMValueRef wanted)
{
	LLVMValueRef own = ir_bound(e, wanted, MIN(source->own, source->room));

	strings_fill(e, to, source->room);
	read_bytes(e, locate(e, source->node), to, own);
	return ir_bound(e, wanted, source->room);
}

static void emit_buf(struct emitter *e, struct node *node, struct place place)
{
	struct bytes_source source = source_of(e->c, e->unit, node);
	LLVMValueRef data = ir_offset(e, place.address, sizeof(uint32_t));
	LLVMValueRef wanted = wanted_length(e, &source);

	debug_location(e, node->span);
	if (strings_pads(e, place))
		strings_fill(e, place.address, types_size(e->c->types, place.type));
	LLVMValueRef length, limit = ir_const(e, source.room);

	if (source.kind == BYTES_OF_TEXT)
		length = read_characters(e, &source, data, wanted, source.room);
	else if (source.kind == BYTES_OF_LITERAL)
		length = read_literal(e, &source, data, wanted);
	else
		length = read_bytes(
			e, locate(e, source.node), data, ir_bound(e, wanted, source.room));
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
		.doc = "length bytes of memory or a string, max_strlen at the most, or of an array",
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
