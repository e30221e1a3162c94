/* SPDX-License-Identifier: Apache-2.0 */
/* Structs, unions and classes in debug information. */
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "dwarf_names.h"
#include "dwarf_reading.h"
#include "intern.h"
#include "libcommon/elf/die.h"

typedef VEC(struct types_member) member_list;

/* An expression that adds a constant: before DWARF 3 there were no others. */
static bool place_by_expression(Dwarf_Die *die, uint64_t *ret)
{
	Dwarf_Attribute attribute;
	Dwarf_Op *operations;
	size_t count;

	if (!dwarf_attr_integrate(die, DW_AT_data_member_location, &attribute) ||
		dwarf_getlocation(&attribute, &operations, &count) != 0 || count != 1 ||
		operations[0].atom != DW_OP_plus_uconst)
		return false;
	*ret = operations[0].number;
	return true;
}

/* In bytes; false for what has no place, or one that only the running program knows: static members
 * and virtual bases. */
static bool place_of(Dwarf_Die *die, uint64_t *ret)
{
	if (die_number(die, DW_AT_data_member_location, ret) || place_by_expression(die, ret))
		return true;
	*ret = 0;
	return !dwarf_hasattr(die, DW_AT_data_member_location) &&
	       !dwarf_hasattr(die, DW_AT_external) && !dwarf_hasattr(die, DW_AT_declaration) &&
	       !dwarf_hasattr(die, DW_AT_const_value);
}

/* Of a bit-field, whose place was counted from the most significant bit of its storage before
 * DWARF 4. */
static uint64_t first_bit(
	struct types *types, Dwarf_Die *die, uint64_t place, uint32_t type, uint64_t width)
{
	uint64_t bit = 0, storage = dwarf_number_or(die, DW_AT_byte_size, types_size(types, type));

	if (die_number(die, DW_AT_data_bit_offset, &bit))
		return bit;
	if (die_number(die, DW_AT_bit_offset, &bit))
		return (place + storage) * 8 - bit - width;
	return place * 8;
}

static bool is_table_of_functions(Dwarf_Die *die, const char *name)
{
	return dwarf_hasattr(die, DW_AT_artificial) && strncmp(name, "_vptr", 5) == 0;
}

/* What the kernel demands of a member before it takes the types of a program. */
static bool is_inside(
	const struct types *types, uint32_t type, uint64_t bit, uint64_t width, uint32_t size)
{
	uint64_t bits = (uint64_t)types_size(types, type) * 8;

	if (width && (width > bits || !types_is_integer(types, type)))
		return false;
	if (!width && bit % 8)
		return false;
	return bit <= UINT32_MAX && bit + (width ? width : bits) <= (uint64_t)size * 8;
}

static uint32_t read_forward(struct dwarf_reading *reading, Dwarf_Die *die, const char *name);

/* The type of a member that has no definition: its name at least. */
static uint32_t declared_only(struct dwarf_reading *reading, Dwarf_Die *member)
{
	Dwarf_Attribute attribute;
	const char *name;
	Dwarf_Die type;

	if (!dwarf_attr_integrate(member, DW_AT_type, &attribute) ||
		!dwarf_formref_die(&attribute, &type) || dwarf_peel_type(&type, &type) != 0)
		return 0;
	switch (dwarf_tag(&type)) {
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		name = dwarf_name(reading->types, &type);
		if (!dwarf_hasattr(&type, DW_AT_declaration) || !*name)
			return 0;
		return read_forward(reading, &type, name);
	default: return 0;
	}
}

static void add_member(
	struct dwarf_reading *reading, Dwarf_Die *die, uint32_t size, member_list *ret)
{
	const char *name = die_text(die, DW_AT_name);
	uint64_t width = dwarf_number_or(die, DW_AT_bit_size, 0), place, bit;
	uint32_t type;

	name = name && dwarf_tag(die) == DW_TAG_member ? name : "";
	if (!place_of(die, &place) || is_table_of_functions(die, name))
		return;
	type = dwarf_target(reading, die, AS_VALUE);
	type = type ? type : declared_only(reading, die);
	if (!type)
		return;
	bit = first_bit(reading->types, die, place, type, width);
	if (!is_inside(reading->types, type, bit, width, size))
		return;
	vec_push(ret, ((struct types_member){
			      .name = name,
			      .type = type,
			      .bit_offset = (uint32_t)bit,
			      .bit_size = (uint32_t)width,
		      }));
}

/* Members of all variants of an enum of Rust are members. */
static void add_members(
	struct dwarf_reading *reading, Dwarf_Die *scope, uint32_t size, int depth, member_list *ret)
{
	Dwarf_Die die;

	if (depth > 2 || dwarf_child(scope, &die) != 0)
		return;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_inheritance:
		case DW_TAG_member: add_member(reading, &die, size, ret); break;
		case DW_TAG_variant:
		case DW_TAG_variant_part: add_members(reading, &die, size, depth + 1, ret); break;
		default: break;
		}
	} while (ret->count < MEMBERS_MOST && dwarf_siblingof(&die, &die) == 0);
}

static int compare_members(const void *a, const void *b)
{
	const struct types_member *x = a, *y = b;

	if (x->bit_offset != y->bit_offset)
		return x->bit_offset < y->bit_offset ? -1 : 1;
	return x < y ? -1 : x > y;
}

uint32_t dwarf_kind(Dwarf_Die *die)
{
	return dwarf_tag(die) == DW_TAG_union_type ? BTF_KIND_UNION : BTF_KIND_STRUCT;
}

static uint32_t read_members(struct dwarf_reading *reading, Dwarf_Die *die)
{
	uint32_t size = dwarf_size(die), kind = dwarf_kind(die), id;
	member_list members = {};

	add_members(reading, die, size, 0, &members);
	if (members.count && kind == BTF_KIND_STRUCT)
		qsort(members.items, members.count, sizeof(*members.items), compare_members);
	id = intern_composite(reading->types, kind, dwarf_name(reading->types, die), members.items,
		members.count, size);
	vec_deinit(&members);
	return id;
}

static uint32_t read_forward(struct dwarf_reading *reading, Dwarf_Die *die, const char *name)
{
	struct arena *arena = &reading->types->arena;
	bool is_declared = dwarf_hasattr(die, DW_AT_declaration);
	struct origin origin = {
		.program = reading->info,
		.die = is_declared ? NULL : memcpy(arena_new(arena, Dwarf_Die), die, sizeof(*die)),
		.size = dwarf_size(die),
		.line = (uint32_t)dwarf_number_or(die, DW_AT_decl_line, 0),
	};

	if (is_declared)
		origin.size = origin.line = 0;
	return intern_forward(reading->types, dwarf_kind(die), name, origin);
}

uint32_t dwarf_composite(struct dwarf_reading *reading, Dwarf_Die *die, enum dwarf_way way)
{
	const char *name = dwarf_name(reading->types, die);
	Dwarf_Die complete;

	if (way == BEHIND_POINTER && *name)
		return read_forward(reading, die, name);
	if (!dwarf_hasattr(die, DW_AT_declaration))
		return read_members(reading, die);
	if (dwarf_find_complete(reading, die, &complete))
		return dwarf_type(reading, &complete, AS_VALUE);
	return 0;
}
