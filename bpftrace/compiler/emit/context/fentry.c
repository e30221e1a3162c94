/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions entered by a trampoline: the context is an array of 64-bit words, the arguments and
 * then the return value, at the offsets of the members of `args`. The verifier tracks the types of
 * these words and refuses arithmetic on pointers, so they are converted to scalars.
 */
#include "bpftrace/compiler/emit/context/context.h"
#include "bpftrace/compiler/emit/ir.h"

enum {
	WORD = 8,
};

static LLVMValueRef word_at(struct emitter *e, uint32_t offset)
{
	return ir_load_volatile(e, ir_offset(e, e->function->context, offset), WORD, false);
}

static struct value fentry_member(
	struct emitter *e, struct types_member member, uint32_t index _unused_)
{
	const struct types *types = e->c->types;
	uint32_t offset = member.bit_offset / 8;

	if (types_is_integer(types, member.type))
		return value_register(member.type,
			ir_narrowed(e, types_size(types, member.type),
				types_is_signed(types, member.type), word_at(e, offset)));
	if (types_class(types, member.type) == TYPE_POINTER)
		return value_register(member.type, ir_untyped(e, word_at(e, offset)));

	/* a struct that is passed by value, read from the words of the context */
	LLVMValueRef context = LLVMBuildPtrToInt(e->builder, e->function->context, e->i64, "");

	return (struct value){
		.type = member.type,
		.storage = STORAGE_KERNEL,
		.llvm = LLVMBuildAdd(e->builder, context, ir_const(e, offset), ""),
	};
}

static LLVMValueRef fentry_typed(struct emitter *e, struct types_member member)
{
	return word_at(e, member.bit_offset / 8);
}

static struct value fexit_result(struct emitter *e, uint32_t type)
{
	struct types_member member = {};

	types_member(e->c->types, e->unit->args, "retval", &member);
	struct value value = fentry_member(e, member, 0);

	value.type = type;
	return value;
}

const struct context_ops context_fentry = {
	.kind = CONTEXT_FENTRY,
	.member = fentry_member,
	.typed = fentry_typed,
};

const struct context_ops context_fexit = {
	.kind = CONTEXT_FEXIT,
	.member = fentry_member,
	.typed = fentry_typed,
	.result = fexit_result,
};
