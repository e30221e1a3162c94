/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As in copy.c there are two ways to read a type: as a value, with all types of its bytes, and
 * behind a pointer, where a struct with a name becomes a forward declaration. Each is done once for
 * a DIE. Debug information is hostile input, in which types may hold themselves: such a type is
 * void there, and chains of types have an end.
 */
#include "from_dwarf.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "dwarf_names.h"
#include "dwarf_reading.h"
#include "intern.h"
#include "libcommon/base/alloc.h"
#include "libcommon/elf/die.h"

enum {
	WORD = sizeof(uint64_t),
};

/* Marks a DIE whose type is being read. */
static char under_way;

uint32_t dwarf_target(struct dwarf_reading *reading, Dwarf_Die *die, enum dwarf_way way)
{
	Dwarf_Attribute attribute;
	Dwarf_Die target;

	if (!dwarf_attr_integrate(die, DW_AT_type, &attribute) ||
		!dwarf_formref_die(&attribute, &target))
		return 0;
	return dwarf_type(reading, &target, way);
}

uint64_t dwarf_number_or(Dwarf_Die *die, unsigned attribute, uint64_t otherwise)
{
	uint64_t number;

	return die_number(die, attribute, &number) ? number : otherwise;
}

uint32_t dwarf_size(Dwarf_Die *die)
{
	uint64_t size = dwarf_number_or(die, DW_AT_byte_size, 0);

	return size <= UINT32_MAX ? (uint32_t)size : 0;
}

static uint32_t bytes(struct types *types, uint64_t count)
{
	if (count == 0 || count > UINT32_MAX)
		return 0;
	return types_array(types, types_integer(types, 1, false), (uint32_t)count);
}

/* --- basic types --- */

static uint32_t read_integer(struct types *types, const char *name, uint32_t size, int encoding)
{
	uint32_t id;

	if (size == 2 * WORD) {
		const struct types_field halves[] = {
			{"low", types_integer(types, WORD, false)},
			{"high", types_integer(types, WORD, encoding == BTF_INT_SIGNED)},
		};

		return types_struct(types, name, halves, ARRAY_SIZE(halves));
	}
	if (size > WORD)
		return bytes(types, size);
	if (!*name)
		return types_integer(types, size, encoding == BTF_INT_SIGNED);
	id = intern_integer(types, name, size, encoding);
	return id ? id : bytes(types, size);
}

static uint32_t read_float(struct types *types, const char *name, uint32_t size)
{
	uint32_t id = intern_float(types, *name ? name : "float", size);

	return id ? id : bytes(types, size);
}

static uint32_t read_complex(struct types *types, uint32_t size)
{
	uint32_t part = read_float(types, "float", size / 2);

	return part ? types_array(types, part, 2) : 0;
}

static uint32_t read_basic(struct dwarf_reading *reading, Dwarf_Die *die)
{
	struct types *types = reading->types;
	const char *name = die_text(die, DW_AT_name);
	uint32_t size = dwarf_size(die);

	name = name ? name : "";
	switch (dwarf_number_or(die, DW_AT_encoding, 0)) {
	case DW_ATE_boolean: return read_integer(types, name, size, BTF_INT_BOOL);
	case DW_ATE_signed:
	case DW_ATE_signed_char: return read_integer(types, name, size, BTF_INT_SIGNED);
	case DW_ATE_address:
	case DW_ATE_ASCII:
	case DW_ATE_UCS:
	case DW_ATE_UTF:
	case DW_ATE_unsigned:
	case DW_ATE_unsigned_char: return read_integer(types, name, size, 0);
	case DW_ATE_float: return read_float(types, name, size);
	case DW_ATE_complex_float: return read_complex(types, size);
	default: return bytes(types, size);
	}
}

/* --- pointers, qualifiers, names --- */

static bool has_wide_pointers(Dwarf_Die *die)
{
	uint8_t size = 0;
	Dwarf_Die unit;

	return dwarf_diecu(die, &unit, &size, NULL) && size == WORD;
}

/* Pointers of programs of 32 bits are numbers, since those of BTF have 64. */
static uint32_t read_pointer(struct dwarf_reading *reading, Dwarf_Die *die)
{
	if (!has_wide_pointers(die))
		return types_integer(reading->types, sizeof(uint32_t), false);
	return types_pointer(
		reading->types, dwarf_target(reading, die, BEHIND_POINTER), ADDRESS_USER);
}

static uint32_t read_qualifier(
	struct dwarf_reading *reading, Dwarf_Die *die, uint32_t kind, enum dwarf_way way)
{
	uint32_t to = dwarf_target(reading, die, way);

	if (to == 0 && way == AS_VALUE)
		return 0;
	return intern_reference(reading->types, kind, to);
}

static uint32_t read_typedef(struct dwarf_reading *reading, Dwarf_Die *die, enum dwarf_way way)
{
	const char *name = dwarf_name(reading->types, die);
	uint32_t to = dwarf_target(reading, die, way);

	if ((to == 0 && way == AS_VALUE) || !*name || meaning_is_reserved(name))
		return to;
	return intern_typedef(reading->types, name, to, NULL);
}

/* A type without a description: void, or that of nullptr. */
static uint32_t read_unspecified(struct dwarf_reading *reading, Dwarf_Die *die)
{
	const char *name = die_text(die, DW_AT_name);

	if (!name || !strstr(name, "nullptr"))
		return 0;
	return types_pointer(reading->types, 0, ADDRESS_USER);
}

/* Where a member is in its struct, or, with a function, what finds it there. */
static uint32_t read_pointer_to_member(struct dwarf_reading *reading, Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	Dwarf_Die target;

	if (dwarf_attr_integrate(die, DW_AT_type, &attribute) &&
		dwarf_formref_die(&attribute, &target) &&
		dwarf_tag(&target) == DW_TAG_subroutine_type)
		return bytes(reading->types, (uint64_t)2 * WORD);
	return types_integer(reading->types, WORD, true);
}

static uint32_t read_function(struct dwarf_reading *reading, Dwarf_Die *die)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct types_field *fields = NULL;
	VEC(struct types_field) parameters = {};
	uint32_t result = dwarf_target(reading, die, AS_VALUE), id;
	Dwarf_Die child;

	if (dwarf_child(die, &child) == 0) {
		do {
			int tag = dwarf_tag(&child);
			const char *name = die_text(&child, DW_AT_name);
			bool is_more = tag == DW_TAG_unspecified_parameters;

			if (tag != DW_TAG_formal_parameter && !is_more)
				continue;
			fields = vec_add(&parameters);
			fields->name = name && !is_more ? arena_strdup(&arena, name) : "";
			fields->type = is_more ? 0 : dwarf_target(reading, &child, AS_VALUE);
		} while (parameters.count < MEMBERS_MOST && dwarf_siblingof(&child, &child) == 0);
	}
	id = intern_prototype(reading->types, result, parameters.items, parameters.count);
	vec_deinit(&parameters);
	return id;
}

/* --- arrays --- */

/* Of one dimension; 0 when it has no end, or one that only the running program knows. */
static uint32_t count_of(Dwarf_Die *range)
{
	uint64_t count = dwarf_number_or(range, DW_AT_count, UINT64_MAX);

	if (count == UINT64_MAX)
		count = dwarf_number_or(range, DW_AT_upper_bound, UINT64_MAX) + 1;
	return count <= UINT32_MAX ? (uint32_t)count : 0;
}

static uint32_t array_of(struct types *types, uint32_t element, uint32_t count)
{
	if (btf_is_char(types->btf, types_at(types, types_strip(types, element))))
		return types_string(types, count);
	return intern_array(types, element, count);
}

static uint32_t read_array(struct dwarf_reading *reading, Dwarf_Die *die)
{
	uint32_t counts[TYPES_DEPTH], dimensions = 0;
	uint32_t id = dwarf_target(reading, die, AS_VALUE);
	Dwarf_Die range;

	if (!id)
		return 0;
	if (dwarf_child(die, &range) == 0) {
		do {
			int tag = dwarf_tag(&range);

			if (tag == DW_TAG_subrange_type || tag == DW_TAG_enumeration_type)
				counts[dimensions++] = count_of(&range);
		} while (dimensions < TYPES_DEPTH && dwarf_siblingof(&range, &range) == 0);
	}
	while (id && dimensions > 0)
		id = array_of(reading->types, id, counts[--dimensions]);
	return id;
}

/* --- enums --- */

static bool is_signed(struct dwarf_reading *reading, Dwarf_Die *die)
{
	uint32_t base = dwarf_target(reading, die, AS_VALUE);

	return base && types_is_signed(reading->types, base);
}

static uint32_t read_enum(struct dwarf_reading *reading, Dwarf_Die *die)
{
	VEC(struct types_constant) constants = {};
	uint32_t size = dwarf_size(die), id;
	Dwarf_Die child;

	if (dwarf_child(die, &child) == 0) {
		do {
			const char *name = die_text(&child, DW_AT_name);

			if (name && dwarf_tag(&child) == DW_TAG_enumerator)
				vec_push(&constants, ((struct types_constant){name,
							     dwarf_enumerator_value(&child)}));
		} while (constants.count < MEMBERS_MOST && dwarf_siblingof(&child, &child) == 0);
	}
	id = intern_enum(reading->types, dwarf_name(reading->types, die), size,
		is_signed(reading, die), constants.items, constants.count);
	vec_deinit(&constants);
	return id ? id : bytes(reading->types, size);
}

/* --- all types --- */

static uint32_t read_kind(struct dwarf_reading *reading, Dwarf_Die *die, enum dwarf_way way)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_base_type: return read_basic(reading, die);
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type: return read_pointer(reading, die);
	case DW_TAG_ptr_to_member_type: return read_pointer_to_member(reading, die);
	case DW_TAG_const_type: return read_qualifier(reading, die, BTF_KIND_CONST, way);
	case DW_TAG_volatile_type: return read_qualifier(reading, die, BTF_KIND_VOLATILE, way);
	case DW_TAG_restrict_type: return read_qualifier(reading, die, BTF_KIND_RESTRICT, way);
	case DW_TAG_atomic_type:
	case DW_TAG_immutable_type:
	case DW_TAG_packed_type:
	case DW_TAG_shared_type:
	case DW_TAG_subrange_type: return dwarf_target(reading, die, way);
	case DW_TAG_template_alias:
	case DW_TAG_typedef: return read_typedef(reading, die, way);
	case DW_TAG_array_type: return read_array(reading, die);
	case DW_TAG_enumeration_type: return read_enum(reading, die);
	case DW_TAG_class_type:
	case DW_TAG_interface_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type: return dwarf_composite(reading, die, way);
	/* no value has the type of a function */
	case DW_TAG_subroutine_type: return way == AS_VALUE ? 0 : read_function(reading, die);
	case DW_TAG_unspecified_type: return read_unspecified(reading, die);
	default: return 0;
	}
}

/* The definition of a type that has a unit of its own. */
static bool find_unit(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Attribute attribute;

	return dwarf_attr(die, DW_AT_signature, &attribute) && dwarf_formref_die(&attribute, ret);
}

uint32_t dwarf_type(struct dwarf_reading *reading, Dwarf_Die *die, enum dwarf_way way)
{
	Dwarf_Die complete;

	if (find_unit(die, &complete))
		die = &complete;

	struct hashmap *known = &reading->types->dies;
	struct {
		void *die;
		uint64_t way;
	} key = {die->addr, way};
	void *id = hashmap_get(known, &key, sizeof(key));

	if (id)
		return id == &under_way ? 0 : (uint32_t)(uintptr_t)id - 1;
	if (reading->depth == TYPES_DEPTH)
		return 0;
	*hashmap_slot(known, &key, sizeof(key)) = &under_way;
	reading->depth++;

	uint32_t result = read_kind(reading, die, way);

	reading->depth--;
	*hashmap_slot(known, &key, sizeof(key)) = (void *)((uintptr_t)result + 1);
	return result;
}

uint32_t types_from_dwarf(struct types *types, struct debuginfo *info, Dwarf_Die *die)
{
	struct dwarf_reading reading = {.types = types, .info = info};

	return dwarf_target(&reading, die, AS_VALUE);
}
