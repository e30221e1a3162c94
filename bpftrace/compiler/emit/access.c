/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Getting at bytes wherever they are. A value that is only an address (kernel, user, context) moves
 * along members and elements without being read; access_load and access_copy read it at the end, by
 * one helper call for the bytes that are wanted.
 */
#include "access.h"
#include "helper.h"
#include "ir.h"
#include "libcommon/types/number_names.h"
#include "names.h"
#include "strings.h"
#include "variable.h"

LLVMValueRef access_offset(struct emitter *e, struct types_member member)
{
	return ir_const(e, member.bit_offset / 8);
}

LLVMValueRef access_size(struct emitter *e, uint32_t type)
{
	return ir_const(e, types_size(e->c->types, types_complete(e->c->types, type)));
}

struct error *access_kernel_offsets(
	struct emitter *e, struct kbtf_member *members, size_t count, LLVMValueRef *ret)
{
	struct error *error = kbtf_members(e->c->kbtf, members, count);

	for (size_t i = 0; !error && i < count; i++)
		ret[i] = ir_const(e, members[i].bits / 8);
	return error;
}

LLVMValueRef access_within(struct emitter *e, LLVMValueRef pointer, LLVMValueRef offset)
{
	bool is_start = LLVMIsAConstantInt(offset) && !LLVMConstIntGetZExtValue(offset);

	return is_start ? pointer : ir_offset_value(e, pointer, offset);
}

static LLVMValueRef advance(struct emitter *e, struct value value, LLVMValueRef bytes)
{
	if (value.storage == STORAGE_KERNEL || value.storage == STORAGE_USER)
		return LLVMBuildAdd(e->builder, value.llvm, bytes, "");
	return access_within(e, value.llvm, bytes);
}

/* An array of char as a string, which may fill it; one without a length may have max_strlen bytes.
 */
static struct value as_string(struct emitter *e, struct value value)
{
	if (types_class(e->c->types, value.type) != TYPE_STRING)
		return value;
	value.may_fill = value.storage != STORAGE_MEMORY;
	if (value.may_fill && !types_size(e->c->types, value.type))
		value.type = types_string(e->c->types, e->c->settings.max_strlen);
	return value;
}

struct value access_pointee(struct emitter *e, uint32_t pointer_type, LLVMValueRef address)
{
	bool user = types_space(e->c->types, pointer_type) == ADDRESS_USER;
	struct value value = {
		.type = types_complete(e->c->types, types_pointee(e->c->types, pointer_type)),
		.storage = user ? STORAGE_USER : STORAGE_KERNEL,
		.llvm = address,
	};

	return as_string(e, value);
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
		.storage = object.storage,
		.llvm = advance(e, object, ir_const(e, byte)),
		.bit_offset = bit,
		.bit_size = member.bit_size,
	};
}

struct value access_member(struct emitter *e, struct value object, struct types_member member)
{
	if (member.bit_size)
		return bit_field(e, object, member);
	struct value value = {
		.type = member.type,
		.storage = object.storage,
		.llvm = advance(e, object, access_offset(e, member)),
	};

	return as_string(e, value);
}

struct value access_element(struct emitter *e, struct value array, LLVMValueRef index)
{
	uint32_t element = types_element(e->c->types, array.type, NULL);
	LLVMValueRef bytes = LLVMBuildMul(e->builder, index, access_size(e, element), "");
	struct value result = {.type = element, .storage = array.storage};

	if (array.storage == STORAGE_KERNEL || array.storage == STORAGE_USER)
		result.llvm = LLVMBuildAdd(e->builder, array.llvm, bytes, "");
	else
		result.llvm = ir_offset_value(e, array.llvm, bytes);
	return as_string(e, result);
}

struct value access_address(struct emitter *e, struct value value)
{
	if (value.storage == STORAGE_CONTEXT) {
		value.storage = STORAGE_KERNEL;
		value.llvm = LLVMBuildPtrToInt(e->builder, value.llvm, e->i64, "");
	}
	return value;
}

void access_read(
	struct emitter *e, enum storage storage, LLVMValueRef to, uint32_t size, LLVMValueRef from)
{
	enum helper helper = storage == STORAGE_USER ? HELPER_probe_read_user : HELPER_probe_read;

	helper_call(e, helper, HELPER_ARGS(to, ir_const32(e, size), from));
}

static uint32_t load_size(struct emitter *e, struct value value)
{
	uint32_t size = types_size(e->c->types, value.type);

	return value.bit_offset + value.bit_size > size * 8 ? 8 : size;
}

static LLVMValueRef extract_bits(struct emitter *e, struct value value, LLVMValueRef word)
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
	if (value.storage == STORAGE_REGISTER)
		return value.llvm;

	uint32_t size = load_size(e, value);
	bool is_signed = types_is_signed(e->c->types, value.type) && !value.bit_size;

	if (value.storage == STORAGE_CONTEXT)
		return extract_bits(e, value, ir_load_volatile(e, value.llvm, size, is_signed));
	if (value.storage == STORAGE_MEMORY)
		return extract_bits(e, value, ir_load(e, value.llvm, size, is_signed));

	size_t stack = e->function->stack_used;
	LLVMValueRef room = variable_stack(e, sizeof(uint64_t));

	access_read(e, value.storage, room, size, value.llvm);
	e->function->stack_used = stack;
	return extract_bits(e, value, ir_load(e, room, size, is_signed));
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
	place.address = access_within(e, place.address, access_offset(e, member));
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

	if (value.storage != STORAGE_MEMORY || MAX(from, to) > STRINGS_SHORT) {
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

/* A record into one with the same names, in another order or of wider members. */
static void copy_fields(struct emitter *e, struct value value, struct place place)
{
	struct types *types = e->c->types;
	uint32_t count = types_member_count(types, place.type);

	for (uint32_t i = 0; i < count; i++) {
		struct types_member to = types_member_at(types, place.type, i), from = {};

		types_member(types, value.type, to.name, &from);
		access_copy(e, access_member(e, value, from), access_part(e, place, to));
	}
}

void access_copy(struct emitter *e, struct value value, struct place place)
{
	struct types *types = e->c->types;
	enum type_class class = types_class(types, place.type);
	uint32_t size = types_size(types, place.type);

	if (class == TYPE_STRING && types_is_name(types, value.type))
		value = names_text(e, access_load(e, value));
	else if (class == TYPE_STRING && number_names_have(types, value.type))
		value = names_of_number(e, value.type, access_load(e, value));
	if (value.storage == STORAGE_REGISTER || types_is_scalar(types, place.type))
		access_store(e, place, access_load(e, value));
	else if (class == TYPE_STRING)
		copy_string(e, value, place);
	else if (class == TYPE_TUPLE && value.type != place.type)
		copy_members(e, value, place);
	else if (value.type != place.type && types_is_record(types, place.type))
		copy_fields(e, value, place);
	else if (class == TYPE_MEANING && value.type != place.type &&
		 types_has_meaning(types, place.type, MEANING_BUF))
		copy_buf(e, value, place);
	else if (value.storage == STORAGE_MEMORY)
		strings_move(e, place.address, value.llvm, size);
	else {
		value = access_address(e, value);
		access_read(e, value.storage, place.address, size, value.llvm);
	}
}
