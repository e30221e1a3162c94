/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings and other runs of bytes in memory: short ones word by word, long ones by the helpers that
 * read memory, which cost the verifier nothing whatever the length. No string passes through the
 * stack. A string ends at its NUL or fills its place, as arrays of char do; one of max_strlen bytes
 * was then cut. Bytes behind the NUL are zero in every place that is padded, so padded strings are
 * equal exactly when their bytes are.
 */
#include "helper.h"
#include "ir.h"
#include "strings.h"

#include <string.h>

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

static void fill_piece(struct emitter *e, uint32_t at, uint32_t bytes, void *context)
{
	ir_store(e, ir_offset(e, context, at), ir_const(e, 0), bytes);
}

/* A failing read fills the memory with zeros, and the kernel may not be read at address 0. */
void strings_fill(struct emitter *e, LLVMValueRef to, uint32_t size)
{
	if (size <= STRINGS_SHORT)
		for_pieces(e, size, fill_piece, to);
	else
		helper_call_quiet(e, HELPER_probe_read_kernel,
			HELPER_ARGS(to, ir_const32(e, size), ir_const(e, 0)));
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
	struct move move = {to, from};

	if (size <= STRINGS_SHORT)
		for_pieces(e, size, move_piece, &move);
	else
		helper_call_quiet(
			e, HELPER_probe_read_kernel, HELPER_ARGS(to, ir_const32(e, size), from));
}

bool strings_pads(const struct emitter *e, struct place place)
{
	if (place.padding != PADDING_SHORT)
		return place.padding == PADDING_ALL;
	return types_size(e->c->types, place.type) <= STRINGS_SHORT ||
	       types_has_meaning(e->c->types, place.type, MEANING_BUF);
}

bool strings_shows_cut(const struct emitter *e, uint32_t type)
{
	return types_size(e->c->types, type) == e->c->settings.max_strlen;
}

struct literal {
	const char *text;
	size_t length;
	LLVMValueRef address;
};

static void literal_piece(struct emitter *e, uint32_t at, uint32_t bytes, void *context)
{
	struct literal *literal = context;
	uint64_t word = strings_word(literal->text, literal->length, at, bytes);

	ir_store(e, ir_offset(e, literal->address, at), ir_const(e, word), bytes);
}

uint64_t strings_word(const char *text, size_t length, uint32_t at, uint32_t bytes)
{
	uint64_t word = 0;

	for (uint32_t i = 0; i < bytes && at + i < length; i++)
		word |= (uint64_t)(unsigned char)text[at + i] << (8 * i);
	return word;
}

void strings_bytes(struct emitter *e, const void *bytes, size_t count, LLVMValueRef to)
{
	struct literal literal = {bytes, count, to};

	for_pieces(e, count, literal_piece, &literal);
}

LLVMValueRef strings_constant(struct emitter *e, const char *text, size_t length, const char *name)
{
	LLVMValueRef bytes = LLVMConstStringInContext(e->llvm, text, length, false);
	LLVMValueRef global = LLVMAddGlobal(e->module, LLVMTypeOf(bytes), name);

	LLVMSetInitializer(global, bytes);
	LLVMSetGlobalConstant(global, true);
	LLVMSetLinkage(global, LLVMInternalLinkage);
	LLVMSetSection(global, ".rodata");
	return global;
}

void strings_literal(struct emitter *e, const char *text, size_t length, struct place place)
{
	uint32_t size = types_size(e->c->types, place.type);
	struct literal literal = {text, MIN(length, size - 1), place.address};
	uint32_t used = literal.length + 1;

	if (used <= STRINGS_SHORT) {
		for_pieces(e, used, literal_piece, &literal);
	} else {
		strings_move(
			e, place.address, strings_constant(e, text, used - 1, "text"), used - 1);
		ir_store(e, ir_offset(e, place.address, used - 1), ir_const(e, 0), 1);
	}
	if (strings_pads(e, place))
		strings_fill(e, ir_offset(e, place.address, used), size - used);
}

struct value strings_unread(struct emitter *e, struct value string)
{
	if (string.storage == STORAGE_KERNEL || string.storage == STORAGE_USER)
		return string;
	if (string.storage == STORAGE_MEMORY) {
		string.length = ir_const(e, types_size(e->c->types, string.type));
		string.may_fill = true;
	}
	string.storage = STORAGE_KERNEL;
	string.llvm = LLVMBuildPtrToInt(e->builder, string.llvm, e->i64, "");
	return string;
}

static LLVMValueRef read_string(
	struct emitter *e, struct value string, LLVMValueRef to, LLVMValueRef most)
{
	LLVMValueRef room = LLVMBuildTrunc(e->builder, most, e->i32, "");

	if (string.storage == STORAGE_USER)
		return helper_call(
			e, HELPER_probe_read_user_str, HELPER_ARGS(to, room, string.llvm));
	return helper_call(e, HELPER_probe_read_str, HELPER_ARGS(to, room, string.llvm));
}

/* Ends the string after its first most bytes, unless the place ends there. */
static void end_after(struct emitter *e, struct place place, LLVMValueRef most, uint32_t size)
{
	LLVMValueRef goes_on = ir_compare(e, LLVMIntULT, most, ir_const(e, size));
	LLVMBasicBlockRef after = ir_guard(e, goes_on, "goes_on");
	LLVMValueRef end = ir_offset_value(e, place.address, ir_bound(e, most, size - 1));

	ir_store(e, end, ir_const(e, 0), 1);
	ir_jump(e, after);
	ir_begin(e, after);
}

/*
 * The helper always ends with a NUL, so a string of just so many bytes looks like one that was cut.
 * When most bytes were read, the byte of the source that would have been next takes the place of
 * the NUL: it is the NUL itself, or it belongs to the string.
 */
static LLVMValueRef complete(struct emitter *e, struct value string, struct place place,
	LLVMValueRef most, LLVMValueRef bytes, LLVMValueRef characters)
{
	uint32_t size = types_size(e->c->types, place.type);
	LLVMValueRef full = ir_compare(e, LLVMIntEQ, bytes, most);
	LLVMValueRef any = ir_compare(e, LLVMIntNE, most, ir_const(e, 0));
	LLVMBasicBlockRef before = ir_here(e);
	LLVMBasicBlockRef after = ir_guard(e, LLVMBuildAnd(e->builder, full, any, ""), "full");
	LLVMValueRef last = LLVMBuildSub(e->builder, most, ir_const(e, 1), "");

	last = ir_bound(e, last, size - 1);
	LLVMValueRef at = ir_offset_value(e, place.address, last);
	LLVMValueRef source = LLVMBuildAdd(e->builder, string.llvm, last, "");
	enum helper helper =
		string.storage == STORAGE_USER ? HELPER_probe_read_user : HELPER_probe_read;

	helper_call_quiet(e, helper, HELPER_ARGS(at, ir_const32(e, 1), source));
	LLVMValueRef ends = ir_compare(e, LLVMIntEQ, ir_load(e, at, 1, false), ir_const(e, 0));
	LLVMValueRef counts[] = {characters, LLVMBuildSelect(e->builder, ends, last, most, "")};

	end_after(e, place, most, size);
	LLVMBasicBlockRef blocks[] = {before, ir_here(e)};

	ir_jump(e, after);
	ir_begin(e, after);
	return ir_phi(e, e->i64, counts, blocks, 2);
}

LLVMValueRef strings_read(struct emitter *e, struct value string, struct place place)
{
	uint32_t own = types_size(e->c->types, string.type);
	uint32_t size = types_size(e->c->types, place.type);
	uint32_t limit = MIN(own, size);
	LLVMValueRef most = string.length ? ir_bound(e, string.length, limit) : ir_const(e, limit);

	if (strings_pads(e, place))
		strings_fill(e, place.address, size);
	else if (string.length)
		ir_store(e, place.address, ir_const(e, 0), 1);
	LLVMValueRef bytes = read_string(e, string, place.address, most);
	LLVMValueRef some = ir_compare(e, LLVMIntSGT, bytes, ir_const(e, 0));
	LLVMValueRef characters = LLVMBuildSelect(e->builder, some,
		LLVMBuildSub(e->builder, bytes, ir_const(e, 1), ""), ir_const(e, 0), "");

	if (string.length || string.may_fill)
		return complete(e, string, place, most, bytes, characters);
	return characters;
}
