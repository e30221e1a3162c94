/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of probes and functions, and of numbers, where programs use them as strings: a table of the
 * object that has each at its number times the size of a string that has room for all of them.
 */
#include <string.h>

#include "ir.h"
#include "libcommon/types/number_names.h"
#include "names.h"
#include "strings.h"

static LLVMValueRef make_table(struct emitter *e, uint32_t size)
{
	size_t count = e->manifest->names.count;
	char *bytes = arena_array(e->c->arena, char, (count + 1) * size);

	for (size_t i = 0; i < count; i++) {
		const char *name = e->manifest->names.items[i];

		memcpy(bytes + (i + 1) * size, name, strnlen(name, size - 1));
	}
	return strings_constant(e, bytes, (count + 1) * size, "names");
}

/* The text at a number of a table of texts of size bytes. */
static struct value entry(
	struct emitter *e, LLVMValueRef table, LLVMValueRef number, uint64_t last, uint32_t size)
{
	LLVMValueRef offset = LLVMBuildMul(e->builder, number, ir_const(e, size), "");
	LLVMValueRef begin = LLVMBuildPtrToInt(e->builder, table, e->i64, "");

	offset = ir_bound(e, offset, last * size);
	/* of an aligned address LLVM makes the sum an "or", which the verifier refuses */
	begin = ir_opaque(e, begin);
	return (struct value){
		.type = types_string(e->c->types, size),
		.storage = STORAGE_KERNEL,
		.llvm = LLVMBuildAdd(e->builder, begin, offset, ""),
	};
}

struct value names_text(struct emitter *e, LLVMValueRef number)
{
	uint32_t size = e->c->name_size;

	if (!e->globals.names)
		e->globals.names = make_table(e, size);
	return entry(e, e->globals.names, number, e->manifest->names.count, size);
}

static LLVMValueRef make_numbers(struct emitter *e, enum meaning meaning, uint32_t size)
{
	uint32_t count = number_names_count(meaning, e->arch);
	size_t total = (size_t)size * (count + 1);
	char *bytes = arena_array(e->c->arena, char, total), *at = bytes;

	for (uint32_t i = 0; i <= count; i++, at += size) {
		const char *name = number_names_text(meaning, e->arch, i);

		memcpy(at, name, strlen(name) + 1);
	}
	return strings_constant(e, bytes, total, meaning_name(meaning));
}

struct value names_of_number(struct emitter *e, uint32_t type, LLVMValueRef number)
{
	enum meaning meaning = types_meaning_of(e->c->types, type);
	uint32_t size = number_names_size(meaning, e->arch);
	LLVMValueRef *table = &e->globals.numbers[meaning];

	if (!*table)
		*table = make_numbers(e, meaning, size);
	return entry(e, *table, number, number_names_count(meaning, e->arch), size);
}
