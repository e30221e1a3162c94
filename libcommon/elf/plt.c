/* SPDX-License-Identifier: Apache-2.0 */
/* The entries stand in the order of the relocations of .rela.plt, behind a header unless they have
 * a section of their own (.plt.sec, for CPUs that check the targets of jumps). */
#include "plt.h"

#include <string.h>

#include "elf_file.h"
#include "libcommon/base/str.h"
#include "section.h"

enum { ENTRY_SIZE = 16 }; /* bytes */

static size_t header_size(uint16_t machine)
{
	switch (machine) {
	case EM_X86_64: return 16;
	case EM_AARCH64: return 32;
	default: return 0;
	}
}

/* Where the first entry is; false when the file has no such table. */
static bool find_first(struct elf *elf, uint64_t *ret_address, uint64_t *ret_count)
{
	struct elf_section section;
	GElf_Ehdr header;

	if (!gelf_getehdr(elf->file, &header) || !header_size(header.e_machine))
		return false;

	uint64_t skipped = 0;

	if (!elf_section(elf, ".plt.sec", &section)) {
		if (!elf_section(elf, ".plt", &section))
			return false;
		skipped = header_size(header.e_machine);
	}
	if (section.size < skipped)
		return false;
	*ret_address = section.address + skipped;
	*ret_count = (section.size - skipped) / ENTRY_SIZE;
	return true;
}

/* The name of a symbol in the table of symbols with this index. */
static const char *symbol_name(struct elf *elf, size_t table, uint64_t index)
{
	Elf_Scn *section = elf_getscn(elf->file, table);
	GElf_Shdr header;
	Elf_Data *data = NULL;
	GElf_Sym symbol;

	if (section && gelf_getshdr(section, &header) &&
		(header.sh_type == SHT_DYNSYM || header.sh_type == SHT_SYMTAB))
		data = elf_getdata(section, NULL);
	if (!data || data->d_type != ELF_T_SYM || index > INT32_MAX ||
		!gelf_getsym(data, (int)index, &symbol))
		return NULL;
	return elf_strptr(elf->file, header.sh_link, symbol.st_name);
}

void plt_visit(struct elf *elf, elf_visit visit, void *context)
{
	uint64_t address, count;
	GElf_Shdr header;
	GElf_Rela relocation;
	Elf_Scn *section = section_next(elf->file, NULL, ".rela.plt", &header);
	bool is_loaded = section && (header.sh_flags & SHF_ALLOC);
	Elf_Data *data = is_loaded ? elf_getdata(section, NULL) : NULL;

	if (!data || data->d_type != ELF_T_RELA || !find_first(elf, &address, &count))
		return;
	for (int i = 0; (uint64_t)i < count && gelf_getrela(data, i, &relocation); i++) {
		const char *name = symbol_name(elf, header.sh_link, GELF_R_SYM(relocation.r_info));
		_cleanup_str_ struct str text = STR_INIT;

		if (!name || !*name)
			continue;
		str_append_bytes(&text, name, strcspn(name, "@"));
		str_append(&text, "@plt");
		visit(
			&(struct elf_symbol){
				.name = text.data,
				.address = address + (uint64_t)i * ENTRY_SIZE,
				.size = ENTRY_SIZE,
			},
			context);
	}
}
