/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The formatted record of a tracepoint: members are at the offsets of its format file and are read
 * in place. A member of __data_loc or __rel_loc is a word of offset and length of bytes further on
 * in the record.
 */
#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/context/context.h"
#include "bpftrace/compiler/emit/ir.h"

/* What a word leads to: a string, or the address of something else. base: where offsets count from.
 */
static struct value located(struct emitter *e, struct value word, uint32_t location, uint32_t base)
{
	uint32_t pointer = types_located(e->c->types, location);
	LLVMValueRef offset =
		LLVMBuildAnd(e->builder, access_load(e, word), ir_const(e, 0xffff), "");
	LLVMValueRef begin = ir_offset(e, e->function->context, base);
	LLVMValueRef record = LLVMBuildPtrToInt(e->builder, begin, e->i64, "");
	LLVMValueRef address = LLVMBuildAdd(e->builder, record, offset, "");

	if (pointer)
		return value_register(pointer, address);
	return (struct value){
		.type = types_string(e->c->types, e->c->settings.max_strlen),
		.storage = STORAGE_KERNEL,
		.llvm = address,
	};
}

static struct value record_member(
	struct emitter *e, struct types_member member, uint32_t index _unused_)
{
	struct value record = {
		.type = e->unit->args,
		.storage = STORAGE_CONTEXT,
		.llvm = e->function->context,
	};
	struct value value = access_member(e, record, member);

	if (!types_is_located(e->c->types, member.type))
		return value;
	bool is_relative = types_has_meaning(e->c->types, member.type, MEANING_REL_LOC);
	uint32_t end = member.bit_offset / 8 + types_size(e->c->types, member.type);

	value.type = types_form(e->c->types, member.type);
	return located(e, value, member.type, is_relative ? end : 0);
}

const struct context_ops context_record = {
	.kind = CONTEXT_RECORD,
	.member = record_member,
};
