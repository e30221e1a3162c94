/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thin layer over libelf. libelf checks that sections, symbols and names lie inside of the file;
 * what is checked here is what it leaves to its callers: that a table of symbols is one, and that
 * no sum of two numbers out of the file runs over. The file is read, not mapped, so that one that
 * shrinks meanwhile is an error and no signal.
 */
#include "elf.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/str.h"

#ifndef VERSYM_HIDDEN
#define VERSYM_HIDDEN 0x8000 /* of an entry of .gnu.version; the C library's elf.h lacks it */
#endif

/* Longer names are not read: no compiler makes them, and a hostile table may have nothing else. */
enum { NAME_LONGEST = 1 << 14 };

struct elf {
	char *path;
	int fd;
	Elf *file;
};

void elf_close(struct elf *elf)
{
	if (!elf)
		return;
	elf_end(elf->file);
	cleanup_close(&elf->fd);
	free(elf->path);
	free(elf);
}

struct error *elf_open(const struct host *host, const char *path, struct elf **ret)
{
	_cleanup_elf_ struct elf *elf = xcalloc(1, sizeof(*elf));
	struct stat status;

	elf->fd = -1;
	elf->path = xstrdup(path);

	struct error *error = host_open(host, path, O_RDONLY | O_NONBLOCK, &elf->fd);

	if (error)
		return error;
	if (fstat(elf->fd, &status) < 0)
		return error_system(errno, "%s", path);
	if (!S_ISREG(status.st_mode))
		return error_new(EINVAL, "%s: not a regular file", path);

	elf_version(EV_CURRENT);
	elf->file = elf_begin(elf->fd, ELF_C_READ, NULL);
	if (!elf->file || elf_kind(elf->file) != ELF_K_ELF)
		return error_new(ENOEXEC, "%s: not an ELF file", path);
	*ret = TAKE(elf);
	return NULL;
}

/* One table of symbols. */
struct table {
	Elf_Data *symbols;
	Elf_Data *versions; /* of .dynsym, one for each symbol; NULL when it has none */
	size_t names;       /* section */
};

/* The data of a section that has one of the type, NULL when there is none. */
static Elf_Data *find_data(struct elf *elf, uint32_t section_type, Elf_Type type)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf->file, section))) {
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header) || header.sh_type != section_type)
			continue;

		Elf_Data *data = elf_getdata(section, NULL);

		return data && data->d_type == type ? data : NULL;
	}
	return NULL;
}

/* The dynamic linker gives the versions that are not hidden to programs linked today. */
static bool has_hidden_version(const struct table *table, int index)
{
	GElf_Versym version;

	return table->versions && gelf_getversym(table->versions, index, &version) &&
	       (version & VERSYM_HIDDEN);
}

static bool is_function(const GElf_Sym *symbol)
{
	unsigned type = GELF_ST_TYPE(symbol->st_info);

	return (type == STT_FUNC || type == STT_GNU_IFUNC) && symbol->st_shndx != SHN_UNDEF;
}

static void visit_symbol(struct elf *elf, const struct table *table, int index,
	const GElf_Sym *symbol, elf_visit visit, void *context)
{
	_cleanup_str_ struct str plain = STR_INIT;
	const char *name = elf_strptr(elf->file, table->names, symbol->st_name);

	if (!name || !*name || strnlen(name, NAME_LONGEST) == NAME_LONGEST)
		return;

	/* .symtab has versions as part of the name: "name@OLD", "name@@DEFAULT". */
	const char *version = strchr(name + 1, '@');

	if (version)
		str_append_bytes(&plain, name, (size_t)(version - name));
	visit(
		&(struct elf_symbol){
			.name = version ? str_text(&plain) : name,
			.address = symbol->st_value,
			.size = symbol->st_size,
			.is_local = GELF_ST_BIND(symbol->st_info) == STB_LOCAL,
			.is_old = version ? version[1] != '@' : has_hidden_version(table, index),
			.is_indirect = GELF_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC,
		},
		context);
}

static void visit_table(struct elf *elf, const struct table *table, elf_visit visit, void *context)
{
	size_t size = gelf_fsize(elf->file, ELF_T_SYM, 1, EV_CURRENT);

	if (!table->symbols || table->symbols->d_type != ELF_T_SYM || size == 0)
		return;

	size_t count = MIN(table->symbols->d_size / size, (size_t)INT32_MAX);

	for (int i = 0; i < (int)count; i++) {
		GElf_Sym symbol;

		if (gelf_getsym(table->symbols, i, &symbol) && is_function(&symbol))
			visit_symbol(elf, table, i, &symbol, visit, context);
	}
}

struct error *elf_functions(struct elf *elf, elf_visit visit, void *context)
{
	Elf_Data *versions = find_data(elf, SHT_GNU_versym, ELF_T_HALF);
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf->file, section))) {
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header))
			return error_new(ENOEXEC, "%s: %s", elf->path, elf_errmsg(-1));
		if (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_DYNSYM)
			continue;

		struct table table = {
			.symbols = elf_getdata(section, NULL),
			.versions = header.sh_type == SHT_DYNSYM ? versions : NULL,
			.names = header.sh_link,
		};

		visit_table(elf, &table, visit, context);
	}
	return NULL;
}

bool elf_code_offset(struct elf *elf, uint64_t address, uint64_t *ret)
{
	size_t count = 0;

	if (elf_getphdrnum(elf->file, &count) != 0)
		return false;
	for (size_t i = 0; i < MIN(count, (size_t)INT32_MAX); i++) {
		GElf_Phdr segment;

		if (!gelf_getphdr(elf->file, (int)i, &segment))
			return false;
		if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X))
			continue;
		if (address < segment.p_vaddr || address - segment.p_vaddr >= segment.p_filesz)
			continue;
		if (__builtin_add_overflow(address - segment.p_vaddr, segment.p_offset, ret))
			return false;
		return true;
	}
	return false;
}
