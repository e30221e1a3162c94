/* SPDX-License-Identifier: Apache-2.0 */
/* Types and enumerators in debug information, by name. */
#include <dwarf.h>
#include <string.h>

#include "dwarf_names.h"
#include "dwarf_reading.h"
#include "from_dwarf.h"
#include "intern.h"
#include "libcommon/elf/die.h"

static bool is_struct(int tag)
{
	return tag == DW_TAG_structure_type || tag == DW_TAG_class_type ||
	       tag == DW_TAG_interface_type;
}

static bool is_union(int tag)
{
	return tag == DW_TAG_union_type;
}

static bool is_enum(int tag)
{
	return tag == DW_TAG_enumeration_type;
}

static bool is_name(int tag)
{
	return tag == DW_TAG_typedef || tag == DW_TAG_base_type;
}

/* C++ needs no keyword. */
static bool is_any(int tag)
{
	return is_struct(tag) || is_union(tag) || is_enum(tag);
}

static const struct {
	const char *keyword;
	bool (*is_meant)(int tag);
} keywords[] = {
	{"struct", is_struct},
	{"union", is_union},
	{"enum", is_enum},
	{"", is_name},
};

/* address: of code whose unit comes first; 0: of none. */
static bool seek(struct debuginfo *info, uint64_t address, const struct dwarf_seeking *seeking,
	Dwarf_Die *ret)
{
	return (address && dwarf_seek_near(info, address, seeking, ret)) ||
	       dwarf_seek(info, seeking, ret);
}

/* Its is_meant is NULL where the keyword is none. */
static struct dwarf_seeking seeking_for(const char *keyword, const char *name)
{
	struct dwarf_seeking seeking = {.name = name};

	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		if (strcmp(keywords[i].keyword, keyword) == 0)
			seeking.is_meant = keywords[i].is_meant;
	}
	return seeking;
}

static bool seek_type(struct debuginfo *info, uint64_t address, const char *keyword,
	const char *name, Dwarf_Die *ret)
{
	struct dwarf_seeking seeking = seeking_for(keyword, name);

	if (!seeking.is_meant)
		return false;
	if (seek(info, address, &seeking, ret))
		return true;
	seeking.is_meant = is_any;
	return !*keyword && strstr(name, "::") && seek(info, address, &seeking, ret);
}

bool dwarf_find_complete(struct dwarf_reading *reading, Dwarf_Die *die, Dwarf_Die *ret)
{
	const char *keyword = dwarf_kind(die) == BTF_KIND_UNION ? "union" : "struct";
	const char *name = dwarf_name(reading->types, die);

	return *name && seek_type(reading->info, 0, keyword, name, ret);
}

uint32_t dwarf_definition(struct types *types, uint32_t forward, const struct origin *origin)
{
	struct dwarf_reading reading = {.types = types, .info = origin->program};
	const struct btf_type *type = types_at(types, forward);
	Dwarf_Die die;

	if (origin->die)
		die = *(const Dwarf_Die *)origin->die;
	else if (!seek_type(origin->program, 0, btf_kflag(type) ? "union" : "struct",
			 types_text(types, type->name_off), &die))
		return 0;
	return dwarf_type(&reading, &die, AS_VALUE);
}

uint32_t types_find_dwarf(struct types *types, struct debuginfo *info, uint64_t address,
	const char *keyword, const char *name)
{
	struct dwarf_reading reading = {.types = types, .info = info};
	Dwarf_Die die;

	if (!seek_type(info, address, keyword ? keyword : "", name, &die))
		return 0;
	return dwarf_type(&reading, &die, AS_VALUE);
}

static bool find_value(Dwarf_Die *type, const char *wanted, uint64_t *ret)
{
	const char *last = strrchr(wanted, ':');
	Dwarf_Die die;

	if (dwarf_child(type, &die) != 0)
		return false;
	do {
		const char *name = die_text(&die, DW_AT_name);

		if (name && strcmp(name, last ? last + 1 : wanted) == 0) {
			*ret = (uint64_t)dwarf_enumerator_value(&die);
			return true;
		}
	} while (dwarf_siblingof(&die, &die) == 0);
	return false;
}

bool dwarf_enumerator(struct debuginfo *info, uint64_t address, const char *name, uint64_t *ret)
{
	struct dwarf_seeking seeking = {.name = name, .enumerators = true};
	bool found;
	Dwarf_Die die;

	if (address)
		found = dwarf_seek_near(info, address, &seeking, &die);
	else
		found = dwarf_seek(info, &seeking, &die);
	return found && find_value(&die, name, ret);
}

const char *types_program(const struct types *types, uint32_t type)
{
	const struct origin *origin;
	uint32_t id = type;

	for (int i = 0; i < TYPES_DEPTH && types_class(types, id) == TYPE_POINTER; i++)
		id = types_pointee(types, id);
	id = types_strip(types, id);
	origin = hashmap_get(&types->origins, &id, sizeof(id));
	return origin && origin->program ? debuginfo_path(origin->program) : NULL;
}

void types_suggest_dwarf(struct types *types, struct debuginfo *info, const char *keyword,
	struct suggestion *suggestion)
{
	struct dwarf_seeking seeking = seeking_for(keyword ? keyword : "", NULL);

	if (seeking.is_meant)
		dwarf_offer(info, &seeking, &types->arena, suggestion);
}

void dwarf_suggest_enumerator(
	struct types *types, struct debuginfo *info, struct suggestion *suggestion)
{
	const struct dwarf_seeking seeking = {.enumerators = true};

	dwarf_offer(info, &seeking, &types->arena, suggestion);
}
