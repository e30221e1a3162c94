/* SPDX-License-Identifier: Apache-2.0 */
/* A sparse file of some kilobytes may have tables of gigabytes, which are read before a symbol is.
 */
#include "excess.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum {
	SECTIONS_MOST = 1 << 18,
	TABLES_MOST = 512 << 20, /* bytes in all that are read: no linked program has more */
};

/* 0 for what cannot be read. */
static uint64_t read_number(int fd, uint64_t offset, size_t size, bool is_big_endian)
{
	uint8_t bytes[sizeof(uint64_t)] = {};
	uint64_t number = 0;

	if (pread(fd, bytes, size, (off_t)offset) != (ssize_t)size)
		return 0;
	for (size_t i = 0; i < size; i++)
		number = number << 8 | bytes[is_big_endian ? i : size - 1 - i];
	return number;
}

/* Where the header has no count, it is the size of the first section: elf(5). */
bool excess_of_sections(int fd)
{
	uint8_t ident[EI_NIDENT];

	if (pread(fd, ident, sizeof(ident), 0) != sizeof(ident) ||
		memcmp(ident, ELFMAG, SELFMAG) != 0)
		return false;

	bool is_big = ident[EI_DATA] == ELFDATA2MSB, is_wide = ident[EI_CLASS] == ELFCLASS64;
	size_t size = is_wide ? sizeof(Elf64_Xword) : sizeof(Elf32_Word);
	uint64_t sections = read_number(fd,
		is_wide ? offsetof(Elf64_Ehdr, e_shoff) : offsetof(Elf32_Ehdr, e_shoff), size,
		is_big);
	uint64_t count = read_number(fd,
		is_wide ? offsetof(Elf64_Ehdr, e_shnum) : offsetof(Elf32_Ehdr, e_shnum),
		sizeof(Elf64_Half), is_big);
	uint64_t first = is_wide ? offsetof(Elf64_Shdr, sh_size) : offsetof(Elf32_Shdr, sh_size);

	return sections && !count &&
	       read_number(fd, sections + first, size, is_big) > SECTIONS_MOST;
}

/* Types of the sections of which libelf reads all bytes at the first question. */
static bool is_table(const GElf_Shdr *section)
{
	switch (section->sh_type) {
	case SHT_SYMTAB:
	case SHT_DYNSYM:
	case SHT_STRTAB:
	case SHT_NOTE:
	case SHT_DYNAMIC:
	case SHT_GNU_versym:
	case SHT_GNU_verdef: return true;
	case SHT_RELA: return section->sh_flags & SHF_ALLOC;
	default: return false;
	}
}

/* Sections may overlap, or be holes of a sparse file: their sum is what counts, not the file's
 * size. No linker compresses tables. */
bool excess_of_tables(Elf *file)
{
	uint64_t left = TABLES_MOST;
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(file, section))) {
		if (!gelf_getshdr(section, &header) || !is_table(&header))
			continue;
		if (header.sh_size > left || (header.sh_flags & SHF_COMPRESSED))
			return true;
		left -= header.sh_size;
	}
	return false;
}
