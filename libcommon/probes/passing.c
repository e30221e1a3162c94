/* SPDX-License-Identifier: Apache-2.0 */
#include "passing.h"

#include <dwarf.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/elf/die.h"

enum {
	DEPTH_MOST = 16,
	WORD = 8,
	TWO_WORDS = 2 * WORD,
};

/* --- classes that are passed by the address of a copy --- */

bool passing_type(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Attribute attribute;

	if (!dwarf_attr_integrate(die, DW_AT_type, &attribute) ||
		!dwarf_formref_die(&attribute, ret))
		return false;
	for (int i = 0; i < DEPTH_MOST && dwarf_peel_type(ret, ret) == 0; i++) {
		if (!dwarf_attr(ret, DW_AT_signature, &attribute) ||
			!dwarf_formref_die(&attribute, ret))
			return true;
	}
	return false;
}

/* DWARF 5 marks functions that are defaulted where the class declares them, and deleted ones. */
static bool is_trivial(Dwarf_Die *function)
{
	uint64_t defaulted = 0;

	return dwarf_hasattr(function, DW_AT_artificial) ||
	       dwarf_hasattr(function, DW_AT_deleted) ||
	       (die_number(function, DW_AT_defaulted, &defaulted) &&
		       defaulted == DW_DEFAULTED_in_class);
}

static bool has_second(Dwarf_Die *function, Dwarf_Die *ret)
{
	int count = 0;

	if (dwarf_child(function, ret) != 0)
		return false;
	do {
		if (dwarf_tag(ret) == DW_TAG_formal_parameter && ++count == 2)
			return true;
	} while (dwarf_siblingof(ret, ret) == 0);
	return false;
}

/* A constructor from a reference to the same class. */
static bool copies(Dwarf_Die *function, Dwarf_Die *class)
{
	const char *name = die_text(function, DW_AT_name), *of = die_text(class, DW_AT_name);
	Dwarf_Die parameter, reference, target;
	size_t length = of ? strcspn(of, "<") : 0;
	int tag;

	if (!name || !of || strncmp(name, of, length) != 0 ||
		(name[length] && name[length] != '<') || !has_second(function, &parameter) ||
		!passing_type(&parameter, &reference))
		return false;
	tag = dwarf_tag(&reference);
	if ((tag != DW_TAG_reference_type && tag != DW_TAG_rvalue_reference_type) ||
		!passing_type(&reference, &target))
		return false;
	name = die_text(&target, DW_AT_name);
	return name && strcmp(name, of) == 0;
}

/* A function of the class's own to copy, move or destroy it, or a table of functions. */
static bool manages_itself(Dwarf_Die *member, Dwarf_Die *class)
{
	const char *name = die_text(member, DW_AT_name);

	if (!name || dwarf_tag(member) != DW_TAG_subprogram)
		return name && strncmp(name, "_vptr", strlen("_vptr")) == 0;
	return (*name == '~' || copies(member, class)) && !is_trivial(member);
}

static bool is_by_reference(Dwarf_Die *type, int depth)
{
	Dwarf_Attribute attribute;
	Dwarf_Word convention;
	Dwarf_Die member, inner;

	if (dwarf_attr(type, DW_AT_calling_convention, &attribute) &&
		dwarf_formudata(&attribute, &convention) == 0)
		return convention == DW_CC_pass_by_reference;
	if (depth == DEPTH_MOST || dwarf_child(type, &member) != 0)
		return false;
	do {
		int tag = dwarf_tag(&member);

		if (manages_itself(&member, type))
			return true;
		if ((tag == DW_TAG_member || tag == DW_TAG_inheritance) &&
			!dwarf_hasattr(&member, DW_AT_external) && passing_type(&member, &inner) &&
			is_by_reference(&inner, depth + 1))
			return true;
	} while (dwarf_siblingof(&member, &member) == 0);
	return false;
}

bool passing_is_class(int tag)
{
	return tag == DW_TAG_structure_type || tag == DW_TAG_class_type || tag == DW_TAG_union_type;
}

bool passing_by_reference(Dwarf_Die *die)
{
	Dwarf_Die type;

	return passing_type(die, &type) && passing_is_class(dwarf_tag(&type)) &&
	       is_by_reference(&type, 0);
}

/* --- alignment --- */

static bool align_of(Dwarf_Die *die, int depth, uint32_t *ret);

static bool align_of_members(Dwarf_Die *die, int depth, uint32_t *ret)
{
	uint64_t size = 0, place;
	Dwarf_Die member;

	die_number(die, DW_AT_byte_size, &size);
	if (dwarf_child(die, &member) != 0)
		return true;
	do {
		int tag = dwarf_tag(&member);
		uint32_t align = 1;

		if ((tag != DW_TAG_member && tag != DW_TAG_inheritance) ||
			dwarf_hasattr(&member, DW_AT_external))
			continue;
		if (!align_of(&member, depth + 1, &align))
			return false;
		place = 0;
		die_number(&member, DW_AT_data_member_location, &place);
		/* packed */
		if (size % align == 0 && place % align == 0)
			*ret = MAX(*ret, align);
	} while (dwarf_siblingof(&member, &member) == 0);
	return true;
}

static bool align_of_basic(Dwarf_Die *die, uint32_t *ret)
{
	uint64_t size = 0, encoding = 0;
	const char *name = die_text(die, DW_AT_name);

	die_number(die, DW_AT_byte_size, &size);
	die_number(die, DW_AT_encoding, &encoding);
	if (encoding == DW_ATE_complex_float && size <= TWO_WORDS)
		size /= 2;
	else if (encoding == DW_ATE_decimal_float || encoding == DW_ATE_complex_float ||
		 encoding >= DW_ATE_lo_user || (name && strstr(name, "_BitInt") && size > WORD))
		return false;
	*ret = size == TWO_WORDS ? TWO_WORDS : WORD;
	return true;
}

/* Of types that are aligned by a typedef, compilers take that into account or not. */
static bool align_of(Dwarf_Die *die, int depth, uint32_t *ret)
{
	int tag = dwarf_tag(die);
	uint64_t align = 0;
	Dwarf_Attribute attribute;
	Dwarf_Die target;

	if (depth == DEPTH_MOST)
		return false;
	if (die_number(die, DW_AT_alignment, &align) && tag != DW_TAG_formal_parameter) {
		*ret = (uint32_t)MIN(align, (uint64_t)1 << 16);
		return tag != DW_TAG_typedef && align && !(align & (align - 1));
	}
	if (tag == DW_TAG_base_type)
		return align_of_basic(die, ret);
	if (passing_is_class(tag))
		return align_of_members(die, depth, ret);
	if (tag == DW_TAG_array_type && dwarf_hasattr(die, DW_AT_GNU_vector))
		return false;
	if (tag == DW_TAG_pointer_type || tag == DW_TAG_reference_type ||
		tag == DW_TAG_rvalue_reference_type || tag == DW_TAG_enumeration_type ||
		tag == DW_TAG_ptr_to_member_type ||
		!dwarf_attr_integrate(die, DW_AT_type, &attribute) ||
		!dwarf_formref_die(&attribute, &target))
		return true;
	return align_of(&target, depth + 1, ret);
}

bool passing_alignment(Dwarf_Die *die, uint32_t *ret)
{
	*ret = WORD;
	return align_of(die, 0, ret);
}
