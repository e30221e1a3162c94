/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ELF object in memory is opened by libelf, which bounds-checks the section headers against the
 * size of the file; what stands in the sections is checked by whoever reads it: manifest_parse,
 * btf_check, and here the instructions (struct bpf_insn, <linux/bpf.h>).
 */
#include "bundle.h"

#include <bpf/libbpf.h>
#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <linux/bpf.h>
#include <string.h>

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

/* libelf does not write to an object that it was given for reading in the byte order of the host.
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
		return error_new(EINVAL, "an ELF object, but not one of BPF programs");
	if (header.e_ident[EI_DATA] !=
		(__BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB))
		return error_new(EINVAL, "made for machines of another byte order");
	return NULL;
}

/* The bytes of the only section of that name; fails when there is none, or more than one. */
static struct error *find_section(Elf *elf, const char *name, const Elf_Data **ret)
{
	const Elf_Data *found = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) != 0)
		return error_new(EINVAL, "section names are missing");
	for (Elf_Scn *section = elf_nextscn(elf, NULL); section;
		section = elf_nextscn(elf, section)) {
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header))
			continue;

		const char *its = elf_strptr(elf, names, header.sh_name);

		if (!its || strcmp(its, name) != 0)
			continue;
		if (found)
			return error_new(EINVAL, "there is more than one section %s", name);
		found = header.sh_type == SHT_NOBITS ? NULL : elf_rawdata(section, NULL);
		if (!found || !found->d_buf)
			return error_new(EINVAL, "section %s is broken", name);
	}
	if (!found)
		return error_new(EINVAL, "there is no section %s", name);
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
};

static const struct helper unsafe_helpers[] = {
	{BPF_FUNC_probe_write_user, "bpf_probe_write_user"},
	{BPF_FUNC_override_return, "bpf_override_return"},
	{BPF_FUNC_send_signal, "bpf_send_signal"},
	{BPF_FUNC_send_signal_thread, "bpf_send_signal_thread"},
};

/* Of the kernel's functions that are no helpers, programs call one only, and that by the runner's
 * hand (CALL_IS_RETURN). */
static const struct helper kernel_function = {0, "a function of the kernel"};

/* Helpers that are looked for. */
struct search {
	const struct helper *helpers;
	size_t count;
	bool kernel_functions; /* these too */
};

static const struct helper *called_by(
	const struct bpf_insn *instruction, const struct search *search)
{
	if (instruction->code != (BPF_JMP | BPF_CALL))
		return NULL;
	if (instruction->src_reg == BPF_PSEUDO_KFUNC_CALL)
		return search->kernel_functions ? &kernel_function : NULL;
	if (instruction->src_reg != 0)
		return NULL;
	for (size_t i = 0; i < search->count; i++) {
		if (instruction->imm == search->helpers[i].number)
			return &search->helpers[i];
	}
	return NULL;
}

static struct error *scan_section(
	Elf_Scn *section, const struct search *search, const struct helper **ret)
{
	const Elf_Data *data = elf_rawdata(section, NULL);

	if (!data || (data->d_size && !data->d_buf))
		return error_new(EINVAL, "a section of programs is broken");
	for (size_t at = 0; at + sizeof(struct bpf_insn) <= data->d_size && !*ret;
		at += sizeof(struct bpf_insn)) {
		struct bpf_insn instruction;

		memcpy(&instruction, (const char *)data->d_buf + at, sizeof(instruction));
		*ret = called_by(&instruction, search);
	}
	return NULL;
}

/* The first of the helpers that the bundle calls; *ret is NULL before, and after when there is
 * none. */
static struct error *find_call(
	const struct bundle *bundle, const struct search *search, const struct helper **ret)
{
	_cleanup_elf_ Elf *elf = open_elf(bundle->data, bundle->size);
	struct error *error = NULL;

	for (Elf_Scn *section = elf_nextscn(elf, NULL); section && !*ret && !error;
		section = elf_nextscn(elf, section)) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) && header.sh_type == SHT_PROGBITS &&
			(header.sh_flags & SHF_EXECINSTR))
			error = scan_section(section, search, ret);
	}
	return error;
}

bool bundle_calls(const struct bundle *bundle, int32_t helper)
{
	const struct helper wanted = {helper, NULL};
	const struct search search = {.helpers = &wanted, .count = 1};
	const struct helper *found = NULL;
	_cleanup_error_ struct error *error = find_call(bundle, &search, &found);

	return found != NULL;
}

/* Whether libbpf would look such functions up by their names. */
static bool names_functions(const struct bundle *bundle)
{
	return btf__find_by_name_kind(types_btf(bundle->types), ".ksyms", BTF_KIND_DATASEC) > 0;
}

struct error *bundle_check_helpers(const struct bundle *bundle, bool allowed)
{
	const struct search search = {
		.helpers = unsafe_helpers,
		.count = ARRAY_SIZE(unsafe_helpers),
		.kernel_functions = true,
	};
	const struct helper *found = names_functions(bundle) ? &kernel_function : NULL;

	if (allowed && bundle->manifest.unsafe)
		return NULL;
	if (manifest_has_action(&bundle->manifest, ACTION_SYSTEM))
		return error_new(EPERM, "the bundle runs commands%s",
			bundle->manifest.unsafe ? ", which needs --unsafe"
						: " but was not made with --unsafe");

	struct error *error = find_call(bundle, &search, &found);

	if (error || !found)
		return error;
	return error_new(EPERM, "the bundle calls %s%s", found->name,
		bundle->manifest.unsafe ? ", which needs --unsafe"
					: " but was not made with --unsafe");
}
