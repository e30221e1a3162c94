/* SPDX-License-Identifier: Apache-2.0 */
#include "die.h"

#include <dwarf.h>
#include <stdint.h>
#include <string.h>

/* Whether text ends within one of the file's sections: libdw looks only where it begins. */
static bool ends_in_file(Dwarf *dwarf, const char *text)
{
	Elf *elf = dwarf_getelf(dwarf);

	for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
		const Elf_Data *data = elf_getdata(section, NULL);
		uintptr_t begin = data ? (uintptr_t)data->d_buf : 0, at = (uintptr_t)text;

		if (begin && at >= begin && at - begin < data->d_size)
			return memchr(text, '\0', data->d_size - (at - begin));
	}
	return false;
}

/* The file that the attribute's text is in. */
static Dwarf *file_of(Dwarf_Attribute *attribute)
{
	Dwarf *dwarf = dwarf_cu_getdwarf(attribute->cu);
	unsigned form = dwarf_whatform(attribute);

	if (form == DW_FORM_GNU_strp_alt || form == DW_FORM_strp_sup)
		return dwarf_getalt(dwarf);
	return dwarf;
}

const char *die_text(Dwarf_Die *die, unsigned attribute)
{
	Dwarf_Attribute found;
	const char *text = NULL;

	if (dwarf_attr_integrate(die, attribute, &found))
		text = dwarf_formstring(&found);
	return text && ends_in_file(file_of(&found), text) ? text : NULL;
}

bool die_number(Dwarf_Die *die, unsigned attribute, uint64_t *ret)
{
	Dwarf_Attribute found;
	Dwarf_Word value;

	if (!dwarf_attr_integrate(die, attribute, &found) || dwarf_formudata(&found, &value) != 0)
		return false;
	*ret = value;
	return true;
}

const char *die_linkage_name(Dwarf_Die *die)
{
	const char *name = die_text(die, DW_AT_linkage_name);

	if (!name)
		name = die_text(die, DW_AT_MIPS_linkage_name);
	return name ? name : die_text(die, DW_AT_name);
}

const char *die_source_path(Dwarf_Die *unit, const char *path, struct arena *arena)
{
	const char *directory = path && *path != '/' ? die_text(unit, DW_AT_comp_dir) : NULL;

	return directory ? arena_printf(arena, "%s/%s", directory, path) : path;
}
