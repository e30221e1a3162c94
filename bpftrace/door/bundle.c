/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ELF object in memory is opened by libelf, which checks the section headers against the size of
 * the file. The contents of sections are checked where they are read: manifest_parse, btf_check,
 * and here the instructions (struct bpf_insn, <linux/bpf.h>).
 */
#include "bundle.h"

#include <bpf/libbpf.h>
#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <linux/bpf.h>
#include <string.h>

#include "libcommon/elf/section.h"
#include "libcommon/host/btf_check.h"
#include "state.h"

static void cleanup_elf(Elf **elf)
{
	elf_end(*elf);
}

#define _cleanup_elf_ _cleanup_(cleanup_elf)

bool bundle_is(const void *data, size_t size)
{
	return size >= SELFMAG && memcmp(data, ELFMAG, SELFMAG) == 0;
}

bool bundle_is_program(const void *data, size_t size)
{
	const unsigned char *bytes = data;
	size_t at = offsetof(Elf64_Ehdr, e_machine);

	if (!bundle_is(data, size) || size < at + sizeof(uint16_t))
		return false;

	bool is_big = bytes[EI_DATA] == ELFDATA2MSB;

	return (bytes[at + !is_big] << 8 | bytes[at + is_big]) != EM_BPF;
}

/* libelf does not modify an object that is opened for reading and has the byte order of the host.
 */
static Elf *open_elf(const void *data, size_t size)
{
	if (elf_version(EV_CURRENT) == EV_NONE)
		return NULL;
	return elf_memory((char *)(uintptr_t)data, size);
}

static struct error *check_header(Elf *elf)
{
	GElf_Ehdr header;

	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		return error_new(EINVAL, "not an ELF object");
	if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_BPF)
		return error_new(EINVAL, "an ELF object, but not for BPF");
	if (header.e_ident[EI_DATA] !=
		(__BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB))
		return error_new(EINVAL, "its byte order is not that of this machine");
	return NULL;
}

/* The bytes of the only section of that name; fails when there is none, or more than one. */
static struct error *find_section(Elf *elf, const char *name, const Elf_Data **ret)
{
	GElf_Shdr header, other;
	Elf_Scn *section = section_next(elf, NULL, name, &header);

	if (!section)
		return error_new(EINVAL, "there is no section %s", name);
	if (section_next(elf, section, name, &other))
		return error_new(EINVAL, "there is more than one section %s", name);

	const Elf_Data *found = header.sh_type == SHT_NOBITS ? NULL : elf_rawdata(section, NULL);

	if (!found || !found->d_buf)
		return error_new(EINVAL, "section %s is malformed", name);
	*ret = found;
	return NULL;
}

static struct error *read_types(Elf *elf, struct types **ret)
{
	const Elf_Data *section = NULL;
	struct error *error = find_section(elf, BTF_ELF_SEC, &section);

	if (error)
		return error;

	struct btf *btf = btf__new(section->d_buf, (uint32_t)section->d_size);

	if (!btf)
		return error_system(errno, "section " BTF_ELF_SEC);
	error = btf_check(btf);
	if (error) {
		btf__free(btf);
		return error_prefix(error, "section " BTF_ELF_SEC);
	}
	*ret = types_adopt(btf);
	return NULL;
}

/*
 * The header of .BTF.ext as libbpf reads it (its struct btf_ext_header). CO-RE relocations are
 * instructions that libbpf would change after they were checked here.
 */
static struct error *check_extension(Elf *elf)
{
	struct {
		uint16_t magic;
		uint8_t version, flags;
		uint32_t header_bytes;
		uint32_t functions_at, functions_bytes, lines_at, lines_bytes;
		uint32_t relocations_at, relocations_bytes;
	} header = {};
	const Elf_Data *section = NULL;
	struct error *error = find_section(elf, BTF_EXT_ELF_SEC, &section);

	if (error)
		return error;
	memcpy(&header, section->d_buf, MIN(section->d_size, sizeof(header)));
	if (header.header_bytes >= sizeof(header) && header.relocations_bytes)
		return error_new(EINVAL, "it has CO-RE relocations, which are not allowed");
	return NULL;
}

/* Records are structs of the object's own types. */
static struct error *check_records(const struct manifest *manifest, const struct types *types)
{
	const struct manifest_site *site;

	vec_for_each (&manifest->sites, site) {
		if (btf__find_by_name_kind(types_btf(types), site->record, BTF_KIND_STRUCT) <= 0)
			return error_new(EINVAL, "there is no struct %s for records", site->record);
	}
	return NULL;
}

static struct error *read_elf(Elf *elf, struct arena *arena, struct bundle *bundle)
{
	const Elf_Data *section = NULL;
	struct error *error = check_header(elf);

	if (!error)
		error = find_section(elf, SECTION_MANIFEST, &section);
	if (!error)
		error = manifest_parse(section->d_buf, section->d_size, arena, &bundle->manifest);
	if (!error)
		error = read_types(elf, &bundle->types);
	if (!error)
		error = check_extension(elf);
	if (!error)
		error = check_records(&bundle->manifest, bundle->types);
	return error;
}

struct error *bundle_read(const void *data, size_t size, struct arena *arena, struct bundle *ret)
{
	_cleanup_elf_ Elf *elf = open_elf(data, size);
	struct bundle bundle = {.data = data, .size = size};
	struct error *error = read_elf(elf, arena, &bundle);

	if (error) {
		bundle_deinit(&bundle);
		return error_prefix(error, "not a bundle of this program");
	}
	*ret = bundle;
	return NULL;
}

void bundle_deinit(struct bundle *bundle)
{
	manifest_deinit(&bundle->manifest);
	types_free(bundle->types);
	*bundle = (struct bundle){};
}

struct helper {
	int32_t number;
	const char *name;
	bool is_unsafe;
};

static const struct helper helpers[] = {
#define HELPER(NAME, number, reads, unsafe) {number, "bpf_" #NAME, unsafe},
#include "helpers.def"
#undef HELPER
};

/* What is looked for in the instructions: calls of a helper, or those that are not allowed. */
struct search {
	int32_t helper; /* 0: none */
	bool allow_unsafe;
	bool is_found;
	struct bpf_insn found;
};

static const struct helper *find_helper(int32_t number)
{
	for (size_t i = 0; i < ARRAY_SIZE(helpers); i++) {
		if (helpers[i].number == number)
			return &helpers[i];
	}
	return NULL;
}

/* Kernel functions that are not helpers may not be called; the runner itself inserts calls of the
 * one exception (CALL_IS_RETURN). */
static bool is_kernel_function(const struct bpf_insn *instruction)
{
	return instruction->src_reg == BPF_PSEUDO_KFUNC_CALL;
}

static bool is_allowed(const struct search *search, const struct bpf_insn *instruction)
{
	const struct helper *helper = find_helper(instruction->imm);

	return !is_kernel_function(instruction) && helper &&
	       (search->allow_unsafe || !helper->is_unsafe);
}

static void check_call(struct search *search, const struct bpf_insn *instruction)
{
	if (instruction->code != (BPF_JMP | BPF_CALL) ||
		(!is_kernel_function(instruction) && instruction->src_reg != 0))
		return;
	search->is_found = search->helper ? !is_kernel_function(instruction) &&
						    instruction->imm == search->helper
					  : !is_allowed(search, instruction);
	search->found = *instruction;
}

static struct error *scan_section(Elf_Scn *section, struct search *search)
{
	const Elf_Data *data = elf_rawdata(section, NULL);

	if (!data || (data->d_size && !data->d_buf))
		return error_new(EINVAL, "a program section is malformed");
	for (size_t at = 0; at + sizeof(struct bpf_insn) <= data->d_size && !search->is_found;
		at += sizeof(struct bpf_insn)) {
		struct bpf_insn instruction;

		memcpy(&instruction, (const char *)data->d_buf + at, sizeof(instruction));
		check_call(search, &instruction);
	}
	return NULL;
}

/* Returns at the first call that matches. */
static struct error *find_call(const struct bundle *bundle, struct search *search)
{
	_cleanup_elf_ Elf *elf = open_elf(bundle->data, bundle->size);
	struct error *error = NULL;

	for (Elf_Scn *section = elf_nextscn(elf, NULL); section && !search->is_found && !error;
		section = elf_nextscn(elf, section)) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) && header.sh_type == SHT_PROGBITS &&
			(header.sh_flags & SHF_EXECINSTR))
			error = scan_section(section, search);
	}
	return error;
}

bool bundle_calls(const struct bundle *bundle, int32_t helper)
{
	struct search search = {.helper = helper};
	_cleanup_error_ struct error *error = find_call(bundle, &search);

	return search.is_found;
}

/* Whether the object has externs, which libbpf would resolve in the kernel. */
static bool names_symbols(const struct bundle *bundle)
{
	return btf__find_by_name_kind(types_btf(bundle->types), ".ksyms", BTF_KIND_DATASEC) > 0;
}

/* The reason why a call that needs --unsafe is refused. */
static const char *missing_unsafe(const struct bundle *bundle)
{
	return bundle->manifest.unsafe ? ", which needs --unsafe"
				       : " but was not made with --unsafe";
}

static struct error *refuse_call(const struct bundle *bundle, const struct bpf_insn *instruction)
{
	const struct helper *helper = find_helper(instruction->imm);

	if (is_kernel_function(instruction))
		return error_new(EPERM, "the bundle calls kernel function %d, which is not allowed",
			instruction->imm);
	if (!helper)
		return error_new(EPERM, "the bundle calls BPF helper %d, which is not allowed",
			instruction->imm);
	return error_new(EPERM, "the bundle calls %s%s", helper->name, missing_unsafe(bundle));
}

struct error *bundle_check_helpers(const struct bundle *bundle, bool allowed)
{
	struct search search = {.allow_unsafe = allowed && bundle->manifest.unsafe};

	if (!search.allow_unsafe && manifest_has_action(&bundle->manifest, ACTION_SYSTEM))
		return error_new(EPERM, "the bundle runs commands%s", missing_unsafe(bundle));
	if (names_symbols(bundle))
		return error_new(
			EPERM, "the bundle refers to kernel symbols, which is not allowed");

	struct error *error = find_call(bundle, &search);

	return error || !search.is_found ? error : refuse_call(bundle, &search.found);
}
