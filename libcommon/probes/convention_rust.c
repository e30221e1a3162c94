/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rust has no document that describes how its functions are called. What compilers do since 2018: a
 * struct of one number is passed as that number, one of two as both, "&str" for example; the
 * members of an enum's variants are numbers at the same place. Three words and more are in memory.
 */
#include "convention_rust.h"

#include "libcommon/base/alloc.h"

enum {
	WORD = sizeof(uint64_t),
	NUMBERS_MOST = 2,
	DEPTH_MOST = 16,
	MEMBERS_MOST = 512,
};

/* The numbers in a struct, by their places; those at one place are one. */
struct numbers {
	const struct types *types;
	uint32_t offsets[NUMBERS_MOST], sizes[NUMBERS_MOST];
	uint32_t count; /* NUMBERS_MOST + 1: too many, or they overlap */
	uint32_t members;
};

static void add_number(struct numbers *numbers, uint32_t type, uint32_t offset)
{
	uint32_t size = types_size(numbers->types, type);

	for (uint32_t i = 0; i < numbers->count && i < NUMBERS_MOST; i++) {
		if (numbers->offsets[i] == offset && numbers->sizes[i] == size)
			return;
		if (offset < numbers->offsets[i] + numbers->sizes[i] &&
			numbers->offsets[i] < offset + size)
			numbers->count = NUMBERS_MOST;
	}
	if (!types_is_scalar(numbers->types, type) || numbers->count >= NUMBERS_MOST) {
		numbers->count = NUMBERS_MOST + 1;
		return;
	}
	numbers->offsets[numbers->count] = offset;
	numbers->sizes[numbers->count++] = size;
}

static void add_numbers(struct numbers *numbers, uint32_t type, uint32_t offset, int depth)
{
	enum type_class class = types_class(numbers->types, type);
	uint32_t count = types_member_count(numbers->types, type);

	if (types_size(numbers->types, type) == 0)
		return;
	if (class != TYPE_STRUCT || depth == DEPTH_MOST) {
		add_number(numbers, type, offset);
		return;
	}
	for (uint32_t i = 0; i < count && numbers->members++ < MEMBERS_MOST; i++) {
		struct types_member member = types_member_at(numbers->types, type, i);

		add_numbers(numbers, member.type, offset + member.bit_offset / 8, depth + 1);
	}
}

struct operand convention_rust(const struct convention *convention, uint32_t type,
	const uint16_t *offsets, uint32_t *ret_count)
{
	struct numbers numbers = {.types = convention->types};
	struct operand *rest, first;

	add_numbers(&numbers, type, 0, 0);
	*ret_count = numbers.count <= NUMBERS_MOST ? numbers.count : 0;
	if (numbers.count == 1 && numbers.offsets[0] == 0)
		return operand_in_register(offsets[0], numbers.sizes[0]);
	if (numbers.count == 2 && numbers.offsets[0] == 0) {
		rest = arena_new(convention->arena, struct operand);
		*rest = operand_in_register(offsets[1], numbers.sizes[1]);
		first = operand_in_register(offsets[0], numbers.offsets[1]);
		first.rest = rest;
		return first;
	}
	*ret_count = types_size(convention->types, type) > 2 * WORD ? UINT32_MAX : 0;
	return (struct operand){.kind = OPERAND_OTHER, .why = "where only the compiler knows"};
}
