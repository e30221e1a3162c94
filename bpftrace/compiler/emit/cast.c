/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions, those that infer put in included: into a register, or into the place where a value
 * in memory belongs. */
#include "bpftrace/compiler/bind/constant.h"
#include "access.h"
#include "aggregation.h"
#include "cast.h"
#include "classtext.h"
#include "compare.h"
#include "expr.h"
#include "ir.h"
#include "strings.h"

LLVMValueRef cast_integer(struct emitter *e, LLVMValueRef value, uint32_t type)
{
	uint32_t size = types_size(e->c->types, type);

	if (size == 0 || size >= 8)
		return value;
	LLVMValueRef low = LLVMBuildTrunc(e->builder, value, ir_integer(e, size), "");

	return ir_extend(e, low, types_is_signed(e->c->types, type));
}

struct value cast_emit(struct emitter *e, struct cast *cast)
{
	uint32_t type = cast->node.type;

	if (compare_makes_bool(e, cast))
		return compare_as_bool(e, cast);
	struct value operand = expr_emit(e, cast->operand);

	if (types_class(e->c->types, operand.type) == TYPE_MEANING &&
		operand.storage == STORAGE_MEMORY)
		operand = value_register(type, aggregation_number(e, operand));
	else if (!types_is_scalar(e->c->types, operand.type))
		operand.type = type; /* an array read as a number */
	return value_register(type, cast_integer(e, access_load(e, operand), type));
}

/* A number into an array; a constant into one of any size, with zeros behind it. */
static void number_into(struct emitter *e, struct node *number, struct place place)
{
	uint32_t own = types_size(e->c->types, number->type);
	uint32_t size = types_size(e->c->types, place.type);
	int64_t constant = 0;

	if (own == size) {
		ir_store(e, place.address, expr_register(e, number), size);
		return;
	}
	constant_integer(number, &constant);
	strings_fill(e, place.address, size);
	strings_bytes(e, &constant, MIN(sizeof(constant), size), place.address);
}

/* The string in an array of bytes, or at an address. */
static void string_into(struct emitter *e, struct node *operand, struct place place)
{
	struct types *types = e->c->types;
	struct value value = expr_emit(e, operand);

	if (types_class(types, value.type) == TYPE_POINTER) {
		bool user = types_space(types, value.type) == ADDRESS_USER;

		value.llvm = access_load(e, value);
		value.storage = user ? STORAGE_USER : STORAGE_KERNEL;
		value.type = place.type;
	} else {
		value.type = types_string(types, types_size(types, value.type));
		value.may_fill = true;
		value = strings_unread(e, value);
	}
	strings_read(e, value, place);
}

void cast_into(struct emitter *e, struct cast *cast, struct place place)
{
	struct types *types = e->c->types;
	bool to_string = types_class(types, place.type) == TYPE_STRING;
	enum type_class class = types_class(types, cast->operand->type);

	if (to_string && (class == TYPE_POINTER || class == TYPE_ARRAY))
		string_into(e, cast->operand, place);
	else if (types_is_scalar(types, cast->operand->type))
		number_into(e, cast->operand, place);
	else if (!classtext_into(e, cast->operand, place))
		access_copy(e, expr_emit(e, cast->operand), place);
}
