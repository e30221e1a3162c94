/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings and other runs of bytes in memory: short ones word by word, long ones in a loop that the
 * verifier can bound. No string passes through the stack. Bytes behind the NUL are zero in every
 * place that is padded, so padded strings are equal exactly when their bytes are.
 */
#include "ir.h"

#include <string.h>

enum {
	UNROLL_MOST = 128, /* bytes handled without a loop */
};

/* Calls piece for the bytes of 0..size in steps of 8, then 4, 2, 1. */
static void for_pieces(struct emitter *e, uint32_t size,
	void (*piece)(struct emitter *e, uint32_t at, uint32_t bytes, void *context), void *context)
{
	for (uint32_t at = 0; at < size;) {
		uint32_t bytes = 8;
		while (bytes > size - at)
			bytes /= 2;
		piece(e, at, bytes, context);
		at += bytes;
	}
}

/*
 * A loop over the words of size bytes, a multiple of 8 and not 0: the caller generates its body
 * between words_begin and words_end; at is the byte it is at. It tests at its end, because the
 * verifiers of old kernels take an edge back only as a jump, never as falling through to what comes
 * next.
 */
struct words {
	LLVMValueRef at;
	uint32_t size;
	LLVMBasicBlockRef body;
};

static struct words words_begin(struct emitter *e, uint32_t size)
{
	struct words words = {.size = size, .body = ir_block(e, "words")};
	LLVMBasicBlockRef before = ir_here(e);
	ir_jump(e, words.body);
	ir_begin(e, words.body);
	words.at = LLVMBuildPhi(e->builder, e->i64, "at");
	LLVMValueRef zero = ir_const(e, 0);
	LLVMAddIncoming(words.at, &zero, &before, 1);
	return words;
}

static void words_end(struct emitter *e, struct words *words)
{
	LLVMValueRef next = LLVMBuildAdd(e->builder, words->at, ir_const(e, 8), "");
	LLVMBasicBlockRef here = ir_here(e), after = ir_block(e, "words_end");
	LLVMAddIncoming(words->at, &next, &here, 1);
	LLVMValueRef more = ir_compare(e, LLVMIntULT, next, ir_const(e, words->size));
	ir_branch(e, more, words->body, after);
	ir_begin(e, after);
}

static void fill_piece(struct emitter *e, uint32_t at, uint32_t bytes, void *context)
{
	ir_store(e, ir_offset(e, context, at), ir_const(e, 0), bytes);
}

void strings_fill(struct emitter *e, LLVMValueRef to, uint32_t size)
{
	uint32_t looped = size > UNROLL_MOST ? size / 8 * 8 : 0;
	if (looped) {
		struct words words = words_begin(e, looped);
		ir_store(e, ir_offset_value(e, to, words.at), ir_const(e, 0), 8);
		words_end(e, &words);
	}
	for_pieces(e, size - looped, fill_piece, ir_offset(e, to, looped));
}

struct move {
	LLVMValueRef to, from;
};

static void move_piece(struct emitter *e, uint32_t at, uint32_t bytes, void *context)
{
	struct move *move = context;
	LLVMValueRef word = ir_load(e, ir_offset(e, move->from, at), bytes, false);
	ir_store(e, ir_offset(e, move->to, at), word, bytes);
}

void strings_move(struct emitter *e, LLVMValueRef to, LLVMValueRef from, uint32_t size)
{
	uint32_t looped = size > UNROLL_MOST ? size / 8 * 8 : 0;
	if (looped) {
		struct words words = words_begin(e, looped);
		LLVMValueRef word = ir_load(e, ir_offset_value(e, from, words.at), 8, false);
		ir_store(e, ir_offset_value(e, to, words.at), word, 8);
		words_end(e, &words);
	}
	struct move move = {ir_offset(e, to, looped), ir_offset(e, from, looped)};
	for_pieces(e, size - looped, move_piece, &move);
}

struct literal {
	const char *text;
	size_t length;
	LLVMValueRef address;
};

/* Bytes at..at+bytes of the literal as a little-endian number; zeros behind its end. */
static uint64_t literal_word(const struct literal *literal, uint32_t at, uint32_t bytes)
{
	uint64_t word = 0;
	for (uint32_t i = 0; i < bytes && at + i < literal->length; i++)
		word |= (uint64_t)(unsigned char)literal->text[at + i] << (8 * i);
	return word;
}

static void literal_piece(struct emitter *e, uint32_t at, uint32_t bytes, void *context)
{
	struct literal *literal = context;
	uint64_t word = literal_word(literal, at, bytes);
	ir_store(e, ir_offset(e, literal->address, at), ir_const(e, word), bytes);
}

void strings_bytes(struct emitter *e, const void *bytes, size_t count, LLVMValueRef to)
{
	struct literal literal = {bytes, count, to};
	for_pieces(e, count, literal_piece, &literal);
}

void strings_literal(struct emitter *e, const char *text, size_t length, struct place place)
{
	uint32_t size = types_size(e->c->types, place.type);
	struct literal literal = {text, MIN(length, size - 1), place.address};
	uint32_t used = literal.length + 1;
	for_pieces(e, used, literal_piece, &literal);
	if (place.padded)
		strings_fill(e, ir_offset(e, place.address, used), size - used);
}

/*
 * The helper always ends with a NUL, so a string that fits exactly looks like one that was cut.
 * When the place is full, the byte of the source that would have been next takes the place of the
 * NUL: it is the NUL itself, or it tells that the string was cut.
 */
static void mark_cut(struct emitter *e, struct value string, struct place place, LLVMValueRef bytes)
{
	uint32_t size = types_size(e->c->types, place.type);
	LLVMBasicBlockRef after =
		ir_guard(e, ir_compare(e, LLVMIntEQ, bytes, ir_const(e, size)), "full");
	LLVMValueRef room = variable_stack(e, sizeof(uint64_t));
	LLVMValueRef last = LLVMBuildAdd(e->builder, string.llvm, ir_const(e, size - 1), "");
	access_read(e, string.where, room, 1, last);
	ir_store(e, ir_offset(e, place.address, size - 1), ir_load(e, room, 1, false), 1);
	ir_jump(e, after);
	ir_begin(e, after);
}

LLVMValueRef strings_read(struct emitter *e, struct value string, struct place place)
{
	uint32_t size = types_size(e->c->types, place.type);
	LLVMValueRef most = ir_const(e, size);
	if (string.length) {
		LLVMValueRef wanted = LLVMBuildAdd(e->builder, string.length, ir_const(e, 1), "");
		wanted = ir_opaque(e, wanted);
		LLVMValueRef fits = ir_compare(e, LLVMIntULT, wanted, most);
		most = ir_opaque(e, LLVMBuildSelect(e->builder, fits, wanted, most, ""));
		/* the verifier of old kernels loses the bound of a select: say it once more */
		LLVMValueRef within = ir_compare(e, LLVMIntULE, most, ir_const(e, size));
		most = LLVMBuildSelect(e->builder, within, most, ir_const(e, size), "");
	}
	if (place.padded)
		strings_fill(e, place.address, size);
	bool user = string.where == WHERE_USER;
	enum helper helper = user ? HELPER_probe_read_user_str : HELPER_probe_read_str;
	LLVMValueRef room = LLVMBuildTrunc(e->builder, most, e->i32, "");
	LLVMValueRef bytes = helper_call(e, helper, HELPER_ARGS(place.address, room, string.llvm));
	if (string.marks_cut)
		mark_cut(e, string, place, bytes);
	return bytes;
}

struct comparison {
	LLVMValueRef a, b;
	const struct literal *literal; /* instead of b */
	uint32_t limit;                /* bytes that count */
	LLVMBasicBlockRef differ;
};

static void compare_piece(struct emitter *e, uint32_t at, uint32_t bytes, void *context)
{
	struct comparison *comparison = context;
	LLVMValueRef a = ir_load(e, ir_offset(e, comparison->a, at), bytes, false);
	LLVMValueRef b = comparison->literal
				 ? ir_const(e, literal_word(comparison->literal, at, bytes))
				 : ir_load(e, ir_offset(e, comparison->b, at), bytes, false);
	LLVMBasicBlockRef same = ir_block(e, "same");
	ir_branch(e, ir_compare(e, LLVMIntEQ, a, b), same, comparison->differ);
	ir_begin(e, same);
}

static LLVMValueRef compare(struct emitter *e, struct comparison *comparison)
{
	LLVMBasicBlockRef done = ir_block(e, "compared");
	comparison->differ = ir_block(e, "differ");
	uint32_t looped = comparison->limit > UNROLL_MOST && !comparison->literal
				  ? comparison->limit / 8 * 8
				  : 0;
	if (looped) {
		struct words words = words_begin(e, looped);
		LLVMValueRef a = ir_load(e, ir_offset_value(e, comparison->a, words.at), 8, false);
		LLVMValueRef b = ir_load(e, ir_offset_value(e, comparison->b, words.at), 8, false);
		LLVMBasicBlockRef same = ir_block(e, "same");
		ir_branch(e, ir_compare(e, LLVMIntEQ, a, b), same, comparison->differ);
		ir_begin(e, same);
		words_end(e, &words);
		comparison->a = ir_offset(e, comparison->a, looped);
		comparison->b = ir_offset(e, comparison->b, looped);
	}
	for_pieces(e, comparison->limit - looped, compare_piece, comparison);

	LLVMBasicBlockRef blocks[] = {ir_here(e), comparison->differ};
	ir_jump(e, done);
	ir_begin(e, comparison->differ);
	ir_jump(e, done);
	ir_begin(e, done);
	LLVMValueRef answers[] = {LLVMConstInt(e->i1, 1, false), LLVMConstInt(e->i1, 0, false)};
	return ir_phi(e, e->i1, answers, blocks, 2);
}

static bool as_literal(struct node *node, struct literal *ret)
{
	if (node->kind != NODE_STRING)
		return false;
	struct string *string = node_string(node);
	*ret = (struct literal){string->text, string->length, NULL};
	return true;
}

static LLVMValueRef equals_literal(
	struct emitter *e, struct node *node, const struct literal *literal, uint64_t limit)
{
	uint32_t size = types_size(e->c->types, node->type);
	uint32_t counted = literal->length + 1;
	if (limit && limit < counted)
		counted = limit;
	if (counted > size)
		return LLVMConstInt(e->i1, 0, false);
	struct comparison comparison = {
		.a = expr_memory(e, node), .literal = literal, .limit = counted};
	return compare(e, &comparison);
}

static LLVMValueRef literals_equal(
	struct emitter *e, const struct literal *a, const struct literal *b, uint64_t limit)
{
	bool equal = limit ? strncmp(a->text, b->text, limit) == 0 : strcmp(a->text, b->text) == 0;
	return LLVMConstInt(e->i1, equal, false);
}

LLVMValueRef strings_equal(struct emitter *e, struct node *a, struct node *b, uint64_t limit)
{
	struct literal literal_a, literal_b;
	bool a_is = as_literal(a, &literal_a), b_is = as_literal(b, &literal_b);
	if (a_is && b_is)
		return literals_equal(e, &literal_a, &literal_b, limit);
	if (a_is)
		return equals_literal(e, b, &literal_a, limit);
	if (b_is)
		return equals_literal(e, a, &literal_b, limit);

	/* padded: when the shorter one's bytes are equal its NUL is among them */
	uint32_t size_a = types_size(e->c->types, a->type);
	uint32_t size_b = types_size(e->c->types, b->type);
	uint32_t counted = MIN(size_a, size_b);
	struct comparison comparison = {
		.a = expr_memory(e, a),
		.b = expr_memory(e, b),
		.limit = limit ? MIN(limit, counted) : counted,
	};
	return compare(e, &comparison);
}

LLVMValueRef strings_same(struct emitter *e, struct node *a, struct node *b)
{
	struct comparison comparison = {
		.a = expr_memory(e, a),
		.b = expr_memory(e, b),
		.limit = types_size(e->c->types, a->type),
	};
	return compare(e, &comparison);
}
