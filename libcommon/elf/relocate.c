/* SPDX-License-Identifier: Apache-2.0 */
#include "relocate.h"

#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "elf_file.h"
#include "mapped.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/attributes.h"

/* The file itself has its debug information, or it has none. */
static int find_none(Dwfl_Module *module _unused_, void **data _unused_, const char *name _unused_,
	Dwarf_Addr base _unused_, const char *file _unused_, const char *link _unused_,
	GElf_Word checksum _unused_, char **ret _unused_)
{
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_debuginfo = find_none,
	.section_address = dwfl_offline_section_address,
};

static bool is_relocatable(const struct elf *elf)
{
	GElf_Ehdr header;

	return gelf_getehdr(elf->file, &header) && header.e_type == ET_REL;
}

/* The relocated file, owned by dwfl; NULL when it has no debug information. */
static Elf *relocated_file(Dwfl *dwfl, const struct elf *elf)
{
	int fd = fcntl(elf->fd, F_DUPFD_CLOEXEC, 0);
	Dwfl_Module *module = dwfl_report_offline(dwfl, "", elf->path, fd);
	Dwarf_Addr bias;
	Dwarf *dwarf;

	if (!module) {
		cleanup_close(&fd);
		return NULL;
	}
	dwfl_report_end(dwfl, NULL, NULL);
	dwarf = dwfl_module_getdwarf(module, &bias);
	return dwarf ? dwarf_getelf(dwarf) : NULL;
}

struct error *relocate(struct elf **elf)
{
	Dwfl *dwfl;
	Elf *file;

	if (!is_relocatable(*elf))
		return NULL;
	dwfl = dwfl_begin(&callbacks);
	file = dwfl ? relocated_file(dwfl, *elf) : NULL;
	if (!file) {
		struct error *error = error_new(ENOEXEC, "%s: %s", (*elf)->path, dwfl_errmsg(-1));

		dwfl_end(dwfl);
		return error;
	}
	mapped_end((*elf)->file);
	(*elf)->file = file;
	(*elf)->relocated = dwfl;
	return NULL;
}
