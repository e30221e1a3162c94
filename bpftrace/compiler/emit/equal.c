/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Equality of strings. With a literal, only as many bytes are read and compared as it has. Two
 * short strings are compared word by word. Longer ones are copied, with zeros behind them, and
 * compared in chunks: a chunk is one branch, so that 64 KB stay far below the number of
 * instructions that the verifier processes.
 */
#include "equal.h"
#include "expr.h"
#include "ir.h"
#include "strings.h"
#include "variable.h"

#include <string.h>

enum {
	CHUNK = 256, /* bytes */
	WORD = 8,
};

struct comparison {
	LLVMValueRef a, b;
	const struct string *literal; /* instead of b */
	LLVMBasicBlockRef same, differ;
};

static struct comparison begin(struct emitter *e, LLVMValueRef a, LLVMValueRef b)
{
	return (struct comparison){
		.a = a,
		.b = b,
		.same = ir_block(e, "same"),
		.differ = ir_block(e, "differ"),
	};
}

/* Returns the result as i1; without a branch before, the operands are equal. */
static LLVMValueRef end(struct emitter *e, struct comparison *comparison)
{
	LLVMBasicBlockRef done = ir_block(e, "compared");

	ir_jump(e, comparison->same);
	ir_begin(e, comparison->same);
	ir_jump(e, done);
	ir_begin(e, comparison->differ);
	ir_jump(e, done);
	ir_begin(e, done);
	LLVMBasicBlockRef blocks[] = {comparison->same, comparison->differ};
	LLVMValueRef answers[] = {LLVMConstInt(e->i1, 1, false), LLVMConstInt(e->i1, 0, false)};

	return ir_phi(e, e->i1, answers, blocks, 2);
}

/* Branches to otherwise unless condition holds. */
static void branch_unless(struct emitter *e, LLVMValueRef condition, LLVMBasicBlockRef otherwise)
{
	LLVMBasicBlockRef on = ir_block(e, "equal");

	ir_branch(e, condition, on, otherwise);
	ir_begin(e, on);
}

static LLVMValueRef byte_is_zero(struct emitter *e, LLVMValueRef address, uint32_t at)
{
	return ir_compare(
		e, LLVMIntEQ, ir_load(e, ir_offset(e, address, at), 1, false), ir_const(e, 0));
}

/* --- up to STRINGS_SHORT bytes --- */

static void compare_words(
	struct emitter *e, struct comparison *comparison, uint32_t from, uint32_t to)
{
	const struct string *literal = comparison->literal;

	for (uint32_t at = from, bytes = WORD; at < to; at += bytes) {
		while (bytes > to - at)
			bytes /= 2;
		LLVMValueRef a = ir_load(e, ir_offset(e, comparison->a, at), bytes, false);
		LLVMValueRef b =
			literal ? ir_const(e,
					  strings_word(literal->text, literal->length, at, bytes))
				: ir_load(e, ir_offset(e, comparison->b, at), bytes, false);

		branch_unless(e, ir_compare(e, LLVMIntEQ, a, b), comparison->differ);
	}
}

/* --- any size --- */

/* The bits in which the chunks at byte at of both differ. LLVM would decide for each word, or keep
 * the bits of all words on the stack. */
static LLVMValueRef chunk_difference(
	struct emitter *e, const struct comparison *comparison, LLVMValueRef at)
{
	LLVMValueRef a = ir_offset_value(e, comparison->a, at);
	LLVMValueRef b = ir_offset_value(e, comparison->b, at);
	LLVMValueRef all = ir_const(e, 0);

	for (uint32_t word = 0; word < CHUNK; word += WORD) {
		LLVMValueRef bits =
			LLVMBuildXor(e->builder, ir_load(e, ir_offset(e, a, word), WORD, false),
				ir_load(e, ir_offset(e, b, word), WORD, false), "");

		all = ir_opaque(e, LLVMBuildOr(e->builder, all, bits, ""));
	}
	return all;
}

/* The first size bytes, a multiple of CHUNK and not 0. Of strings, a chunk that ends in a zero
 * has the end in it. The loop tests at its end, because the verifiers of old kernels accept back
 * edges only of jumps. */
static void compare_chunks(
	struct emitter *e, struct comparison *comparison, uint32_t size, bool are_strings)
{
	LLVMBasicBlockRef before = ir_here(e), body = ir_block(e, "chunk");

	ir_jump(e, body);
	ir_begin(e, body);
	LLVMValueRef at = LLVMBuildPhi(e->builder, e->i64, "at"), zero = ir_const(e, 0);

	LLVMAddIncoming(at, &zero, &before, 1);
	LLVMValueRef difference = chunk_difference(e, comparison, at);

	branch_unless(e, ir_compare(e, LLVMIntEQ, difference, zero), comparison->differ);
	if (are_strings) {
		LLVMValueRef chunk = ir_offset_value(e, comparison->a, at);
		LLVMValueRef ended = byte_is_zero(e, chunk, CHUNK - 1);

		branch_unless(e, LLVMBuildNot(e->builder, ended, ""), comparison->same);
	}
	LLVMValueRef next = LLVMBuildAdd(e->builder, at, ir_const(e, CHUNK), "");
	LLVMBasicBlockRef here = ir_here(e), after = ir_block(e, "all_equal");

	LLVMAddIncoming(at, &next, &here, 1);
	ir_branch(e, ir_compare(e, LLVMIntULT, next, ir_const(e, size)), body, after);
	ir_begin(e, after);
}

/* --- operands --- */

/* The first most bytes of a string, with zeros behind them up to size. */
static LLVMValueRef read_first(struct emitter *e, struct value string, uint32_t most, uint32_t size)
{
	uint32_t own = types_size(e->c->types, string.type);
	struct place place = {
		.type = types_string(e->c->types, size),
		.address = variable_scratch(e, size),
		.padding = PADDING_ALL,
	};

	string = strings_unread(e, string);
	string.may_fill = true;
	if (string.length)
		string.length = ir_bound(e, string.length, most);
	else if (most < own)
		string.length = ir_const(e, most);
	strings_read(e, string, place);
	return place.address;
}

static uint32_t size_of(struct emitter *e, struct node *node)
{
	return types_size(e->c->types, node->type);
}

/* The first most bytes of the string and the one behind them, where it has that many. */
static LLVMValueRef short_bytes(struct emitter *e, struct node *node, uint32_t most)
{
	struct value string = expr_emit(e, node);
	uint32_t size = size_of(e, node);
	bool is_whole = types_size(e->c->types, string.type) == size;

	if (string.storage == STORAGE_MEMORY && is_whole && size <= STRINGS_SHORT)
		return string.llvm;
	size = MIN(size, most + 1);
	return read_first(e, string, size, size);
}

static LLVMValueRef long_bytes(struct emitter *e, struct node *node, uint32_t most, uint32_t size)
{
	return read_first(e, expr_emit(e, node), most, size);
}

static LLVMValueRef equals_literal(
	struct emitter *e, struct node *node, const struct string *literal, uint64_t limit)
{
	uint32_t counted = literal->length + 1;
	bool is_limited = limit && limit < counted;

	if (is_limited)
		counted = limit;
	/* a string that fills its place has no NUL there */
	if (counted > size_of(e, node) && !is_limited)
		counted = literal->length;
	if (counted > size_of(e, node))
		return LLVMConstInt(e->i1, 0, false);
	struct comparison comparison = begin(e, short_bytes(e, node, counted), NULL);

	comparison.literal = literal;
	compare_words(e, &comparison, 0, counted);
	return end(e, &comparison);
}

/* When all bytes of the shorter one are equal, it must end there or be as long as the other. */
static LLVMValueRef short_equal(
	struct emitter *e, struct node *a, struct node *b, uint32_t counted, bool is_limited)
{
	struct comparison comparison =
		begin(e, short_bytes(e, a, counted), short_bytes(e, b, counted));

	compare_words(e, &comparison, 0, counted);
	LLVMValueRef longer = size_of(e, a) > counted   ? comparison.a
			      : size_of(e, b) > counted ? comparison.b
							: NULL;

	if (!is_limited && longer) {
		LLVMValueRef ended = byte_is_zero(e, longer, counted - 1);

		ended = LLVMBuildOr(e->builder, ended, byte_is_zero(e, longer, counted), "");
		branch_unless(e, ended, comparison.differ);
	}
	return end(e, &comparison);
}

static LLVMValueRef long_equal(struct emitter *e, struct node *a, struct node *b, uint32_t counted)
{
	uint32_t size = ALIGN_UP(counted, (uint32_t)CHUNK);
	struct comparison comparison =
		begin(e, long_bytes(e, a, counted, size), long_bytes(e, b, counted, size));

	compare_chunks(e, &comparison, size, true);
	return end(e, &comparison);
}

static LLVMValueRef bytes_equal(struct emitter *e, LLVMValueRef a, LLVMValueRef b, uint32_t size)
{
	struct comparison comparison = begin(e, a, b);
	uint32_t whole = size / CHUNK * CHUNK;

	if (whole)
		compare_chunks(e, &comparison, whole, false);
	compare_words(e, &comparison, whole, size);
	return end(e, &comparison);
}

LLVMValueRef equal_arrays(struct emitter *e, struct node *a, struct node *b)
{
	LLVMValueRef left = expr_memory(e, a);

	return bytes_equal(e, left, expr_memory(e, b), size_of(e, a));
}

LLVMValueRef equal_records(struct emitter *e, struct node *a, struct node *b)
{
	LLVMValueRef left = expr_key(e, a, a->type);

	return bytes_equal(e, left, expr_key(e, b, a->type), size_of(e, a));
}

static LLVMValueRef literals_equal(
	struct emitter *e, const struct string *a, const struct string *b, uint64_t limit)
{
	bool equal = limit ? strncmp(a->text, b->text, limit) == 0 : strcmp(a->text, b->text) == 0;

	return LLVMConstInt(e->i1, equal, false);
}

static struct string *as_literal(struct node *node)
{
	return node->kind == NODE_STRING ? node_string(node) : NULL;
}

LLVMValueRef equal_strings(struct emitter *e, struct node *a, struct node *b, uint64_t limit)
{
	struct string *literal_a = as_literal(a), *literal_b = as_literal(b);

	if (literal_a && literal_b)
		return literals_equal(e, literal_a, literal_b, limit);
	if (literal_a && literal_a->length < STRINGS_SHORT)
		return equals_literal(e, b, literal_a, limit);
	if (literal_b && literal_b->length < STRINGS_SHORT)
		return equals_literal(e, a, literal_b, limit);

	uint32_t shorter = MIN(size_of(e, a), size_of(e, b));
	uint32_t longer = MAX(size_of(e, a), size_of(e, b));
	bool is_limited = limit && limit <= shorter;
	uint32_t counted = is_limited ? limit : shorter;

	if (counted <= STRINGS_SHORT)
		return short_equal(e, a, b, counted, is_limited);
	return long_equal(e, a, b, limit && limit < longer ? limit : longer);
}
