/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A type is spelled around the name that it declares, from the outside in: a pointer to a function
 * is its result's type around "(*name)(parameters)". Debug information is hostile input, in which
 * types may hold themselves, so their depth and their number are bounded.
 */
#include "dwarf.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "debugfile.h"
#include "die.h"
#include "libcommon/base/alloc.h"

enum {
	DEPTH_MOST = 32,
	TYPES_MOST = 1000, /* of one declaration */
};

/* How far the spelling of one declaration has come. */
struct progress {
	int depth;
	int types;
};

/* The type of a DIE, also by a reference to another DIE (DW_AT_abstract_origin). */
static bool type_of(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Attribute attribute;

	return dwarf_attr_integrate(die, DW_AT_type, &attribute) &&
	       dwarf_formref_die(&attribute, ret);
}

static char *spell(Dwarf_Die *type, const char *inner, struct progress *progress);

/* A type that is missing is "void", one that is nested too deep "...". */
static char *spell_target(Dwarf_Die *die, const char *inner, struct progress *progress)
{
	const char *blank = *inner ? " " : "";
	Dwarf_Die target;

	if (progress->depth > DEPTH_MOST || progress->types > TYPES_MOST)
		return xasprintf("...%s%s", blank, inner);
	if (!type_of(die, &target))
		return xasprintf("void%s%s", blank, inner);
	progress->depth++;
	progress->types++;

	char *text = spell(&target, inner, progress);

	progress->depth--;
	return text;
}

static bool is_compound(Dwarf_Die *pointer)
{
	Dwarf_Die target;
	int tag = type_of(pointer, &target) ? dwarf_tag(&target) : 0;

	return tag == DW_TAG_array_type || tag == DW_TAG_subroutine_type;
}

static char *spell_pointer(
	Dwarf_Die *type, const char *mark, const char *inner, struct progress *progress)
{
	bool compound = is_compound(type);
	_cleanup_free_ char *pointer =
		xasprintf("%s%s%s%s", compound ? "(" : "", mark, inner, compound ? ")" : "");

	return spell_target(type, pointer, progress);
}

static char *spell_qualified(
	Dwarf_Die *type, const char *word, const char *inner, struct progress *progress)
{
	Dwarf_Die target;
	bool pointer = type_of(type, &target) && dwarf_tag(&target) == DW_TAG_pointer_type;
	_cleanup_free_ char *text = pointer ? xasprintf("%s %s", word, inner) : NULL;

	if (pointer)
		return spell_target(type, text, progress);
	text = spell_target(type, inner, progress);
	return xasprintf("%s %s", word, text);
}

static char *spell_array(Dwarf_Die *type, const char *inner, struct progress *progress)
{
	_cleanup_str_ struct str text = STR_INIT;
	Dwarf_Die range;

	str_append(&text, inner);
	if (dwarf_child(type, &range) == 0) {
		do {
			Dwarf_Attribute attribute;
			Dwarf_Word count = 0;

			if (dwarf_attr(&range, DW_AT_count, &attribute) &&
				dwarf_formudata(&attribute, &count) == 0)
				str_printf(&text, "[%lu]", (unsigned long)count);
			else if (dwarf_attr(&range, DW_AT_upper_bound, &attribute) &&
				 dwarf_formudata(&attribute, &count) == 0)
				str_printf(&text, "[%lu]", (unsigned long)count + 1);
			else
				str_append(&text, "[]");
		} while (dwarf_siblingof(&range, &range) == 0);
	}
	return spell_target(type, str_text(&text), progress);
}

/* Calls each parameter of a function or a function's type; the name is "" where it has none. */
static void for_each_parameter(Dwarf_Die *function,
	void (*call)(Dwarf_Die *parameter, const char *name, void *context), void *context)
{
	Dwarf_Die child;

	if (dwarf_child(function, &child) != 0)
		return;
	do {
		if (dwarf_tag(&child) != DW_TAG_formal_parameter)
			continue;

		const char *name = die_text(&child, DW_AT_name);

		call(&child, name ? name : "", context);
	} while (dwarf_siblingof(&child, &child) == 0);
}

struct list {
	struct str text;
	struct progress *progress;
};

static void add_to_list(Dwarf_Die *parameter, const char *name _unused_, void *context)
{
	struct list *list = context;
	const char *comma = list->text.length ? ", " : "";

	if (list->progress->types > TYPES_MOST)
		return;

	_cleanup_free_ char *text = spell_target(parameter, "", list->progress);

	str_printf(&list->text, "%s%s", comma, text);
}

static char *spell_function(Dwarf_Die *type, const char *inner, struct progress *progress)
{
	struct list list = {.progress = progress};

	for_each_parameter(type, add_to_list, &list);

	_cleanup_free_ char *text =
		xasprintf("%s(%s)", inner, list.text.length ? str_text(&list.text) : "void");

	str_deinit(&list.text);
	return spell_target(type, text, progress);
}

static char *spell_name(Dwarf_Die *type, const char *keyword, const char *inner)
{
	const char *name = die_text(type, DW_AT_name);

	return xasprintf("%s%s%s%s", keyword, name ? name : "{...}", *inner ? " " : "", inner);
}

static char *spell(Dwarf_Die *type, const char *inner, struct progress *progress)
{
	switch (dwarf_tag(type)) {
	case DW_TAG_pointer_type: return spell_pointer(type, "*", inner, progress);
	case DW_TAG_reference_type: return spell_pointer(type, "&", inner, progress);
	case DW_TAG_rvalue_reference_type: return spell_pointer(type, "&&", inner, progress);
	case DW_TAG_const_type: return spell_qualified(type, "const", inner, progress);
	case DW_TAG_volatile_type: return spell_qualified(type, "volatile", inner, progress);
	case DW_TAG_restrict_type: return spell_target(type, inner, progress);
	case DW_TAG_array_type: return spell_array(type, inner, progress);
	case DW_TAG_subroutine_type: return spell_function(type, inner, progress);
	case DW_TAG_structure_type: return spell_name(type, "struct ", inner);
	case DW_TAG_union_type: return spell_name(type, "union ", inner);
	case DW_TAG_enumeration_type: return spell_name(type, "enum ", inner);
	default: return spell_name(type, "", inner);
	}
}

/* --- functions --- */

/* The function of a unit that begins at the address. */
static bool find_in_unit(Dwarf_Die *unit, uint64_t address, Dwarf_Die *ret)
{
	_cleanup_free_ Dwarf_Die *scopes = NULL;
	int count = dwarf_getscopes(unit, address, &scopes);

	for (int i = 0; i < count; i++) {
		Dwarf_Addr begin;

		if (dwarf_tag(&scopes[i]) != DW_TAG_subprogram ||
			dwarf_entrypc(&scopes[i], &begin) != 0 || begin != address)
			continue;
		*ret = scopes[i];
		return true;
	}
	return false;
}

/* Some compilers omit the index of addresses: then all units are searched. */
static bool find_function(Dwarf *dwarf, uint64_t address, Dwarf_Die *ret)
{
	Dwarf_Off offset = 0, next;
	Dwarf_Die unit;
	size_t header;

	if (dwarf_addrdie(dwarf, address, &unit))
		return find_in_unit(&unit, address, ret);
	for (; dwarf_nextcu(dwarf, offset, &next, &header, NULL, NULL, NULL) == 0; offset = next) {
		if (dwarf_offdie(dwarf, offset + header, &unit) &&
			dwarf_haspc(&unit, address) > 0 && find_in_unit(&unit, address, ret))
			return true;
	}
	return false;
}

static void add_line(Dwarf_Die *parameter, const char *name, void *context)
{
	struct progress progress = {};
	_cleanup_free_ char *text = spell_target(parameter, name, &progress);

	str_printf(context, "    %s\n", text);
}

static bool declare(struct elf *elf, uint64_t address, bool result, struct str *out)
{
	Dwarf *dwarf = elf_dwarf(elf);
	Dwarf_Die function;
	bool found = dwarf && find_function(dwarf, address, &function);

	if (found && !result)
		for_each_parameter(&function, add_line, out);
	else if (found)
		add_line(&function, "retval", out);
	dwarf_end(dwarf);
	return found;
}

struct error *dwarf_declare(
	const struct host *host, struct elf *elf, uint64_t address, bool result, struct str *out)
{
	_cleanup_elf_ struct elf *debug = NULL;

	if (declare(elf, address, result, out))
		return NULL;
	if (debugfile_open(host, elf, &debug) && declare(debug, address, result, out))
		return NULL;
	return error_new(ENODATA,
		"%s has no debug information about its functions: their arguments are not known",
		elf_path(elf));
}
