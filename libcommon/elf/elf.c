/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thin layer over libelf. libelf checks that sections, symbols and names lie inside of the file;
 * what is checked here is what it leaves to its callers: that a table of symbols is one, and that
 * no sum of two numbers out of the file runs over. The file is read, not mapped, so that one that
 * shrinks meanwhile is an error and no signal.
 */
#include "elf.h"

#include <elfutils/libdw.h>
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
	char *image; /* NULL for a file */
	size_t image_size;
	Elf *file;
};

void elf_close(struct elf *elf)
{
	if (!elf)
		return;
	elf_end(elf->file);
	cleanup_close(&elf->fd);
	free(elf->image);
	free(elf->path);
	free(elf);
}

const char *elf_path(const struct elf *elf)
{
	return elf->path;
}

static struct elf *make(const char *path)
{
	struct elf *elf = xcalloc(1, sizeof(*elf));

	elf_version(EV_CURRENT);
	elf->fd = -1;
	elf->path = xstrdup(path);
	return elf;
}

static struct error *check_kind(const struct elf *elf)
{
	if (!elf->file || elf_kind(elf->file) != ELF_K_ELF)
		return error_new(ENOEXEC, "%s: not an ELF file", elf->path);
	return NULL;
}

struct error *elf_open(const struct host *host, const char *path, struct elf **ret)
{
	_cleanup_elf_ struct elf *elf = make(path);
	struct stat status;
	struct error *error = host_open(host, path, O_RDONLY | O_NONBLOCK, &elf->fd);

	if (error)
		return error;
	if (fstat(elf->fd, &status) < 0)
		return error_system(errno, "%s", path);
	if (!S_ISREG(status.st_mode))
		return error_new(EINVAL, "%s: not a regular file", path);

	elf->file = elf_begin(elf->fd, ELF_C_READ, NULL);
	error = check_kind(elf);
	if (!error)
		*ret = TAKE(elf);
	return error;
}

struct error *elf_open_memory(const char *path, char *data, size_t size, struct elf **ret)
{
	_cleanup_elf_ struct elf *elf = make(path);

	elf->file = elf_memory(data, size);

	struct error *error = check_kind(elf);

	if (error)
		return error;
	elf->image = data;
	elf->image_size = size;
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

		if (!call(elf, &table, context))
			break;
	}
	return NULL;
}

/* --- functions --- */

struct functions {
	elf_visit visit;
	void *context;
};

static bool is_function(const GElf_Sym *symbol)
{
	unsigned type = GELF_ST_TYPE(symbol->st_info);

	return (type == STT_FUNC || type == STT_GNU_IFUNC) && symbol->st_shndx != SHN_UNDEF;
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
			.address = symbol->st_value,
			.size = symbol->st_size,
			.is_local = GELF_ST_BIND(symbol->st_info) == STB_LOCAL,
			.is_old = version ? version[1] != '@' : has_hidden_version(table, index),
			.is_indirect = GELF_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC,
		},
		functions->context);
}

static bool visit_functions(struct elf *elf, const struct table *table, void *context)
{
	int count = symbol_count(elf, table);

	for (int i = 0; i < count; i++) {
		GElf_Sym symbol;

		if (gelf_getsym(table->symbols, i, &symbol) && is_function(&symbol))
			visit_symbol(elf, table, i, &symbol, context);
	}
	return true;
}

struct error *elf_functions(struct elf *elf, elf_visit visit, void *context)
{
	return for_each_table(elf, visit_functions, &(struct functions){visit, context});
}

bool elf_has_symbols(struct elf *elf)
{
	return find_data(elf, SHT_SYMTAB, ELF_T_SYM);
}

/* --- one symbol --- */

struct wanted {
	const char *name;
	uint64_t address;
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
		wanted->address = symbol.st_value;
	}
	return !wanted->is_global;
}

bool elf_symbol_address(struct elf *elf, const char *name, uint64_t *ret)
{
	struct wanted wanted = {.name = name};

	error_free(for_each_table(elf, look, &wanted));
	if (wanted.found)
		*ret = wanted.address;
	return wanted.found;
}

/* --- segments and sections --- */

/* The segment that the file has bytes of the address in. */
static bool find_segment(struct elf *elf, uint64_t address, uint32_t flag, GElf_Phdr *ret)
{
	size_t count = 0;

	if (elf_getphdrnum(elf->file, &count) != 0)
		return false;
	for (size_t i = 0; i < MIN(count, (size_t)INT32_MAX); i++) {
		if (!gelf_getphdr(elf->file, (int)i, ret))
			return false;
		if (ret->p_type == PT_LOAD && (ret->p_flags & flag) && address >= ret->p_vaddr &&
			address - ret->p_vaddr < ret->p_filesz)
			return true;
	}
	return false;
}

static bool segment_offset(struct elf *elf, uint64_t address, uint32_t flag, uint64_t *ret)
{
	GElf_Phdr segment;

	return find_segment(elf, address, flag, &segment) &&
	       !__builtin_add_overflow(address - segment.p_vaddr, segment.p_offset, ret);
}

bool elf_code_offset(struct elf *elf, uint64_t address, uint64_t *ret)
{
	return segment_offset(elf, address, PF_X, ret);
}

bool elf_code_address(struct elf *elf, uint64_t offset, uint64_t *ret)
{
	size_t count = 0;

	if (elf_getphdrnum(elf->file, &count) != 0)
		return false;
	for (size_t i = 0; i < MIN(count, (size_t)INT32_MAX); i++) {
		GElf_Phdr segment;

		if (!gelf_getphdr(elf->file, (int)i, &segment))
			return false;
		if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) &&
			offset >= segment.p_offset &&
			offset - segment.p_offset < segment.p_filesz) {
			*ret = offset - segment.p_offset + segment.p_vaddr;
			return true;
		}
	}
	return false;
}

bool elf_data_offset(struct elf *elf, uint64_t address, uint64_t *ret)
{
	return segment_offset(elf, address, PF_W, ret);
}

/* How many bytes of the file there are from the offset on. */
static uint64_t bytes_from(const struct elf *elf, uint64_t offset)
{
	struct stat status = {.st_size = (off_t)elf->image_size};

	if (!elf->image && fstat(elf->fd, &status) < 0)
		return 0;
	return (uint64_t)status.st_size > offset ? (uint64_t)status.st_size - offset : 0;
}

static size_t read_bytes(const struct elf *elf, void *to, size_t size, uint64_t offset)
{
	if (!elf->image) {
		ssize_t got = pread(elf->fd, to, size, (off_t)offset);

		return got > 0 ? (size_t)got : 0;
	}
	memcpy(to, elf->image + offset, size);
	return size;
}

const uint8_t *elf_code(
	struct elf *elf, uint64_t address, size_t size, struct arena *arena, size_t *ret_size)
{
	GElf_Phdr segment;
	uint64_t offset;

	if (!elf_code_offset(elf, address, &offset) || !find_segment(elf, address, PF_X, &segment))
		return NULL;
	size = MIN(size, segment.p_filesz - (address - segment.p_vaddr));
	size = MIN(size, bytes_from(elf, offset));

	uint8_t *code = arena_alloc(arena, size + 1);

	*ret_size = size ? read_bytes(elf, code, size, offset) : 0;
	return *ret_size ? code : NULL;
}

static Elf_Scn *find_section(struct elf *elf, const char *name, GElf_Shdr *ret)
{
	Elf_Scn *section = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf->file, &names) != 0)
		return NULL;
	while ((section = elf_nextscn(elf->file, section))) {
		const char *text = gelf_getshdr(section, ret)
					   ? elf_strptr(elf->file, names, ret->sh_name)
					   : NULL;

		if (text && strcmp(text, name) == 0)
			return section;
	}
	return NULL;
}

bool elf_section(struct elf *elf, const char *name, struct elf_section *ret)
{
	GElf_Shdr header;
	Elf_Scn *section = find_section(elf, name, &header);
	Elf_Data *data = section ? elf_rawdata(section, NULL) : NULL;

	if (!section)
		return false;
	*ret = (struct elf_section){.address = header.sh_addr};
	if (data && data->d_buf) {
		ret->data = data->d_buf;
		ret->size = data->d_size;
	}
	return true;
}

void elf_notes(struct elf *elf, const char *section, elf_visit_note visit, void *context)
{
	GElf_Shdr header;
	Elf_Scn *found = find_section(elf, section, &header);
	Elf_Data *data = found && header.sh_type == SHT_NOTE ? elf_getdata(found, NULL) : NULL;
	size_t offset = 0, name_at, data_at;
	GElf_Nhdr note;

	if (!data || !data->d_buf || (data->d_type != ELF_T_NHDR && data->d_type != ELF_T_NHDR8))
		return;
	while ((offset = gelf_getnote(data, offset, &note, &name_at, &data_at)) > 0) {
		struct elf_note row = {
			.type = note.n_type,
			.owner = (const char *)data->d_buf + name_at,
			.owner_size = note.n_namesz,
			.data = (const char *)data->d_buf + data_at,
			.size = note.n_descsz,
		};

		if (!visit(&row, context))
			return;
	}
}

size_t elf_address_size(struct elf *elf)
{
	return gelf_getclass(elf->file) == ELFCLASS32 ? 4 : 8;
}

bool elf_is_native(struct elf *elf)
{
	GElf_Ehdr header;
	const uint16_t one = 1;
	unsigned char native = *(const unsigned char *)&one ? ELFDATA2LSB : ELFDATA2MSB;

	return gelf_getehdr(elf->file, &header) && header.e_ident[EI_DATA] == native;
}

struct Dwarf *elf_dwarf(struct elf *elf)
{
	return dwarf_begin_elf(elf->file, DWARF_C_READ, NULL);
}
