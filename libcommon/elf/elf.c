/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thin layer over libelf. libelf checks that sections, symbols and names lie inside of the file;
 * what is checked here is what it leaves to its callers: that a table of symbols is one, and that
 * no sum of two numbers out of the file runs over. The file is read, not mapped, so that one that
 * shrinks meanwhile is an error and no signal.
 */
#include "elf.h"

#include <ar.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "elf_file.h"
#include "excess.h"
#include "mapped.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/str.h"
#include "section.h"

enum { SECTION_MOST = 512 << 20 }; /* bytes of one that is read by its name */

void elf_close(struct elf *elf)
{
	if (!elf)
		return;
	if (elf->relocated)
		dwfl_end(elf->relocated);
	else
		mapped_end(elf->file);
	cleanup_close(&elf->fd);
	free(elf->image);
	free(elf->path);
	free(elf);
}

const char *elf_path(const struct elf *elf)
{
	return elf->path;
}

void elf_set_path(struct elf *elf, const char *path)
{
	char *copy = xstrdup(path);

	free(elf->path);
	elf->path = copy;
}

static struct elf *make(const char *path)
{
	struct elf *elf = xcalloc(1, sizeof(*elf));

	elf_version(EV_CURRENT);
	elf->fd = -1;
	elf->path = xstrdup(path);
	return elf;
}

const char *elf_other(int number)
{
	switch (number) {
	case ELF_OTHER_FOLDER: return "a directory";
	case ELF_OTHER_IRREGULAR: return "not a regular file";
	case ELF_OTHER_FORMAT: return "not an ELF file";
	case ELF_OTHER_CORE: return "a core dump, not a program or library";
	case ELF_OTHER_OBJECT: return "an object file, which is not linked to a program yet";
	case ELF_OTHER_ARCHIVE:
		return "a static library: its functions are those of the programs linked with it";
	case ELF_OTHER_DAMAGED: return "a damaged ELF file: its header is cut off or wrong";
	case ELF_OTHER_HUGE:
		return "an ELF file with over 512 MiB of symbols or 262144 sections: it is not "
		       "read";
	default: return NULL;
	}
}

static struct error *not_elf(int number, const char *path)
{
	const char *kind = elf_other(number);

	return kind ? error_new(number, "%s: %s", path, kind) : error_system(number, "%s", path);
}

/* The error number of a file that is no ELF file for libelf. */
static int other_format(Elf *file)
{
	size_t size = 0;
	const char *bytes = file ? elf_rawfile(file, &size) : NULL;

	if (file && elf_kind(file) == ELF_K_AR)
		return ELF_OTHER_ARCHIVE;
	if (bytes && size >= SARMAG && memcmp(bytes, "!<thin>\n", SARMAG) == 0)
		return ELF_OTHER_ARCHIVE;
	if (bytes && size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0)
		return ELF_OTHER_DAMAGED;
	return ELF_OTHER_FORMAT;
}

static struct error *check_kind(const struct elf *elf)
{
	GElf_Ehdr header;

	if (!elf->file || elf_kind(elf->file) != ELF_K_ELF)
		return not_elf(other_format(elf->file), elf->path);
	if (gelf_getehdr(elf->file, &header) && header.e_type == ET_CORE)
		return not_elf(ELF_OTHER_CORE, elf->path);
	return excess_of_tables(elf->file) ? not_elf(ELF_OTHER_HUGE, elf->path) : NULL;
}

/* Reads the file that is open in elf. */
static struct error *begin(struct elf *elf)
{
	struct stat status;

	if (fstat(elf->fd, &status) < 0)
		return error_system(errno, "%s", elf->path);
	if (!S_ISREG(status.st_mode))
		return not_elf(S_ISDIR(status.st_mode) ? ELF_OTHER_FOLDER : ELF_OTHER_IRREGULAR,
			elf->path);
	if (excess_of_sections(elf->fd))
		return not_elf(ELF_OTHER_HUGE, elf->path);
	elf->file = mapped_begin(elf->fd, (uint64_t)status.st_size);
	return check_kind(elf);
}

/* Completes elf, unless opening its file has failed. */
static struct error *complete(struct error *error, struct elf **elf, struct elf **ret)
{
	int number = error ? error->number : 0;

	/* The opener refuses by number, too. */
	error_free(error);
	error = number ? not_elf(number, (*elf)->path) : begin(*elf);
	if (!error)
		*ret = TAKE(*elf);
	return error;
}

struct error *elf_open(const struct host *host, const char *path, struct elf **ret)
{
	_cleanup_elf_ struct elf *elf = make(path);

	return complete(host_open(host, path, O_RDONLY | O_NONBLOCK, &elf->fd), &elf, ret);
}

struct error *elf_open_named(const struct host *host, const char *path, struct elf **ret)
{
	_cleanup_elf_ struct elf *elf = make(path);

	return complete(host_open_named(host, path, &elf->fd), &elf, ret);
}

struct error *elf_open_fd(const char *path, int fd, struct elf **ret)
{
	_cleanup_elf_ struct elf *elf = make(path);

	elf->fd = fd;
	return complete(NULL, &elf, ret);
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

size_t elf_code_segments(struct elf *elf, struct elf_segment *ret, size_t most)
{
	size_t count = 0, found = 0;

	if (elf_getphdrnum(elf->file, &count) != 0)
		return 0;
	for (size_t i = 0; i < MIN(count, (size_t)INT32_MAX) && found < most; i++) {
		GElf_Phdr segment;

		if (!gelf_getphdr(elf->file, (int)i, &segment))
			break;
		if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X))
			ret[found++] = (struct elf_segment){
				segment.p_offset, segment.p_vaddr, segment.p_filesz};
	}
	return found;
}

bool elf_data_offset(struct elf *elf, uint64_t address, uint64_t *ret)
{
	return segment_offset(elf, address, PF_W, ret);
}

uint64_t elf_bytes_from(const struct elf *elf, uint64_t offset)
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
	size = MIN(size, elf_bytes_from(elf, offset));

	uint8_t *code = arena_alloc(arena, size + 1);

	*ret_size = size ? read_bytes(elf, code, size, offset) : 0;
	return *ret_size ? code : NULL;
}

bool elf_section(struct elf *elf, const char *name, struct elf_section *ret)
{
	GElf_Shdr header;
	Elf_Scn *section = section_next(elf->file, NULL, name, &header);
	Elf_Data *data = NULL;

	if (!section)
		return false;
	if (header.sh_size <= SECTION_MOST)
		data = elf_rawdata(section, NULL);
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
	Elf_Scn *found = section_next(elf->file, NULL, section, &header);
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

static bool has_interpreter(struct elf *elf)
{
	size_t count = 0;
	GElf_Phdr segment;

	if (elf_getphdrnum(elf->file, &count) != 0)
		return false;
	for (size_t i = 0; i < MIN(count, (size_t)INT32_MAX); i++) {
		if (gelf_getphdr(elf->file, (int)i, &segment) && segment.p_type == PT_INTERP)
			return true;
	}
	return false;
}

static void note_any(const char *text _unused_, void *context)
{
	bool *any = context;

	*any = true;
}

/* What has no interpreter but needs other files is not started by itself. */
static bool is_library(struct elf *elf, const GElf_Ehdr *header)
{
	bool needs_others = false;

	if (header->e_type != ET_DYN || has_interpreter(elf))
		return false;
	elf_dynamic(elf, DT_NEEDED, note_any, &needs_others);
	return needs_others;
}

bool elf_entry(struct elf *elf, uint64_t *ret)
{
	GElf_Ehdr header;

	if (!gelf_getehdr(elf->file, &header) || is_library(elf, &header))
		return false;
	*ret = header.e_entry;
	return true;
}

bool elf_is_object(struct elf *elf)
{
	GElf_Ehdr header;

	return gelf_getehdr(elf->file, &header) && header.e_type == ET_REL;
}

bool elf_is_fixed(struct elf *elf)
{
	GElf_Ehdr header;

	return gelf_getehdr(elf->file, &header) && header.e_type == ET_EXEC;
}

bool elf_is_native(struct elf *elf)
{
	GElf_Ehdr header;
	const uint16_t one = 1;
	unsigned char native = *(const unsigned char *)&one ? ELFDATA2LSB : ELFDATA2MSB;

	return gelf_getehdr(elf->file, &header) && header.e_ident[EI_DATA] == native;
}

/* Whether each section of that name that has data ends in a NUL. */
static bool ends_in_nul(struct elf *elf, const char *name)
{
	GElf_Shdr header;
	Elf_Scn *section = NULL;

	while ((section = section_next(elf->file, section, name, &header))) {
		const Elf_Data *data = elf_getdata(section, NULL);

		if (data && data->d_buf && data->d_size &&
			((const char *)data->d_buf)[data->d_size - 1] != '\0')
			return false;
	}
	return true;
}

/* Libdw, which has unpacked the sections, reads texts behind the end of those that end in none. */
struct Dwarf *elf_dwarf(struct elf *elf)
{
	static const char *const texts[] = {
		".debug_str", ".debug_line_str", ".zdebug_str", ".zdebug_line_str"};
	Dwarf *dwarf = dwarf_begin_elf(elf->file, DWARF_C_READ, NULL);

	for (size_t i = 0; dwarf && i < ARRAY_SIZE(texts); i++) {
		if (ends_in_nul(elf, texts[i]))
			continue;
		dwarf_end(dwarf);
		dwarf = NULL;
	}
	return dwarf;
}
