/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/ir.h"

static LLVMValueRef load_at(struct emitter *e, LLVMValueRef offset)
{
	LLVMValueRef word = access_within(e, e->function->context, offset);

	return ir_load_volatile(e, word, sizeof(uint64_t), false);
}

LLVMValueRef words_load(struct emitter *e, uint32_t number)
{
	return load_at(e, ir_const(e, number * sizeof(uint64_t)));
}

LLVMValueRef words_load_member(struct emitter *e, struct types_member member)
{
	return load_at(e, access_offset(e, member));
}

/* A struct that is passed by value, read from the words of the context. */
static struct value in_place(struct emitter *e, struct types_member member)
{
	LLVMValueRef context = LLVMBuildPtrToInt(e->builder, e->function->context, e->i64, "");

	return (struct value){
		.type = member.type,
		.storage = STORAGE_KERNEL,
		.llvm = LLVMBuildAdd(e->builder, context, access_offset(e, member), ""),
	};
}

struct value words_member(struct emitter *e, struct types_member member)
{
	const struct types *types = e->c->types;

	if (types_is_integer(types, member.type))
		return value_register(member.type,
			ir_narrowed(e, types_size(types, member.type),
				types_is_signed(types, member.type), words_load_member(e, member)));
	if (types_class(types, member.type) == TYPE_POINTER)
		return value_register(member.type, words_load_member(e, member));
	return in_place(e, member);
}
