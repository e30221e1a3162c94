/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of probes and functions where programs use them as strings: a table of the object that has
 * each at its number times the size of a string that has room for all of them.
 */
#include <string.h>

#include "ir.h"
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

struct value names_text(struct emitter *e, LLVMValueRef number)
{
	uint32_t size = e->c->name_size;

	if (!e->globals.names)
		e->globals.names = make_table(e, size);
	LLVMValueRef offset = LLVMBuildMul(e->builder, number, ir_const(e, size), "");

	offset = ir_bound(e, offset, e->manifest->names.count * (uint64_t)size);
	LLVMValueRef table = LLVMBuildPtrToInt(e->builder, e->globals.names, e->i64, "");

	/* of an aligned address LLVM makes the sum an "or", which the verifier refuses */
	table = ir_opaque(e, table);
	return (struct value){
		.type = types_string(e->c->types, size),
		.storage = STORAGE_KERNEL,
		.llvm = LLVMBuildAdd(e->builder, table, offset, ""),
	};
}
