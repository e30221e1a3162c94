/* SPDX-License-Identifier: Apache-2.0 */
/*
 * join(): the strings of an array of pointers that ends in a NULL, put together by the program in
 * one text. How many there are and how long they are is bounded, since the verifier follows every
 * round of the loop; what is left out is marked as in other strings.
 */
#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/debug.h"
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/record.h"
#include "bpftrace/compiler/emit/strings.h"
#include "bpftrace/compiler/emit/variable.h"
#include "builtin_table.h"

enum {
	STRINGS_MAX = 128,
	BYTES_MAX = 16384,
	POINTER_BYTES = 8,
};

struct joined {
	struct record_text text;
	enum storage storage;
	LLVMValueRef pointers, index, length; /* i64; length: of what is there already */
	const struct string *delimiter;
	LLVMBasicBlockRef done;
	LLVMValueRef done_length, done_cut; /* where it ends, for whatever reason */
};

static void finish(struct emitter *e, struct joined *joined, LLVMValueRef length, bool cut)
{
	LLVMBasicBlockRef here = ir_here(e);
	LLVMValueRef mark = LLVMConstInt(e->i1, cut, false);

	LLVMAddIncoming(joined->done_length, &length, &here, 1);
	LLVMAddIncoming(joined->done_cut, &mark, &here, 1);
	ir_jump(e, joined->done);
}

/* Ends the text if condition holds, else continues. */
static void finish_if(struct emitter *e, struct joined *joined, LLVMValueRef condition, bool cut)
{
	LLVMBasicBlockRef after = ir_guard(e, condition, "end_of_strings");

	finish(e, joined, joined->length, cut);
	ir_begin(e, after);
}

/* The next pointer; there is no more when it is NULL or cannot be read. */
static LLVMValueRef read_pointer(struct emitter *e, const struct joined *joined)
{
	LLVMValueRef room = variable_stack(e, POINTER_BYTES);
	LLVMValueRef offset =
		LLVMBuildMul(e->builder, joined->index, ir_const(e, POINTER_BYTES), "");

	access_read(e, joined->storage, room, POINTER_BYTES,
		LLVMBuildAdd(e->builder, joined->pointers, offset, ""));
	return ir_load(e, room, POINTER_BYTES, false);
}

/* Appends a string behind the delimiter; returns the length with it. */
static LLVMValueRef append(struct emitter *e, const struct joined *joined, LLVMValueRef pointer)
{
	const struct string *delimiter = joined->delimiter;
	const char *text = delimiter ? delimiter->text : " ";
	size_t size = delimiter ? delimiter->length : 1;

	strings_bytes(e, text, size, ir_offset_value(e, joined->text.text, joined->length));
	LLVMValueRef is_first = ir_compare(e, LLVMIntEQ, joined->index, ir_const(e, 0));
	LLVMValueRef behind = LLVMBuildAdd(e->builder, joined->length,
		LLVMBuildSelect(e->builder, is_first, ir_const(e, 0), ir_const(e, size), ""), "");
	struct place place = {
		.type = types_string(e->c->types, BYTES_MAX),
		.address = ir_offset_value(e, joined->text.text, behind),
	};
	struct value string = {
		.type = place.type, .storage = joined->storage, .llvm = pointer, .may_fill = true};

	return LLVMBuildAdd(e->builder, behind, strings_read(e, string, place), "");
}

/* The loop tests at its end, for the verifiers of old kernels; its last round only looks whether
 * there is one string more. */
static void join_strings(struct emitter *e, struct joined *joined)
{
	LLVMBasicBlockRef before = ir_here(e), body = ir_block(e, "string");
	LLVMValueRef zero = ir_const(e, 0);

	ir_jump(e, body);
	ir_begin(e, body);
	joined->index = LLVMBuildPhi(e->builder, e->i64, "index");
	joined->length = LLVMBuildPhi(e->builder, e->i64, "length");
	LLVMAddIncoming(joined->index, &zero, &before, 1);
	LLVMAddIncoming(joined->length, &zero, &before, 1);
	LLVMValueRef index = joined->index, length = joined->length;

	LLVMValueRef pointer = read_pointer(e, joined);

	finish_if(e, joined, ir_compare(e, LLVMIntEQ, pointer, zero), false);
	LLVMValueRef most = ir_const(e, STRINGS_MAX);

	finish_if(e, joined, ir_compare(e, LLVMIntEQ, index, most), true);
	LLVMValueRef next_length = append(e, joined, pointer);
	LLVMValueRef limit = ir_const(e, BYTES_MAX - 1);
	LLVMValueRef is_full = ir_compare(e, LLVMIntUGT, next_length, limit);

	joined->length = ir_bound(e, next_length, BYTES_MAX - 1);
	finish_if(e, joined, is_full, true);

	LLVMValueRef next = LLVMBuildAdd(e->builder, index, ir_const(e, 1), "");
	LLVMBasicBlockRef here = ir_here(e), after = ir_block(e, "no_string");

	LLVMAddIncoming(index, &next, &here, 1);
	LLVMAddIncoming(length, &joined->length, &here, 1);
	ir_branch(e, ir_compare(e, LLVMIntULE, next, most), body, after);
	ir_begin(e, after);
	finish(e, joined, joined->length, true);
}

static struct value emit_join(struct emitter *e, struct node *node)
{
	struct node *pointers = node_call(node)->arguments, *delimiter = pointers->next;
	bool is_user = types_class(e->c->types, pointers->type) == TYPE_POINTER &&
		       types_space(e->c->types, pointers->type) == ADDRESS_USER;
	struct joined joined = {
		.storage = is_user ? STORAGE_USER : STORAGE_KERNEL,
		.pointers = expr_register(e, pointers),
		.delimiter = delimiter ? node_string(delimiter) : NULL,
		.done = ir_block(e, "joined"),
	};

	debug_location(e, node->span);
	uint32_t room = (size_t)2 * BYTES_MAX + (delimiter ? joined.delimiter->length : 1);

	joined.text = record_text_begin(e, record_site(e, node, ACTION_JOIN), room);

	LLVMBasicBlockRef here = ir_here(e);

	ir_begin(e, joined.done);
	joined.done_length = LLVMBuildPhi(e->builder, e->i64, "length");
	joined.done_cut = LLVMBuildPhi(e->builder, e->i1, "cut");
	ir_begin(e, here);
	join_strings(e, &joined);
	ir_begin(e, joined.done);
	record_text_send(
		e, &joined.text, ir_bound(e, joined.done_length, BYTES_MAX), joined.done_cut);
	return value_none();
}

const struct builtin builtins_join[] = {
	{
		.name = "join",
		.doc = "prints the strings of an array of pointers, separated by a blank or "
		       "delimiter",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_ASYNC,
		.prototypes = {"join(pointer strings, [literal delimiter]) void"},
		.emit = emit_join,
	},
	{},
};
