/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Getting at bytes wherever they are. A value that is only an address (kernel, user, context) moves
 * along members and elements without being read; access_load and access_copy read it at the end, by
 * one helper call for the bytes that are wanted.
 */
#include "ir.h"

static LLVMValueRef advance(struct emitter *e, struct value value, uint64_t bytes)
{
	if (value.where == WHERE_KERNEL || value.where == WHERE_USER)
		return LLVMBuildAdd(e->builder, value.llvm, ir_const(e, bytes), "");
	return ir_offset(e, value.llvm, bytes);
}

struct value access_pointee(struct emitter *e, uint32_t pointer_type, LLVMValueRef address)
{
	bool user = types_space(e->c->types, pointer_type) == ADDRESS_USER;
	return (struct value){
		.type = types_complete(e->c->types, types_pointee(e->c->types, pointer_type)),
		.where = user ? WHERE_USER : WHERE_KERNEL,
		.llvm = address,
	};
}

/* The bytes that hold a bit-field: its own storage unit, or eight bytes where it crosses one. */
static struct value bit_field(struct emitter *e, struct value object, struct types_member member)
{
	uint32_t unit = types_size(e->c->types, member.type);
	uint32_t byte = member.bit_offset / 8 / unit * unit;
	uint32_t bit = member.bit_offset - byte * 8;
	if (bit + member.bit_size > unit * 8) {
		byte = member.bit_offset / 8;
		bit = member.bit_offset % 8;
	}
	return (struct value){
		.type = member.type,
		.where = object.where,
		.llvm = advance(e, object, byte),
		.bit_offset = bit,
		.bit_size = member.bit_size,
	};
}

struct value access_member(struct emitter *e, struct value object, struct types_member member)
{
	if (member.bit_size)
		return bit_field(e, object, member);
	return (struct value){
		.type = member.type,
		.where = object.where,
		.llvm = advance(e, object, member.bit_offset / 8),
	};
}

struct value access_element(struct emitter *e, struct value array, LLVMValueRef index)
{
	uint32_t element = types_element(e->c->types, array.type, NULL);
	LLVMValueRef bytes =
		LLVMBuildMul(e->builder, index, ir_const(e, types_size(e->c->types, element)), "");
	struct value result = {.type = element, .where = array.where};
	if (array.where == WHERE_KERNEL || array.where == WHERE_USER)
		result.llvm = LLVMBuildAdd(e->builder, array.llvm, bytes, "");
	else
		result.llvm = ir_offset_value(e, array.llvm, bytes);
	return result;
}

struct value access_address(struct emitter *e, struct value value)
{
	if (value.where == WHERE_CONTEXT) {
		value.where = WHERE_KERNEL;
		value.llvm = LLVMBuildPtrToInt(e->builder, value.llvm, e->i64, "");
	}
	return value;
}

void access_read(
	struct emitter *e, enum where where, LLVMValueRef to, uint32_t size, LLVMValueRef from)
{
	enum helper helper = where == WHERE_USER ? HELPER_probe_read_user : HELPER_probe_read;
	helper_call(e, helper, HELPER_ARGS(to, ir_const32(e, size), from));
}

static uint32_t load_size(struct emitter *e, struct value value)
{
	uint32_t size = types_size(e->c->types, value.type);
	return value.bit_offset + value.bit_size > size * 8 ? 8 : size;
}

static LLVMValueRef take_bits(struct emitter *e, struct value value, LLVMValueRef word)
{
	if (!value.bit_size)
		return word;
	LLVMValueRef up = ir_const(e, 64 - value.bit_offset - value.bit_size);
	LLVMValueRef down = ir_const(e, 64 - value.bit_size);
	word = LLVMBuildShl(e->builder, word, up, "");
	return types_is_signed(e->c->types, value.type) ? LLVMBuildAShr(e->builder, word, down, "")
							: LLVMBuildLShr(e->builder, word, down, "");
}

LLVMValueRef access_load(struct emitter *e, struct value value)
{
	if (value.where == WHERE_REGISTER)
		return value.llvm;

	uint32_t size = load_size(e, value);
	bool is_signed = types_is_signed(e->c->types, value.type) && !value.bit_size;
	if (value.where == WHERE_CONTEXT)
		return take_bits(e, value, ir_load_context(e, value.llvm, size, is_signed));
	if (value.where == WHERE_MEMORY)
		return take_bits(e, value, ir_load(e, value.llvm, size, is_signed));

	size_t stack = e->function->stack_used;
	LLVMValueRef room = variable_stack(e, sizeof(uint64_t));
	access_read(e, value.where, room, size, value.llvm);
	e->function->stack_used = stack;
	return take_bits(e, value, ir_load(e, room, size, is_signed));
}

void access_store(struct emitter *e, struct place place, LLVMValueRef value)
{
	ir_store(e, place.address, value, types_size(e->c->types, place.type));
}

void access_clear(struct emitter *e, struct place place)
{
	uint32_t size = types_size(e->c->types, place.type);
	bool is_string = types_class(e->c->types, place.type) == TYPE_STRING;
	strings_fill(e, place.address, is_string && !strings_pads(e, place) ? 1 : size);
}

/* The place of a member in that of its struct or tuple. */
struct place access_part(struct emitter *e, struct place place, struct types_member member)
{
	place.type = member.type;
	place.address = ir_offset(e, place.address, member.bit_offset / 8);
	return place;
}

/* A tuple into a tuple of wider members. */
static void copy_members(struct emitter *e, struct value value, struct place place)
{
	struct types *types = e->c->types;
	uint32_t count = types_member_count(types, place.type);
	for (uint32_t i = 0; i < count; i++) {
		struct types_member from = types_member_at(types, value.type, i);
		struct types_member to = types_member_at(types, place.type, i);
		access_copy(e, access_member(e, value, from), access_part(e, place, to));
	}
}

static void copy_string(struct emitter *e, struct value value, struct place place)
{
	uint32_t from = types_size(e->c->types, value.type);
	uint32_t to = types_size(e->c->types, place.type);
	if (value.where != WHERE_MEMORY || MAX(from, to) > STRINGS_SHORT) {
		strings_read(e, strings_unread(e, value), place);
		return;
	}
	strings_move(e, place.address, value.llvm, MIN(from, to));
	if (from > to)
		ir_store(e, ir_offset(e, place.address, to - 1), ir_const(e, 0), 1);
	else if (strings_pads(e, place))
		strings_fill(e, ir_offset(e, place.address, from), to - from);
	else if (from < to)
		ir_store(e, ir_offset(e, place.address, from), ir_const(e, 0), 1);
}

/* A buf into one of more room. */
static void copy_buf(struct emitter *e, struct value value, struct place place)
{
	uint32_t from = types_size(e->c->types, value.type);
	uint32_t to = types_size(e->c->types, place.type);
	strings_move(e, place.address, value.llvm, from);
	if (strings_pads(e, place))
		strings_fill(e, ir_offset(e, place.address, from), to - from);
}

void access_copy(struct emitter *e, struct value value, struct place place)
{
	struct types *types = e->c->types;
	enum type_class class = types_class(types, place.type);
	uint32_t size = types_size(types, place.type);

	if (value.where == WHERE_REGISTER || class == TYPE_INTEGER || class == TYPE_ENUM ||
		class == TYPE_POINTER)
		access_store(e, place, access_load(e, value));
	else if (class == TYPE_STRING)
		copy_string(e, value, place);
	else if (class == TYPE_TUPLE && value.type != place.type)
		copy_members(e, value, place);
	else if (class == TYPE_NAMED && value.type != place.type &&
		 types_is_named(types, place.type, NAMED_BUF))
		copy_buf(e, value, place);
	else if (value.where == WHERE_MEMORY)
		strings_move(e, place.address, value.llvm, size);
	else {
		value = access_address(e, value);
		access_read(e, value.where, place.address, size, value.llvm);
	}
}
