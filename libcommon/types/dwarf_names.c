/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A DIE has a name of its own only; the namespaces that it is in are the DIEs around it, to which
 * no reference leads back. So all scopes of a unit are walked once, and for each type in one its
 * prefix is kept. Units of C have no scopes.
 */
#include "dwarf_names.h"

#include <dwarf.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/elf/die.h"

enum {
	SCOPES_DEPTH = 32,
	ENTRIES_MOST = 8 << 20, /* that one search looks at */
};

int64_t dwarf_enumerator_value(Dwarf_Die *enumerator)
{
	Dwarf_Attribute found;
	Dwarf_Sword value = 0;
	Dwarf_Word word = 0;

	if (!dwarf_attr_integrate(enumerator, DW_AT_const_value, &found))
		return 0;
	switch (dwarf_whatform(&found)) {
	case DW_FORM_sdata:
	case DW_FORM_implicit_const: return dwarf_formsdata(&found, &value) == 0 ? value : 0;
	default: return dwarf_formudata(&found, &word) == 0 ? (int64_t)word : 0;
	}
}

/* --- full names --- */

static bool is_composite(int tag)
{
	switch (tag) {
	case DW_TAG_class_type:
	case DW_TAG_interface_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type: return true;
	default: return false;
	}
}

bool dwarf_is_scope(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_module || is_composite(tag);
}

static bool has_scopes(Dwarf_Die *unit)
{
	switch (dwarf_srclang(unit)) {
	case DW_LANG_Mips_Assembler:
	case DW_LANG_C:
	case DW_LANG_C89:
	case DW_LANG_C99:
	case DW_LANG_C11: return false;
	default: return true;
	}
}

/* The prefix of what a DIE defines: that of its declaration, if it has one elsewhere. */
static const char *prefix_of(struct types *types, Dwarf_Die *die, const char *around)
{
	Dwarf_Attribute attribute;
	Dwarf_Die declaration;
	const char *prefix;

	if (!dwarf_attr(die, DW_AT_specification, &attribute) ||
		!dwarf_formref_die(&attribute, &declaration))
		return around;
	prefix = hashmap_get(&types->scopes, &declaration.addr, sizeof(declaration.addr));
	return prefix ? prefix : around;
}

/* A declaration of what has a unit of its own may leave the name to that. */
static const char *name_of(Dwarf_Die *die)
{
	const char *name = die_text(die, DW_AT_name);
	Dwarf_Attribute attribute;
	Dwarf_Die complete;

	if (!name && dwarf_attr(die, DW_AT_signature, &attribute) &&
		dwarf_formref_die(&attribute, &complete))
		return die_text(&complete, DW_AT_name);
	return name;
}

/* Keeps the prefix of each type in the scope; *entries counts what was looked at. */
static void add_scope(
	struct types *types, Dwarf_Die *scope, const char *around, int depth, size_t *entries)
{
	Dwarf_Die die;

	if (depth == SCOPES_DEPTH || dwarf_child(scope, &die) != 0)
		return;
	do {
		int tag = dwarf_tag(&die);
		const char *prefix = prefix_of(types, &die, around), *name;

		if (*prefix && (is_composite(tag) || tag == DW_TAG_enumeration_type ||
				       tag == DW_TAG_typedef))
			*hashmap_slot(&types->scopes, &die.addr, sizeof(die.addr)) =
				(void *)(uintptr_t)prefix;
		if (!dwarf_is_scope(tag))
			continue;
		name = name_of(&die);
		add_scope(types, &die,
			name ? arena_printf(&types->arena, "%s%s::", prefix, name) : prefix,
			depth + 1, entries);
	} while (++*entries < ENTRIES_MOST && dwarf_siblingof(&die, &die) == 0);
}

static void read_scopes(struct types *types, Dwarf_Die *die)
{
	void **slot = hashmap_slot(&types->scopes, &die->cu, sizeof(die->cu));
	size_t entries = 0;
	Dwarf_Die unit;

	if (*slot)
		return;
	*slot = types;
	if (dwarf_diecu(die, &unit, NULL, NULL) && has_scopes(&unit))
		add_scope(types, &unit, "", 0, &entries);
}

const char *dwarf_name(struct types *types, Dwarf_Die *die)
{
	const char *name = die_text(die, DW_AT_name), *prefix;

	if (!name)
		return "";
	read_scopes(types, die);
	prefix = hashmap_get(&types->scopes, &die->addr, sizeof(die->addr));
	return prefix ? arena_printf(&types->arena, "%s%s", prefix, name) : name;
}

/* --- searching --- */

struct search {
	const struct dwarf_seeking *seeking;
	size_t entries;
	Dwarf_Die *found;
};

/* Of an enum class the name is "Color::Red", which that of any enum may be. */
static bool has_enumerator(Dwarf_Die *type, const char *wanted)
{
	const char *around = die_text(type, DW_AT_name), *rest = strchr(wanted, ':');
	Dwarf_Die die;

	if (rest && (!around || strncmp(wanted, around, strlen(around)) != 0 ||
			    strncmp(wanted + strlen(around), "::", 2) != 0))
		return false;
	wanted = rest ? rest + 2 : wanted;
	if (dwarf_child(type, &die) != 0)
		return false;
	do {
		const char *name =
			dwarf_tag(&die) == DW_TAG_enumerator ? die_text(&die, DW_AT_name) : NULL;

		if (name && strcmp(name, wanted) == 0)
			return true;
	} while (dwarf_siblingof(&die, &die) == 0);
	return false;
}

/* A definition outside of the scope of its declaration, which has its other names, too. */
static const char *last_name(Dwarf_Die *die, const char *wanted)
{
	const char *last = strrchr(wanted, ':');

	return last && dwarf_hasattr(die, DW_AT_specification) ? last + 1 : wanted;
}

static bool is_found(const struct search *search, Dwarf_Die *die, int tag, const char *wanted)
{
	const char *name;

	if (search->seeking->enumerators)
		return tag == DW_TAG_enumeration_type && has_enumerator(die, wanted);
	if (!search->seeking->is_meant(tag))
		return false;
	name = name_of(die);
	return name && strcmp(name, last_name(die, wanted)) == 0 &&
	       (!dwarf_hasattr(die, DW_AT_declaration) || dwarf_hasattr(die, DW_AT_signature));
}

/* Skips the names before the scope's own, where it is outside of the scope of its declaration. */
static const char *skip_to(Dwarf_Die *scope, const char *wanted, const char *name)
{
	const char *at = dwarf_hasattr(scope, DW_AT_specification) ? strstr(wanted, name) : NULL;

	return at ? at : wanted;
}

/* What of the name is wanted within the scope: all of it if that has no name, or one that need not
 * be written (an inline namespace); NULL when it does not begin with the scope's. */
static const char *within(Dwarf_Die *scope, const char *wanted)
{
	const char *name = name_of(scope), *begin;
	size_t length = name ? strlen(name) : 0;

	if (!name)
		return wanted;
	begin = skip_to(scope, wanted, name);
	if (strncmp(begin, name, length) == 0 && strncmp(begin + length, "::", 2) == 0)
		return begin + length + 2;
	return dwarf_hasattr(scope, DW_AT_export_symbols) ? wanted : NULL;
}

static bool seek_in(struct search *search, Dwarf_Die *scope, const char *wanted, int depth)
{
	Dwarf_Die die;

	if (depth == SCOPES_DEPTH || dwarf_child(scope, &die) != 0)
		return false;
	do {
		int tag = dwarf_tag(&die);
		const char *rest;

		if (is_found(search, &die, tag, wanted)) {
			*search->found = die;
			return true;
		}
		if (!dwarf_is_scope(tag))
			continue;
		rest = within(&die, wanted);
		if (rest && (rest != wanted || !is_composite(tag)) &&
			seek_in(search, &die, rest, depth + 1))
			return true;
	} while (++search->entries < ENTRIES_MOST && dwarf_siblingof(&die, &die) == 0);
	return false;
}

bool dwarf_seek_near(struct debuginfo *info, uint64_t address, const struct dwarf_seeking *seeking,
	Dwarf_Die *ret)
{
	struct search search = {.seeking = seeking, .found = ret};
	Dwarf_Die unit;

	return debuginfo_described(info, address, &unit) &&
	       seek_in(&search, &unit, seeking->name, 0);
}

bool dwarf_seek(struct debuginfo *info, const struct dwarf_seeking *seeking, Dwarf_Die *ret)
{
	struct search search = {.seeking = seeking, .found = ret};
	Dwarf_Die unit;

	for (size_t i = 0; debuginfo_unit_at(info, i, &unit); i++) {
		if (seek_in(&search, &unit, seeking->name, 0))
			return true;
	}
	return false;
}
