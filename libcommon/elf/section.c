/* SPDX-License-Identifier: Apache-2.0 */
#include "section.h"

#include <string.h>

Elf_Scn *section_next(Elf *elf, Elf_Scn *after, const char *name, GElf_Shdr *ret)
{
	Elf_Scn *section = after;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) != 0)
		return NULL;
	while ((section = elf_nextscn(elf, section))) {
		const char *text =
			gelf_getshdr(section, ret) ? elf_strptr(elf, names, ret->sh_name) : NULL;

		if (text && strcmp(text, name) == 0)
			return section;
	}
	return NULL;
}
