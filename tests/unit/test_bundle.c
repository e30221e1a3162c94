/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <linux/bpf.h>
#include <sys/mman.h>

#include "bpftrace/door/bundle.h"
#include "bpftrace/door/state.h"

enum {
	MAP_BYTES = 40,
	PIN_BY_NAME = 1, /* enum libbpf_pin_type of bpf_helpers.h */
};

/* An object with these sections; what is NULL is left out. */
struct parts {
	const char *manifest;
	const struct btf *btf;
	const struct bpf_insn *instructions;
	size_t instruction_count;
	bool twice;           /* the manifest */
	uint32_t relocations; /* bytes of CO-RE relocations that .BTF.ext claims to have */
	bool extensionless;
	const char *map; /* the only one, whose definition is in the BTF */
	uint16_t machine;
};

static const char names[] =
	"\0.shstrtab\0" SECTION_MANIFEST "\0.BTF\0.BTF.ext\0raw_tp\0.maps\0.symtab\0.strtab";

static uint32_t name_at(const char *name)
{
	for (size_t i = 0; i < sizeof(names); i++) {
		if (strcmp(names + i, name) == 0)
			return (uint32_t)i;
	}
	fail_msg("no section is called %s", name);
	return 0;
}

static Elf_Scn *add_section(
	Elf *elf, const char *name, const void *data, size_t size, uint64_t flags)
{
	Elf_Scn *section = elf_newscn(elf);
	Elf_Data *bytes = elf_newdata(section);
	Elf64_Shdr *header = elf64_getshdr(section);

	bytes->d_buf = (void *)(uintptr_t)data;
	bytes->d_size = size;
	bytes->d_align = 8;
	header->sh_name = name_at(name);
	header->sh_type = SHT_PROGBITS;
	header->sh_flags = flags;
	return section;
}

/* The section .maps with one symbol in it; memory is the caller's until the object is written. */
static void add_map(Elf *elf, const char *name, char strings[64], Elf64_Sym symbols[2])
{
	static const char definition[MAP_BYTES];
	size_t maps = elf_ndxscn(
		add_section(elf, ".maps", definition, sizeof(definition), SHF_ALLOC | SHF_WRITE));

	snprintf(strings + 1, 63, "%s", name);
	symbols[1] = (Elf64_Sym){.st_name = 1,
		.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
		.st_shndx = (Elf64_Half)maps,
		.st_size = sizeof(definition)};

	Elf64_Shdr *texts = elf64_getshdr(add_section(elf, ".strtab", strings, 64, 0));
	Elf_Scn *section = add_section(elf, ".symtab", symbols, 2 * sizeof(*symbols), 0);
	Elf64_Shdr *header = elf64_getshdr(section);

	texts->sh_type = SHT_STRTAB;
	header->sh_type = SHT_SYMTAB;
	header->sh_link = (Elf64_Word)elf_ndxscn(section) - 1;
	header->sh_info = 1;
	header->sh_entsize = sizeof(*symbols);
}

static void make_object(const struct parts *parts, struct str *out)
{
	char strings[64] = {};
	Elf64_Sym symbols[2] = {};
	const uint32_t extension[8] = {
		0x1eb9f, sizeof(extension), 0, 0, 0, 0, 0, parts->relocations};
	_cleanup_close_ int fd = memfd_create("object", MFD_CLOEXEC);

	elf_version(EV_CURRENT);

	Elf *elf = elf_begin(fd, ELF_C_WRITE, NULL);
	Elf64_Ehdr *header = elf64_newehdr(elf);
	uint32_t size = 0;

	header->e_ident[EI_DATA] = ELFDATA2LSB;
	header->e_machine = parts->machine;
	header->e_type = ET_REL;
	header->e_version = EV_CURRENT;
	elf64_getshdr(add_section(elf, ".shstrtab", names, sizeof(names), 0))->sh_type = SHT_STRTAB;
	header->e_shstrndx = 1;
	for (int i = 0; i < 1 + parts->twice && parts->manifest; i++)
		add_section(elf, SECTION_MANIFEST, parts->manifest, strlen(parts->manifest), 0);
	if (parts->btf) {
		const void *data = btf__raw_data(parts->btf, &size);

		add_section(elf, ".BTF", data, size, 0);
	}
	if (!parts->extensionless)
		add_section(elf, ".BTF.ext", extension, sizeof(extension), 0);
	if (parts->instructions)
		add_section(elf, "raw_tp", parts->instructions,
			parts->instruction_count * sizeof(struct bpf_insn), SHF_EXECINSTR);
	if (parts->map)
		add_map(elf, parts->map, strings, symbols);
	assert_true(elf_update(elf, ELF_C_WRITE) > 0);
	elf_end(elf);

	off_t length = lseek(fd, 0, SEEK_END);

	assert_int_equal(pread(fd, str_reserve(out, (size_t)length), (size_t)length, 0), length);
	out->length = (size_t)length;
}

/* A manifest with one call site, whose record is `struct record_0` of the BTF beside it. */
struct fixture {
	char *manifest;
	struct btf *btf;
	struct parts parts;
};

static struct fixture make_fixture(void)
{
	struct manifest manifest = {
		.version = "1",
		.arch = "x86_64",
		.settings = settings_default(),
	};
	_cleanup_str_ struct str text = STR_INIT;
	struct fixture fixture = {.btf = btf__new_empty()};

	vec_push(&manifest.sources, ((struct manifest_source){"a.bt", "BEGIN { exit(); }"}));
	vec_push(&manifest.sites,
		((struct manifest_site){.action = ACTION_EXIT, .record = "record_0"}));

	_cleanup_json_ json_t *json = manifest_to_json(&manifest);

	json_append(json, &text);
	fixture.manifest = str_take(&text);
	manifest_deinit(&manifest);
	btf__add_int(fixture.btf, "uint64", 8, 0);
	btf__add_struct(fixture.btf, "record_0", 8);
	btf__add_field(fixture.btf, "site", 1, 0, 0);
	fixture.parts =
		(struct parts){.manifest = fixture.manifest, .btf = fixture.btf, .machine = EM_BPF};
	return fixture;
}

static void fixture_deinit(struct fixture *fixture)
{
	free(fixture->manifest);
	btf__free(fixture->btf);
}

#define _cleanup_fixture_ _cleanup_(fixture_deinit)

static void assert_refused(const struct parts *parts, const char *message)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_str_ struct str object = STR_INIT;
	struct bundle bundle = {};

	make_object(parts, &object);
	assert_failure(bundle_read(object.data, object.length, &arena, &bundle), message);
	assert_null(bundle.types);
}

static void a_bundle_is_read(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture = make_fixture();
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_str_ struct str object = STR_INIT;
	_cleanup_(bundle_deinit) struct bundle bundle = {};

	make_object(&fixture.parts, &object);
	assert_true(bundle_is(object.data, object.length));
	assert_success(bundle_read(object.data, object.length, &arena, &bundle));
	assert_string_equal(bundle.manifest.sources.items[0].name, "a.bt");
	assert_int_equal(bundle.manifest.sites.count, 1);
	assert_int_equal(types_size(bundle.types, 2), 8);
}

static void scripts_are_no_bundles(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct bundle bundle = {};

	assert_false(bundle_is("BEGIN { }", 9));
	assert_false(bundle_is("\177EL", 3));
	assert_failure(bundle_read("BEGIN { }", 9, &arena, &bundle),
		"not a bundle of this program: not an ELF object");
}

static void other_objects_are_refused(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture = make_fixture();
	struct parts parts = fixture.parts;

	parts.machine = EM_X86_64;
	assert_refused(&parts, "not a bundle of this program: an ELF object, but not for BPF");
	parts = fixture.parts;
	parts.manifest = NULL;
	assert_refused(
		&parts, "not a bundle of this program: there is no section bpftrace.manifest");
	parts.manifest = "{";
	assert_refused(&parts,
		"not a bundle of this program: manifest: line 1, column 1: string or '}' expected "
		"near end of file");
	parts.manifest = "{}";
	assert_refused(&parts, "not a bundle of this program: manifest: 'manifest' is missing");
	parts = fixture.parts;
	parts.twice = true;
	assert_refused(&parts,
		"not a bundle of this program: there is more than one section bpftrace.manifest");
	parts = fixture.parts;
	parts.btf = NULL;
	assert_refused(&parts, "not a bundle of this program: there is no section .BTF");
	parts = fixture.parts;
	parts.extensionless = true;
	assert_refused(&parts, "not a bundle of this program: there is no section .BTF.ext");
	parts = fixture.parts;
	parts.relocations = 1;
	assert_refused(&parts,
		"not a bundle of this program: it has CO-RE relocations, which are not allowed");
}

static void records_have_types(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture = make_fixture();

	btf__free(fixture.btf);
	fixture.btf = btf__new_empty();
	btf__add_int(fixture.btf, "record_0", 8, 0);
	fixture.parts.btf = fixture.btf;
	assert_refused(&fixture.parts,
		"not a bundle of this program: there is no struct record_0 for records");
}

static void types_are_checked(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture = make_fixture();

	btf__add_typedef(fixture.btf, "loop", 3);
	assert_refused(&fixture.parts,
		"not a bundle of this program: section .BTF: type 3: contains itself or nests too "
		"deeply");
}

/* Nothing but refusal comes of a bundle that is cut anywhere, or has one byte changed. */
static void broken_bundles_do_no_harm(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture = make_fixture();
	_cleanup_str_ struct str object = STR_INIT;

	make_object(&fixture.parts, &object);
	for (size_t i = 0; i < object.length; i++) {
		_cleanup_arena_ struct arena arena = ARENA_INIT;
		_cleanup_free_ char *exact = malloc(i + 1);
		_cleanup_(bundle_deinit) struct bundle cut = {}, changed = {};
		_cleanup_error_ struct error *cut_error = NULL, *error = NULL;

		memcpy(exact, object.data, i);
		cut_error = bundle_read(exact, i, &arena, &cut);
		assert_non_null(cut_error);
		object.data[i] ^= 0x81;
		error = bundle_read(object.data, object.length, &arena, &changed);
		if (!error) {
			_cleanup_error_ struct error *ignored =
				bundle_check_helpers(&changed, false);
		}
		object.data[i] ^= 0x81;
	}
}

static struct error *check_call(
	uint8_t kind, int32_t function, bool made_unsafe, bool allowed, bool named)
{
	_cleanup_fixture_ struct fixture fixture = make_fixture();
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_str_ struct str object = STR_INIT;
	_cleanup_(bundle_deinit) struct bundle bundle = {};
	const struct bpf_insn instructions[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = BPF_FUNC_send_signal},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ktime_get_ns},
		{.code = BPF_JMP | BPF_CALL,
			.src_reg = BPF_PSEUDO_CALL,
			.imm = BPF_FUNC_send_signal},
		{.code = BPF_JMP | BPF_CALL, .src_reg = kind & 0xf, .imm = function},
		{.code = BPF_JMP | BPF_EXIT},
	};

	if (named)
		assert_true(btf__add_datasec(fixture.btf, ".ksyms", 0) > 0);
	fixture.parts.instructions = instructions;
	fixture.parts.instruction_count = ARRAY_SIZE(instructions);
	make_object(&fixture.parts, &object);
	assert_success(bundle_read(object.data, object.length, &arena, &bundle));
	bundle.manifest.unsafe = made_unsafe;
	return bundle_check_helpers(&bundle, allowed);
}

static struct error *check_helper(int32_t helper, bool made_unsafe, bool allowed)
{
	return check_call(0, helper, made_unsafe, allowed, false);
}

static void functions_of_the_kernel_are_refused(void **state _unused_)
{
	static const char call[] = "the bundle calls kernel function 1, which is not allowed";
	static const char symbol[] = "the bundle refers to kernel symbols, which is not allowed";

	assert_success(check_call(0, CALL_IS_RETURN, false, false, false));
	assert_failure(check_call(BPF_PSEUDO_KFUNC_CALL, 1, false, false, false), call);
	assert_failure(check_call(BPF_PSEUDO_KFUNC_CALL, 1, true, true, false), call);
	assert_failure(check_call(0, CALL_IS_RETURN, false, false, true), symbol);
	assert_failure(check_call(0, CALL_IS_RETURN, true, true, true), symbol);
}

static void calls_are_found(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture = make_fixture();
	_cleanup_str_ struct str object = STR_INIT;
	const struct bpf_insn instructions[] = {
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ktime_get_ns},
		{.code = BPF_JMP | BPF_CALL,
			.src_reg = BPF_PSEUDO_CALL,
			.imm = BPF_FUNC_send_signal},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_override_return},
	};

	fixture.parts.instructions = instructions;
	fixture.parts.instruction_count = ARRAY_SIZE(instructions);
	make_object(&fixture.parts, &object);

	const struct bundle bundle = {.data = object.data, .size = object.length};

	assert_true(bundle_calls(&bundle, BPF_FUNC_override_return));
	assert_true(bundle_calls(&bundle, BPF_FUNC_ktime_get_ns));
	assert_false(bundle_calls(&bundle, BPF_FUNC_send_signal));
}

static void unsafe_helpers_are_refused(void **state _unused_)
{
	assert_success(check_helper(BPF_FUNC_probe_read_kernel, false, false));
	assert_failure(check_helper(BPF_FUNC_send_signal, false, false),
		"the bundle calls bpf_send_signal but was not made with --unsafe");
	assert_failure(check_helper(BPF_FUNC_send_signal, false, true),
		"the bundle calls bpf_send_signal but was not made with --unsafe");
	assert_failure(check_helper(BPF_FUNC_override_return, true, false),
		"the bundle calls bpf_override_return, which needs --unsafe");
	assert_failure(check_helper(BPF_FUNC_probe_write_user, true, false),
		"the bundle calls bpf_probe_write_user, which needs --unsafe");
	assert_failure(check_helper(BPF_FUNC_send_signal_thread, true, false),
		"the bundle calls bpf_send_signal_thread, which needs --unsafe");
	assert_success(check_helper(BPF_FUNC_send_signal, true, true));
	assert_success(check_helper(BPF_FUNC_probe_write_user, true, true));
}

/* Whatever a helper does: only those that scripts use are let, with --unsafe too. */
static void other_helpers_are_refused(void **state _unused_)
{
	static const int32_t others[] = {BPF_FUNC_setsockopt, BPF_FUNC_redirect, BPF_FUNC_sys_bpf,
		BPF_FUNC_copy_from_user_task, BPF_FUNC_ringbuf_discard, 0, -1, 100000, INT32_MAX};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		_cleanup_arena_ struct arena arena = ARENA_INIT;
		const char *message = arena_printf(
			&arena, "the bundle calls BPF helper %d, which is not allowed", others[i]);

		assert_failure(check_helper(others[i], false, false), message);
		assert_failure(check_helper(others[i], true, false), message);
		assert_failure(check_helper(others[i], true, true), message);
	}
}

/* --- maps --- */

/* An attribute of a map's definition: the length of an array that a pointer points to. */
static int attribute(struct btf *btf, int number, uint32_t value)
{
	return btf__add_ptr(btf, btf__add_array(btf, number, number, value));
}

/* Adds an array of one element with the name; which may ask to be pinned. */
static void define_map(struct btf *btf, const char *name, bool pinned)
{
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	const struct {
		const char *name;
		int type;
	} members[] = {
		{"type", attribute(btf, number, BPF_MAP_TYPE_ARRAY)},
		{"max_entries", attribute(btf, number, 1)},
		{"key", btf__add_ptr(btf, number)},
		{"value", btf__add_ptr(btf, number)},
		{"pinning", attribute(btf, number, PIN_BY_NAME)},
	};
	uint32_t count = ARRAY_SIZE(members) - !pinned;
	int definition = btf__add_struct(btf, NULL, count * 8);

	for (uint32_t i = 0; i < count; i++)
		btf__add_field(btf, members[i].name, members[i].type, 64 * i, 0);

	int variable = btf__add_var(btf, name, BTF_VAR_GLOBAL_ALLOCATED, definition);

	assert_true(btf__add_datasec(btf, ".maps", MAP_BYTES) > 0);
	assert_int_equal(btf__add_datasec_var_info(btf, variable, 0, MAP_BYTES), 0);
}

typedef int change_fn(struct bpf_map *map);

/* Returns the error for a bundle that has such a map, whose name in the manifest is named. */
static struct error *check_map(const char *name, const char *named, bool pinned, change_fn *change)
{
	_cleanup_fixture_ struct fixture fixture = make_fixture();
	_cleanup_str_ struct str object = STR_INIT;
	struct manifest manifest = {};

	define_map(fixture.btf, name, pinned);
	fixture.parts.map = name;
	fixture.parts.extensionless = true; /* libbpf would look for the functions */
	make_object(&fixture.parts, &object);

	struct bpf_object *opened = bpf_object__open_mem(object.data, object.length, NULL);

	assert_non_null(opened);
	if (change)
		assert_int_equal(change(bpf_object__find_map_by_name(opened, name)), 0);
	vec_push(&manifest.maps, ((struct manifest_map){.name = "@", .symbol = named}));

	struct error *error = bundle_check_maps(&manifest, opened);

	manifest_deinit(&manifest);
	bpf_object__close(opened);
	return error;
}

static int make_stack(struct bpf_map *map)
{
	return bpf_map__set_type(map, BPF_MAP_TYPE_STACK_TRACE);
}

static int make_ring(struct bpf_map *map)
{
	return bpf_map__set_type(map, BPF_MAP_TYPE_RINGBUF);
}

static int make_of_maps(struct bpf_map *map)
{
	return bpf_map__set_type(map, BPF_MAP_TYPE_ARRAY_OF_MAPS);
}

static int make_mapped(struct bpf_map *map)
{
	return bpf_map__set_map_flags(map, BPF_F_MMAPABLE);
}

static int make_extra(struct bpf_map *map)
{
	return bpf_map__set_map_extra(map, 1);
}

static void other_maps_are_refused(void **state _unused_)
{
	assert_success(check_map("AT_x", "AT_x", false, NULL));
	assert_success(check_map("scratch", "AT_x", false, NULL));
	assert_success(check_map("data_ring", "AT_x", false, make_ring));
	assert_failure(check_map("AT_y", "AT_x", false, NULL),
		"map AT_y of the bundle is not in its manifest");
	assert_failure(check_map("AT_x", "AT_x", true, NULL),
		"map AT_x of the bundle must not be pinned, at /sys/fs/bpf/AT_x");
	assert_failure(check_map("AT_x", "AT_x", false, make_stack),
		"map AT_x of the bundle has the unexpected type 7");
	assert_failure(check_map("AT_x", "AT_x", false, make_ring),
		"map AT_x of the bundle has the unexpected type 27");
	assert_failure(check_map("AT_x", "AT_x", false, make_of_maps),
		"map AT_x of the bundle has the unexpected type 12");
	assert_failure(check_map("data_ring", "data_ring", false, NULL),
		"map data_ring of the bundle has the unexpected type 2");
	assert_failure(check_map("AT_x", "AT_x", false, make_mapped),
		"map AT_x of the bundle has unexpected flags, 0x400");
	assert_failure(check_map("AT_x", "AT_x", false, make_extra),
		"map AT_x of the bundle has attributes that are not allowed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bundle_is_read),
		cmocka_unit_test(scripts_are_no_bundles),
		cmocka_unit_test(other_objects_are_refused),
		cmocka_unit_test(records_have_types),
		cmocka_unit_test(types_are_checked),
		cmocka_unit_test(broken_bundles_do_no_harm),
		cmocka_unit_test(calls_are_found),
		cmocka_unit_test(unsafe_helpers_are_refused),
		cmocka_unit_test(other_helpers_are_refused),
		cmocka_unit_test(other_maps_are_refused),
		cmocka_unit_test(functions_of_the_kernel_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
