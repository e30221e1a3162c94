/* SPDX-License-Identifier: Apache-2.0 */
/* Strings by parts of other strings, positions in them, and the order of bytes. */
#include <string.h>

#include "bpftrace/compiler/bind/constant.h"
#include "bpftrace/compiler/bind/infer.h"
#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/search.h"
#include "bpftrace/compiler/emit/strings.h"
#include "bpftrace/compiler/emit/variable.h"
#include "builtin_table.h"

enum {
	CONCATENATED_MAX = 1024, /* bytes, unless max_strlen is more */
	COMPARED_MAX = 65536,
};

static uint32_t size_of(const struct emitter *e, struct node *node)
{
	return types_size(e->c->types, node->type);
}

/* Reads the string to an address with room for all of its bytes; returns how many characters. */
static LLVMValueRef read_text(struct emitter *e, struct node *text, LLVMValueRef to)
{
	struct place place = {
		.type = types_string(e->c->types, size_of(e, text)),
		.address = to,
	};

	return strings_read(e, strings_unread(e, expr_emit(e, text)), place);
}

/* A string in memory, not read yet, since nothing is known of the bytes behind it. */
static struct value unread(struct emitter *e, uint32_t type, LLVMValueRef memory)
{
	return (struct value){
		.type = type,
		.storage = STORAGE_KERNEL,
		.llvm = LLVMBuildPtrToInt(e->builder, memory, e->i64, ""),
		.may_fill = true,
	};
}

static LLVMValueRef smaller(
	struct emitter *e, LLVMIntPredicate less, LLVMValueRef a, LLVMValueRef b)
{
	return LLVMBuildSelect(e->builder, ir_compare(e, less, a, b), a, b, "");
}

static LLVMValueRef at_least_zero(struct emitter *e, LLVMValueRef number)
{
	LLVMValueRef zero = ir_const(e, 0);

	return LLVMBuildSelect(
		e->builder, ir_compare(e, LLVMIntSLT, number, zero), zero, number, "");
}

/* --- strstr, strcap --- */

static struct value emit_strstr(struct emitter *e, struct node *node)
{
	struct node *haystack = node_call(node)->arguments, *needle = haystack->next;

	return value_register(node->type, search_index(e, haystack, needle));
}

static struct value emit_strcap(struct emitter *e, struct node *node)
{
	return value_register(node->type, ir_const(e, size_of(e, node_call(node)->arguments)));
}

/* --- str_concat --- */

static void infer_concat(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *a = node_call(node)->arguments, *b = a ? a->next : NULL;
	uint32_t most = MAX((uint32_t)c->settings.max_strlen, (uint32_t)CONCATENATED_MAX), size = 1;

	for (struct node *text = a; text && b; text = text->next)
		size += MAX(types_size(c->types, infer_text(c, text->type)), 1u) - 1;
	node->type = types_string(c->types, MIN(size, most));
}

static struct value emit_concat(struct emitter *e, struct node *node)
{
	struct node *a = node_call(node)->arguments, *b = a->next;
	LLVMValueRef room = variable_scratch(e, size_of(e, a) + size_of(e, b) + 1);
	LLVMValueRef first = ir_bound(e, read_text(e, a, room), size_of(e, a));
	LLVMValueRef behind = ir_offset_value(e, room, first);
	LLVMValueRef second = ir_bound(e, read_text(e, b, behind), size_of(e, b));

	ir_store(e, ir_offset_value(e, behind, second), ir_const(e, 0), 1);
	return unread(e, node->type, room);
}

/* --- substr --- */

/* A constant length says how large the result is. */
static void infer_substr(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *text = node_call(node)->arguments, *start = text ? text->next : NULL;
	uint32_t size = text ? types_size(c->types, infer_text(c, text->type)) : 0;
	int64_t length;

	if (start && start->next && constant_integer(start->next, &length) && length >= 0 &&
		(uint64_t)length < size)
		size = (uint32_t)length + 1;
	node->type = types_string(c->types, MAX(size, 1u));
}

/* From the start on, or from the end backwards; within the text. */
static LLVMValueRef place_in(struct emitter *e, LLVMValueRef start, LLVMValueRef length)
{
	LLVMValueRef from_end = LLVMBuildAdd(e->builder, start, length, "");
	LLVMValueRef is_negative = ir_compare(e, LLVMIntSLT, start, ir_const(e, 0));

	start = LLVMBuildSelect(e->builder, is_negative, from_end, start, "");
	return smaller(e, LLVMIntSLT, at_least_zero(e, start), length);
}

static struct value emit_substr(struct emitter *e, struct node *node)
{
	struct node *text = node_call(node)->arguments, *start = text->next;
	LLVMValueRef room = variable_scratch(e, size_of(e, text));
	LLVMValueRef length = read_text(e, text, room);
	LLVMValueRef begin = place_in(e, expr_register(e, start), length);
	LLVMValueRef rest = LLVMBuildSub(e->builder, length, begin, "");
	struct value part = unread(e, node->type, room);

	part.llvm = LLVMBuildAdd(e->builder, part.llvm, begin, "");
	if (start->next)
		rest = smaller(
			e, LLVMIntSLT, at_least_zero(e, expr_register(e, start->next)), rest);
	part.length = rest;
	return part;
}

/* --- memcmp --- */

static bool is_address(struct compilation *c, const struct node *node)
{
	return types_class(c->types, node->type) == TYPE_POINTER;
}

static void check_memcmp(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *first = node_call(node)->arguments, *length = first->next->next;
	int64_t count;

	if (constant_integer(length, &count) && (count < 0 || count > COMPARED_MAX))
		diag_error(c->diags, length->span, "memcmp: the length must be from 0 to %d",
			COMPARED_MAX);
	for (struct node *bytes = first; bytes != length; bytes = bytes->next) {
		uint32_t size = types_size(c->types, bytes->type);

		if (!is_address(c, bytes) && count > size)
			diag_error(c->diags, bytes->span,
				"memcmp: this has %u bytes, %lld are to be compared", size,
				(long long)count);
	}
}

/* Copies the first count bytes to scratch memory, with zeros to the end of the last word. */
static LLVMValueRef first_bytes(struct emitter *e, struct node *node, uint32_t count)
{
	uint32_t whole = ALIGN_UP(count, 8u);
	LLVMValueRef room = variable_scratch(e, MAX(whole, size_of(e, node)));
	struct place place = {.type = node->type, .address = room, .padding = PADDING_ALL};
	bool user = is_address(e->c, node) && types_space(e->c->types, node->type) == ADDRESS_USER;

	if (is_address(e->c, node))
		access_read(e, user ? STORAGE_USER : STORAGE_KERNEL, room, count,
			expr_register(e, node));
	else
		expr_into(e, node, place);
	strings_fill(e, ir_offset(e, room, count), whole - count);
	return room;
}

static LLVMValueRef big_endian(struct emitter *e, LLVMValueRef word)
{
	unsigned id = LLVMLookupIntrinsicID("llvm.bswap", strlen("llvm.bswap"));
	LLVMValueRef function = LLVMGetIntrinsicDeclaration(e->module, id, &e->i64, 1);
	LLVMTypeRef type = LLVMFunctionType(e->i64, &e->i64, 1, false);

	return LLVMBuildCall2(e->builder, type, function, &word, 1, "");
}

/* The sign of the first different byte, which counts most of a big-endian word. */
static LLVMValueRef sign_of(struct emitter *e, LLVMValueRef a, LLVMValueRef b)
{
	LLVMValueRef below = ir_compare(e, LLVMIntULT, big_endian(e, a), big_endian(e, b));

	return LLVMBuildSelect(e->builder, below, ir_const(e, (uint64_t)-1), ir_const(e, 1), "");
}

/* Goes through the words until two differ. */
static LLVMValueRef compare_words(struct emitter *e, LLVMValueRef a, LLVMValueRef b, uint32_t words)
{
	LLVMBasicBlockRef before = ir_here(e), body = ir_block(e, "compare");
	LLVMBasicBlockRef differ = ir_block(e, "differ"), same = ir_block(e, "same");
	LLVMBasicBlockRef done = ir_block(e, "compared");
	LLVMValueRef zero = ir_const(e, 0);

	ir_jump(e, body);
	ir_begin(e, body);
	LLVMValueRef index = ir_phi(e, e->i64, &zero, &before, 1);
	LLVMValueRef left = ir_load(e, ir_behind(e, a, index), sizeof(uint64_t), false);
	LLVMValueRef right = ir_load(e, ir_behind(e, b, index), sizeof(uint64_t), false);
	LLVMValueRef next = LLVMBuildAdd(e->builder, index, ir_const(e, 1), "");

	ir_branch(e, ir_compare(e, LLVMIntEQ, left, right), same, differ);
	ir_begin(e, same);
	LLVMAddIncoming(index, &next, &same, 1);
	ir_branch(e, ir_compare(e, LLVMIntULT, next, ir_const(e, words)), body, done);
	ir_begin(e, differ);
	LLVMValueRef values[] = {sign_of(e, left, right), zero};
	LLVMBasicBlockRef blocks[] = {ir_here(e), same};

	ir_jump(e, done);
	ir_begin(e, done);
	return ir_phi(e, e->i64, values, blocks, 2);
}

static struct value emit_memcmp(struct emitter *e, struct node *node)
{
	struct node *first = node_call(node)->arguments, *second = first->next;
	int64_t count = 0;

	constant_integer(second->next, &count);
	if (!count)
		return value_register(node->type, ir_const(e, 0));
	LLVMValueRef a = first_bytes(e, first, (uint32_t)count);
	LLVMValueRef b = first_bytes(e, second, (uint32_t)count);

	return value_register(
		node->type, compare_words(e, a, b, ALIGN_UP((uint32_t)count, 8u) / 8));
}

const struct builtin builtins_text[] = {
	{
		.name = "strstr",
		.doc = "where the needle begins in the haystack, -1 when it is not in it",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"strstr(string haystack, string needle) int64"},
		.emit = emit_strstr,
	},
	{
		.name = "strcap",
		.doc = "how many bytes a string has room for, its NUL included",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"strcap(string text) uint64"},
		.emit = emit_strcap,
	},
	{
		.name = "str_concat",
		.doc = "one string behind another one",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"str_concat(string a, string b) string"},
		.infer = infer_concat,
		.emit = emit_concat,
	},
	{
		.name = "substr",
		.doc = "part of a string: from a place on, which counts from 0, or from the end "
		       "if it is negative; all of the rest or length characters",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"substr(string text, int start, [int length]) string"},
		.infer = infer_substr,
		.emit = emit_substr,
	},
	{
		.name = "memcmp",
		.doc = "compares the first length bytes of two values, or those that pointers "
		       "point to: 0, or -1 or 1 as the first different byte is smaller or larger",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"memcmp(any a, any b, const int length) int64"},
		.check = check_memcmp,
		.emit = emit_memcmp,
	},
	{},
};
