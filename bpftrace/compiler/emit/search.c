/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Substring search by the algorithm of Knuth, Morris and Pratt: needle, NUL and haystack form one
 * text, and for each of its bytes the number of bytes of the needle that end there is calculated;
 * where it is the length of the needle, the needle was found. Each step advances in the text or
 * shortens what has matched, so there are at most twice as many steps as bytes, whatever the
 * strings hold.
 *
 * The verifier cannot process so many steps. They are done by a global function, which it verifies
 * once instead of at each call; such functions take scalars only, so the argument is the number of
 * the scratch slot, which contains the state. Between two steps all state is in that memory, whose
 * contents the verifier does not track, so that all steps have the same verifier state. The result
 * is in memory, too: as a branch on a register, each search would double the states that old
 * kernels verify behind it.
 */
#include <stdio.h>

#include "debug.h"
#include "expr.h"
#include "function.h"
#include "helper.h"
#include "ir.h"
#include "prologue.h"
#include "search.h"
#include "strings.h"
#include "variable.h"

enum {
	LEAST_ROUNDS = 32, /* steps of one call */
	MOST_ROUNDS = 256,
	CALLS = 64, /* that are preferred to longer ones */
};

enum verdict {
	SEARCH_GOES_ON,
	SEARCH_ENDED,
};

/* The words at the beginning of the working memory. */
enum word {
	WORD_AT,      /* in the text: the current byte */
	WORD_MATCHED, /* bytes of the needle that end before it */
	WORD_NEEDLE,  /* length */
	WORD_TOTAL,   /* of the text */
	WORD_FOUND,   /* 1 or 0 */
	NR_WORDS,
};

/* The working memory: words, text, and per byte of the needle how many bytes match before it when
 * it does not. Sizes are powers of two, so that masks bound the ways into them. */
struct search {
	uint32_t offset; /* in the bytes of the scratch slot */
	uint32_t needle, haystack;
	uint32_t text_bytes, entries; /* of the table */
	uint32_t text, table, size;
	uint32_t rounds, calls; /* steps of a call, and calls */
	LLVMValueRef memory;
};

static struct search measure(struct emitter *e, struct node *haystack, struct node *needle)
{
	struct search search = {
		.offset = e->function->scratch_used,
		.needle = types_size(e->c->types, needle->type),
		.haystack = types_size(e->c->types, haystack->type),
		.text = NR_WORDS * sizeof(uint64_t),
	};

	search.text_bytes = ir_power_of_two(search.needle + 1 + search.haystack + 1);
	search.entries = ir_power_of_two(search.needle + 1);
	search.table = search.text + ALIGN_UP(search.text_bytes, 8u);
	search.size = search.table + search.entries * (uint32_t)sizeof(uint32_t);
	uint32_t steps = 2 * (search.needle + 1 + search.haystack);

	search.rounds = MIN(MAX(steps / CALLS, (uint32_t)LEAST_ROUNDS), (uint32_t)MOST_ROUNDS);
	search.calls = (steps + search.rounds - 1) / search.rounds;
	return search;
}

/* Returns the low bits of number, below limit, a power of two; LLVM cannot replace this AND. */
static LLVMValueRef masked(struct emitter *e, LLVMValueRef number, uint32_t limit)
{
	return LLVMBuildAnd(e->builder, ir_opaque(e, number), ir_const(e, limit - 1), "");
}

static LLVMValueRef word_address(struct emitter *e, const struct search *search, enum word word)
{
	return ir_offset(e, search->memory, word * sizeof(uint64_t));
}

static LLVMValueRef load_word(struct emitter *e, const struct search *search, enum word word)
{
	return ir_load_volatile(e, word_address(e, search, word), sizeof(uint64_t), false);
}

static void store_word(
	struct emitter *e, const struct search *search, enum word word, LLVMValueRef value)
{
	LLVMValueRef to = word_address(e, search, word);

	LLVMSetVolatile(LLVMBuildStore(e->builder, value, to), true);
}

static LLVMValueRef text_byte(struct emitter *e, const struct search *search, LLVMValueRef at)
{
	LLVMValueRef text = ir_offset(e, search->memory, search->text);

	return ir_load(e, ir_offset_value(e, text, masked(e, at, search->text_bytes)), 1, false);
}

static LLVMValueRef table_entry(struct emitter *e, const struct search *search, LLVMValueRef at)
{
	LLVMValueRef table = ir_offset(e, search->memory, search->table);
	LLVMValueRef bytes = LLVMBuildMul(
		e->builder, masked(e, at, search->entries), ir_const(e, sizeof(uint32_t)), "");

	return ir_offset_value(e, table, bytes);
}

/* Bytes behind the needle have no entry; theirs go to the one behind the last. */
static void note_matched(
	struct emitter *e, const struct search *search, LLVMValueRef at, LLVMValueRef matched)
{
	LLVMValueRef last = ir_const(e, search->needle);
	LLVMValueRef is_last = ir_compare(e, LLVMIntUGT, at, last);
	LLVMValueRef entry = LLVMBuildSelect(e->builder, is_last, last, at, "");

	ir_store(e, table_entry(e, search, entry), matched, sizeof(uint32_t));
	store_word(e, search, WORD_MATCHED, matched);
	store_word(e, search, WORD_AT, LLVMBuildAdd(e->builder, at, ir_const(e, 1), ""));
}

static void return_if(struct emitter *e, LLVMValueRef condition, enum verdict verdict)
{
	LLVMBasicBlockRef after = ir_guard(e, condition, "verdict");

	LLVMBuildRet(e->builder, ir_const(e, verdict));
	ir_begin(e, after);
}

/* Processes the current byte. */
static void one_step(struct emitter *e, const struct search *search, LLVMBasicBlockRef next)
{
	LLVMValueRef at = load_word(e, search, WORD_AT), zero = ir_const(e, 0);
	LLVMValueRef matched = load_word(e, search, WORD_MATCHED);
	LLVMValueRef total = load_word(e, search, WORD_TOTAL);

	return_if(e, ir_compare(e, LLVMIntUGE, at, total), SEARCH_ENDED);

	LLVMValueRef same =
		ir_compare(e, LLVMIntEQ, text_byte(e, search, at), text_byte(e, search, matched));
	LLVMBasicBlockRef different = ir_guard(e, same, "same_byte");
	LLVMValueRef more = LLVMBuildAdd(e->builder, matched, ir_const(e, 1), "");
	LLVMValueRef needle = load_word(e, search, WORD_NEEDLE);
	LLVMBasicBlockRef partly =
		ir_guard(e, ir_compare(e, LLVMIntEQ, more, needle), "all_matched");

	store_word(e, search, WORD_FOUND, ir_const(e, 1));
	LLVMBuildRet(e->builder, ir_const(e, SEARCH_ENDED));
	ir_begin(e, partly);
	note_matched(e, search, at, more);
	ir_jump(e, next);

	ir_begin(e, different);
	LLVMBasicBlockRef shorten =
		ir_guard(e, ir_compare(e, LLVMIntEQ, matched, zero), "no_match");

	note_matched(e, search, at, zero);
	ir_jump(e, next);
	ir_begin(e, shorten);
	LLVMValueRef before = LLVMBuildSub(e->builder, matched, ir_const(e, 1), "");
	LLVMValueRef fewer = ir_load(e, table_entry(e, search, before), sizeof(uint32_t), false);

	store_word(e, search, WORD_MATCHED, fewer);
	ir_jump(e, next);
}

/* Counts rounds 0..rounds-1 in a loop that tests at its end, which old verifiers need. */
struct rounds {
	LLVMValueRef round;
	LLVMBasicBlockRef body;
};

static struct rounds rounds_begin(struct emitter *e)
{
	struct rounds rounds = {.body = ir_block(e, "round")};
	LLVMBasicBlockRef before = ir_here(e);
	LLVMValueRef zero = ir_const(e, 0);

	ir_jump(e, rounds.body);
	ir_begin(e, rounds.body);
	rounds.round = LLVMBuildPhi(e->builder, e->i64, "round");
	LLVMAddIncoming(rounds.round, &zero, &before, 1);
	return rounds;
}

static void rounds_end(struct emitter *e, struct rounds *rounds, uint32_t count)
{
	LLVMBasicBlockRef here = ir_here(e), after = ir_block(e, "after_rounds");
	LLVMValueRef next = LLVMBuildAdd(e->builder, rounds->round, ir_const(e, 1), "");

	LLVMAddIncoming(rounds->round, &next, &here, 1);
	ir_branch(e, ir_compare(e, LLVMIntULT, next, ir_const(e, count)), rounds->body, after);
	ir_begin(e, after);
}

/* The working memory, found by the number of its slot. */
static LLVMValueRef find_memory(struct emitter *e, const struct search *search, LLVMValueRef slot)
{
	LLVMValueRef key = variable_stack(e, sizeof(uint64_t));

	ir_store(e, key, slot, sizeof(uint32_t));
	LLVMValueRef found = helper_call_pointer(
		e, HELPER_map_lookup_elem, HELPER_ARGS(e->globals.scratch, key));

	return_if(e, ir_is_null(e, found), SEARCH_ENDED);
	return ir_offset(e, prologue_scratch_bytes(e, found), search->offset);
}

/* Emits a function that does some steps and returns the state of the search. */
static LLVMValueRef search_function(struct emitter *e, const struct search *search)
{
	struct bpf_function *outer = e->function, function = {};
	LLVMBasicBlockRef back = ir_here(e);
	struct span span = e->span;
	char name[32];

	snprintf(name, sizeof(name), "search_%u", e->searches++);
	function_begin_global(e, &function, name, "slot", span);
	struct search inner = *search;

	inner.memory = find_memory(e, search, LLVMGetParam(function.llvm, 0));
	struct rounds rounds = rounds_begin(e);
	LLVMBasicBlockRef next = ir_block(e, "next");

	one_step(e, &inner, next);
	ir_begin(e, next);
	rounds_end(e, &rounds, search->rounds);
	LLVMBuildRet(e->builder, ir_const(e, SEARCH_GOES_ON));
	function_end(e, &function);
	e->function = outer;
	ir_begin(e, back);
	debug_location(e, span);
	return function.llvm;
}

/* Reads a string to the text and ends it with a NUL; returns its length. */
static LLVMValueRef read_text(struct emitter *e, const struct search *search, struct node *node,
	LLVMValueRef at, uint32_t size)
{
	LLVMValueRef text = ir_offset(e, search->memory, search->text);
	struct place place = {
		.type = types_string(e->c->types, size),
		.address = ir_offset_value(e, text, at),
	};
	LLVMValueRef length = strings_read(e, strings_unread(e, expr_emit(e, node)), place);
	LLVMValueRef end = LLVMBuildAdd(e->builder, at, ir_bound(e, length, size), "");

	ir_store(e, ir_offset_value(e, text, end), ir_const(e, 0), 1);
	return length;
}

static void prepare(
	struct emitter *e, const struct search *search, struct node *haystack, struct node *needle)
{
	LLVMValueRef zero = ir_const(e, 0), one = ir_const(e, 1);
	LLVMValueRef needle_length = read_text(e, search, needle, zero, search->needle);
	LLVMValueRef begin = ir_bound(e, needle_length, search->needle);

	begin = LLVMBuildAdd(e->builder, begin, one, "");
	LLVMValueRef length = read_text(e, search, haystack, begin, search->haystack);
	LLVMValueRef is_empty = ir_compare(e, LLVMIntEQ, needle_length, zero);

	store_word(e, search, WORD_AT, one);
	store_word(e, search, WORD_MATCHED, zero);
	store_word(e, search, WORD_NEEDLE, needle_length);
	store_word(e, search, WORD_TOTAL, LLVMBuildAdd(e->builder, begin, length, ""));
	store_word(e, search, WORD_FOUND, ir_extend(e, is_empty, false));
	ir_store(e, ir_offset(e, search->memory, search->table), zero, sizeof(uint32_t));
}

/* Calls the function until the search has ended. */
static void run(struct emitter *e, const struct search *search)
{
	LLVMValueRef function = search_function(e, search);
	LLVMTypeRef type = LLVMFunctionType(e->i64, &e->i64, 1, false);
	LLVMValueRef slot = prologue_scratch_number(e);
	LLVMBasicBlockRef ended = ir_block(e, "ended"), unknown = ir_block(e, "unknown");
	struct rounds rounds = rounds_begin(e);
	LLVMValueRef verdict = LLVMBuildCall2(e->builder, type, function, &slot, 1, "");
	LLVMValueRef goes_on = ir_compare(e, LLVMIntEQ, verdict, ir_const(e, SEARCH_GOES_ON));

	ir_branch(e, goes_on, unknown, ended);
	ir_begin(e, unknown);
	rounds_end(e, &rounds, search->calls);
	ir_jump(e, ended);
	ir_begin(e, ended);
}

static struct search search_all(struct emitter *e, struct node *haystack, struct node *needle)
{
	struct search search = measure(e, haystack, needle);

	search.memory = variable_scratch(e, search.size);
	prepare(e, &search, haystack, needle);
	run(e, &search);
	return search;
}

LLVMValueRef search_contains(struct emitter *e, struct node *haystack, struct node *needle)
{
	struct search search = search_all(e, haystack, needle);

	return LLVMBuildTrunc(e->builder, load_word(e, &search, WORD_FOUND), e->i1, "");
}

/* The current byte is the last one that matched; needle and NUL are in front of the haystack. */
LLVMValueRef search_index(struct emitter *e, struct node *haystack, struct node *needle)
{
	struct search search = search_all(e, haystack, needle);
	LLVMValueRef length = load_word(e, &search, WORD_NEEDLE), zero = ir_const(e, 0);
	LLVMValueRef found = ir_compare(e, LLVMIntNE, load_word(e, &search, WORD_FOUND), zero);
	LLVMValueRef twice = LLVMBuildShl(e->builder, length, ir_const(e, 1), "");
	LLVMValueRef begin = LLVMBuildSub(e->builder, load_word(e, &search, WORD_AT), twice, "");

	begin = LLVMBuildSelect(
		e->builder, ir_compare(e, LLVMIntEQ, length, zero), zero, begin, "");
	return LLVMBuildSelect(e->builder, found, begin, ir_const(e, (uint64_t)-1), "");
}
