/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The formatted record of a tracepoint: members stand at the offsets of its format file and are
 * read in place. A __data_loc member is a word of offset and length of bytes further on in the
 * record.
 */
#include "bpftrace/compiler/emit/ir.h"

static struct value data_loc(struct emitter *e, struct value word)
{
	uint32_t type = types_string(e->c->types, e->c->settings.max_strlen);
	LLVMValueRef offset =
		LLVMBuildAnd(e->builder, access_load(e, word), ir_const(e, 0xffff), "");
	LLVMValueRef record = LLVMBuildPtrToInt(e->builder, e->function->context, e->i64, "");
	return (struct value){
		.type = type,
		.where = WHERE_KERNEL,
		.llvm = LLVMBuildAdd(e->builder, record, offset, ""),
	};
}

static struct value record_member(
	struct emitter *e, struct types_member member, uint32_t index _unused_)
{
	struct value record = {
		.type = e->unit->args,
		.where = WHERE_CONTEXT,
		.llvm = e->function->context,
	};
	struct value value = access_member(e, record, member);
	if (types_is_named(e->c->types, member.type, NAMED_DATA_LOC)) {
		value.type = types_form(e->c->types, member.type);
		return data_loc(e, value);
	}
	return value;
}

const struct context_row context_record = {
	.kind = CONTEXT_RECORD,
	.member = record_member,
};
