/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of symbols of an ELF file. Versions are part of a symbol's name in .symtab, as in
 * "name@OLD" and "name@@DEFAULT"; in .dynsym they are numbers that .gnu.version_d names.
 */
#include <errno.h>
#include <string.h>

#include "elf_file.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/str.h"
#include "libcommon/base/vec.h"

#ifndef VERSYM_HIDDEN
#define VERSYM_HIDDEN 0x8000 /* of an entry of .gnu.version; the C library's elf.h lacks it */
#endif

enum {
	/* Longer names are not read: no compiler makes them, and a hostile table may have nothing
	 * else. */
	NAME_LONGEST = 1 << 14,
	VERSIONS_MOST = 1 << 15,
	DYNAMIC_MOST = 1 << 16, /* entries that are looked at */
};

/* One table of symbols. */
struct table {
	Elf_Data *symbols;
	Elf_Data *versions; /* of .dynsym, one for each symbol; NULL when it has none */
	size_t names;       /* section */
	const struct version_names *version_names;
};

static Elf_Scn *find_typed(struct elf *elf, uint32_t section_type)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf->file, section))) {
		if (gelf_getshdr(section, &header) && header.sh_type == section_type)
			return section;
	}
	return NULL;
}

/* The data of a section that has one of the type, NULL when there is none. */
static Elf_Data *find_data(struct elf *elf, uint32_t section_type, Elf_Type type)
{
	Elf_Scn *section = find_typed(elf, section_type);
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;

	return data && data->d_type == type ? data : NULL;
}

/* --- versions --- */

/* Of the versions that the file defines, by their numbers. */
struct version_names {
	VEC(const char *) items; /* NULL where a number has none */
};

static void version_names_deinit(struct version_names *names)
{
	vec_deinit(&names->items);
}

static void name_version(struct version_names *names, size_t number, const char *name)
{
	if (number > VERSIONS_MOST)
		return;
	while (names->items.count <= number)
		vec_push(&names->items, NULL);
	names->items.items[number] = name;
}

static void read_version_names(struct elf *elf, struct version_names *ret)
{
	Elf_Scn *section = find_typed(elf, SHT_GNU_verdef);
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
	GElf_Shdr header;
	GElf_Verdef version;
	GElf_Verdaux name;
	int offset = 0;

	if (!data || data->d_type != ELF_T_VDEF || !gelf_getshdr(section, &header))
		return;
	for (size_t i = 0; i < VERSIONS_MOST && gelf_getverdef(data, offset, &version); i++) {
		uint64_t name_offset = (uint64_t)offset + version.vd_aux;

		if (name_offset < data->d_size && gelf_getverdaux(data, (int)name_offset, &name))
			name_version(ret, version.vd_ndx & ~VERSYM_HIDDEN,
				elf_strptr(elf->file, header.sh_link, name.vda_name));
		if (version.vd_next == 0 || version.vd_next > data->d_size - (size_t)offset)
			break;
		offset += (int)version.vd_next;
	}
}

/* NULL: the symbol has none. Numbers 0 and 1 mean "local" and "the file itself". */
static const char *version_of(const struct table *table, int index)
{
	GElf_Versym version;

	if (!table->versions || !gelf_getversym(table->versions, index, &version))
		return NULL;
	version &= ~VERSYM_HIDDEN;
	return version > 1 && version < table->version_names->items.count
		       ? table->version_names->items.items[version]
		       : NULL;
}

/* The dynamic linker gives the versions that are not hidden to programs linked today. */
static bool has_hidden_version(const struct table *table, int index)
{
	GElf_Versym version;

	return table->versions && gelf_getversym(table->versions, index, &version) &&
	       (version & VERSYM_HIDDEN);
}

static int symbol_count(struct elf *elf, const struct table *table)
{
	size_t size = gelf_fsize(elf->file, ELF_T_SYM, 1, EV_CURRENT);

	if (!table->symbols || table->symbols->d_type != ELF_T_SYM || size == 0)
		return 0;
	return (int)MIN(table->symbols->d_size / size, (size_t)INT32_MAX);
}

/* Calls each table of symbols; false from it ends that. */
static struct error *for_each_table(
	struct elf *elf, bool (*call)(struct elf *, const struct table *, void *), void *context)
{
	_cleanup_(version_names_deinit) struct version_names version_names = {};
	Elf_Data *versions = find_data(elf, SHT_GNU_versym, ELF_T_HALF);
	Elf_Scn *section = NULL;

	read_version_names(elf, &version_names);
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
			.version_names = &version_names,
		};

		if (!call(elf, &table, context))
			break;
	}
	return NULL;
}

/* In a relocated file values are distances from the begin of a section. */
static uint64_t address_of(const struct elf *elf, const GElf_Sym *symbol)
{
	GElf_Shdr header = {};

	if (elf->relocated)
		(void)gelf_getshdr(elf_getscn(elf->file, symbol->st_shndx), &header);
	return header.sh_addr + symbol->st_value;
}

/* --- functions --- */

struct functions {
	elf_visit visit;
	void *context;
	bool with_labels;
};

static bool is_function(const GElf_Sym *symbol)
{
	unsigned type = GELF_ST_TYPE(symbol->st_info);

	return (type == STT_FUNC || type == STT_GNU_IFUNC) && symbol->st_shndx != SHN_UNDEF;
}

/* Whether it names a place in a section of code. */
static bool is_label(struct elf *elf, const GElf_Sym *symbol)
{
	Elf_Scn *section = elf_getscn(elf->file, symbol->st_shndx);
	GElf_Shdr header;

	return GELF_ST_TYPE(symbol->st_info) == STT_NOTYPE && symbol->st_shndx != SHN_UNDEF &&
	       section && gelf_getshdr(section, &header) && (header.sh_flags & SHF_EXECINSTR);
}

static void visit_symbol(struct elf *elf, const struct table *table, int index,
	const GElf_Sym *symbol, const struct functions *functions)
{
	_cleanup_str_ struct str plain = STR_INIT;
	const char *name = elf_strptr(elf->file, table->names, symbol->st_name);

	if (!name || !*name || strnlen(name, NAME_LONGEST) == NAME_LONGEST)
		return;

	/* .symtab has versions as part of the name: "name@OLD", "name@@DEFAULT". */
	const char *version = strchr(name + 1, '@');

	if (version)
		str_append_bytes(&plain, name, (size_t)(version - name));
	functions->visit(
		&(struct elf_symbol){
			.name = version ? str_text(&plain) : name,
			.address = address_of(elf, symbol),
			.size = symbol->st_size,
			.is_local = GELF_ST_BIND(symbol->st_info) == STB_LOCAL,
			.version = version ? version + 1 + (version[1] == '@')
					   : version_of(table, index),
			.is_old = version ? version[1] != '@' : has_hidden_version(table, index),
			.is_indirect = GELF_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC,
			.is_weak = GELF_ST_BIND(symbol->st_info) == STB_WEAK,
			.is_label = GELF_ST_TYPE(symbol->st_info) == STT_NOTYPE,
		},
		functions->context);
}

static bool visit_functions(struct elf *elf, const struct table *table, void *context)
{
	const struct functions *functions = context;
	int count = symbol_count(elf, table);

	for (int i = 0; i < count; i++) {
		GElf_Sym symbol;

		if (!gelf_getsym(table->symbols, i, &symbol))
			continue;
		if (is_function(&symbol) || (functions->with_labels && is_label(elf, &symbol)))
			visit_symbol(elf, table, i, &symbol, functions);
	}
	return true;
}

struct error *elf_functions(struct elf *elf, elf_visit visit, void *context)
{
	return for_each_table(
		elf, visit_functions, &(struct functions){.visit = visit, .context = context});
}

struct error *elf_code_symbols(struct elf *elf, elf_visit visit, void *context)
{
	return for_each_table(elf, visit_functions,
		&(struct functions){.visit = visit, .context = context, .with_labels = true});
}

bool elf_has_symbols(struct elf *elf)
{
	return find_data(elf, SHT_SYMTAB, ELF_T_SYM);
}

/* --- one symbol --- */

struct wanted {
	const char *name;
	uint64_t address;
	uint64_t size;
	bool found;
	bool is_global;
};

static bool look(struct elf *elf, const struct table *table, void *context)
{
	struct wanted *wanted = context;
	int count = symbol_count(elf, table);

	for (int i = 0; i < count && !wanted->is_global; i++) {
		GElf_Sym symbol;
		const char *name = NULL;

		if (gelf_getsym(table->symbols, i, &symbol) && symbol.st_shndx != SHN_UNDEF)
			name = elf_strptr(elf->file, table->names, symbol.st_name);

		bool is_global = name && GELF_ST_BIND(symbol.st_info) != STB_LOCAL;

		if (!name || strcmp(name, wanted->name) != 0 || (wanted->found && !is_global))
			continue;
		wanted->found = true;
		wanted->is_global = is_global;
		wanted->address = address_of(elf, &symbol);
		wanted->size = symbol.st_size;
	}
	return !wanted->is_global;
}

bool elf_symbol_address(struct elf *elf, const char *name, uint64_t *ret, uint64_t *ret_size)
{
	struct wanted wanted = {.name = name};

	error_free(for_each_table(elf, look, &wanted));
	if (wanted.found)
		*ret = wanted.address;
	if (wanted.found && ret_size)
		*ret_size = wanted.size;
	return wanted.found;
}

/* --- the symbol of a name --- */

struct meant {
	const char *name;
	enum elf_meaning meaning;
	uint64_t address;
};

static enum elf_meaning meaning_of(const GElf_Sym *symbol)
{
	switch (GELF_ST_TYPE(symbol->st_info)) {
	case STT_FUNC:
	case STT_GNU_IFUNC: return ELF_MEANS_FUNCTION;
	case STT_OBJECT:
	case STT_COMMON:
	case STT_TLS: return ELF_MEANS_DATA;
	case STT_NOTYPE: return ELF_MEANS_LABEL;
	default: return ELF_MEANS_NOTHING;
	}
}

/* The most specific meaning wins. */
static bool look_at_meaning(struct elf *elf, const struct table *table, void *context)
{
	struct meant *meant = context;
	int count = symbol_count(elf, table);
	size_t length = strlen(meant->name);

	for (int i = 0; i < count; i++) {
		GElf_Sym symbol;
		const char *name = NULL;

		if (gelf_getsym(table->symbols, i, &symbol) && symbol.st_shndx != SHN_UNDEF)
			name = elf_strptr(elf->file, table->names, symbol.st_name);
		if (!name || strncmp(name, meant->name, length) != 0 ||
			(name[length] && name[length] != '@') ||
			meaning_of(&symbol) <= meant->meaning)
			continue;
		meant->meaning = meaning_of(&symbol);
		meant->address = symbol.st_value;
	}
	return true;
}

enum elf_meaning elf_meaning(struct elf *elf, const char *name, uint64_t *ret_address)
{
	struct meant meant = {.name = name};

	error_free(for_each_table(elf, look_at_meaning, &meant));
	*ret_address = meant.address;
	return meant.meaning;
}

/* --- what other files define --- */

struct imports {
	elf_visit_text visit;
	void *context;
};

static bool visit_imports(struct elf *elf, const struct table *table, void *context)
{
	const struct imports *imports = context;
	int count = symbol_count(elf, table);

	for (int i = 0; i < count; i++) {
		_cleanup_str_ struct str plain = STR_INIT;
		GElf_Sym symbol;
		const char *name = NULL;

		if (gelf_getsym(table->symbols, i, &symbol) && symbol.st_shndx == SHN_UNDEF)
			name = elf_strptr(elf->file, table->names, symbol.st_name);
		if (!name || !*name || strnlen(name, NAME_LONGEST) == NAME_LONGEST)
			continue;
		str_append_bytes(&plain, name, strcspn(name, "@"));
		imports->visit(str_text(&plain), imports->context);
	}
	return true;
}

void elf_imports(struct elf *elf, elf_visit_text visit, void *context)
{
	error_free(for_each_table(elf, visit_imports, &(struct imports){visit, context}));
}

void elf_dynamic(struct elf *elf, int64_t tag, elf_visit_text visit, void *context)
{
	Elf_Scn *section = find_typed(elf, SHT_DYNAMIC);
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
	size_t size = gelf_fsize(elf->file, ELF_T_DYN, 1, EV_CURRENT);
	GElf_Shdr header;
	GElf_Dyn entry;

	if (!data || data->d_type != ELF_T_DYN || size == 0 || !gelf_getshdr(section, &header))
		return;
	for (int i = 0; i < (int)MIN(data->d_size / size, (size_t)DYNAMIC_MOST); i++) {
		const char *text = NULL;

		if (gelf_getdyn(data, i, &entry) && entry.d_tag == tag)
			text = elf_strptr(elf->file, header.sh_link, entry.d_un.d_val);
		if (text && *text)
			visit(text, context);
	}
}
