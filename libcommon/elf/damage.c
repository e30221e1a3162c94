/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libelf leaves out what lies beyond the end of a file, so that one that was cut off looks as if it
 * never had it. Here the numbers of the headers are compared with the size of the file.
 */
#include <string.h>

#include "elf_file.h"

static bool is_inside(const struct elf *elf, uint64_t offset, uint64_t size)
{
	return size == 0 || elf_bytes_from(elf, offset) >= size;
}

/* Of more sections or segments than the header can count, the first has the number; the table has
 * at least that one. */
static uint64_t table_size(uint16_t count, uint16_t entry, uint16_t uncounted)
{
	return (uint64_t)(count == 0 || count == uncounted ? 1 : count) * entry;
}

static const char *lost_table(const struct elf *elf, const GElf_Ehdr *header)
{
	if (header->e_phoff && !is_inside(elf, header->e_phoff,
				       table_size(header->e_phnum, header->e_phentsize, PN_XNUM)))
		return "the table of segments";
	if (header->e_shoff && !is_inside(elf, header->e_shoff,
				       table_size(header->e_shnum, header->e_shentsize, 0)))
		return "the table of sections";
	return NULL;
}

static const char *lost_section(struct elf *elf, struct arena *arena)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names = 0;

	(void)elf_getshdrstrndx(elf->file, &names);
	while ((section = elf_nextscn(elf->file, section))) {
		if (!gelf_getshdr(section, &header) || header.sh_type == SHT_NOBITS ||
			is_inside(elf, header.sh_offset, header.sh_size))
			continue;

		const char *name = elf_strptr(elf->file, names, header.sh_name);

		return name && *name ? arena_printf(arena, "section %s", name) : "a section";
	}
	return NULL;
}

static const char *lost_segment(struct elf *elf)
{
	size_t count = 0;
	GElf_Phdr segment;

	if (elf_getphdrnum(elf->file, &count) != 0)
		return NULL;
	for (size_t i = 0; i < count && gelf_getphdr(elf->file, (int)i, &segment); i++) {
		if (segment.p_type == PT_LOAD &&
			!is_inside(elf, segment.p_offset, segment.p_filesz))
			return "a segment";
	}
	return NULL;
}

const char *elf_damage(struct elf *elf, struct arena *arena)
{
	GElf_Ehdr header;
	const char *lost;

	if (!gelf_getehdr(elf->file, &header))
		return "the header";
	lost = lost_table(elf, &header);
	if (!lost)
		lost = lost_section(elf, arena);
	return lost ? lost : lost_segment(elf);
}
