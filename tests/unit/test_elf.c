/* SPDX-License-Identifier: Apache-2.0 */
/* Reads its own executable, and mutilated copies of it. */
#include "tests/unit/unit.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/str.h"
#include "libcommon/elf/elf.h"
#include "libcommon/elf/locate.h"
#include "tests/unit/tree.h"

#define SELF "/proc/self/exe"

static struct host root = {.root_fd = -1};

static int open_root(void **state _unused_)
{
	assert_success(host_open_root("/", &root));
	return 0;
}

static int close_root(void **state _unused_)
{
	host_deinit(&root);
	return 0;
}

/* What the search for one name has seen. */
struct search {
	const char *name;
	size_t found;
	struct elf_symbol symbol;
	size_t all;
};

static void look(const struct elf_symbol *symbol, void *context)
{
	struct search *search = context;

	search->all++;
	assert_true(*symbol->name != '\0');
	if (strcmp(symbol->name, search->name) != 0)
		return;
	search->found++;
	search->symbol = *symbol;
}

struct versions {
	size_t today, old, indirect, defaults_of_malloc;
};

static void rank(const struct elf_symbol *symbol, void *context)
{
	struct versions *versions = context;

	versions->indirect += symbol->is_indirect;
	versions->old += symbol->is_old;
	versions->today += !symbol->is_old;
	versions->defaults_of_malloc += strcmp(symbol->name, "malloc") == 0 && !symbol->is_old;
}

/* Functions that are looked for. */
int test_elf_marked(int number);

__attribute__((noinline)) int test_elf_marked(int number)
{
	return number * 3;
}

static __attribute__((noinline)) int hidden_from_others(int number)
{
	return number * 5 + test_elf_marked(number);
}

/* Where in the file the code of a running function is, as the kernel has mapped it. */
static uint64_t mapped_offset(uintptr_t address)
{
	_cleanup_fclose_ FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		uint64_t begin, end, offset;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64, &begin, &end, &offset) ==
				3 &&
			begin <= address && address < end)
			return address - begin + offset;
	}
	fail_msg("the function is not mapped");
	return 0;
}

static void finds_functions(void **state _unused_)
{
	_cleanup_elf_ struct elf *elf = NULL;
	struct search public = {.name = "test_elf_marked"}, local = {.name = "hidden_from_others"};
	struct search imported = {.name = "_cmocka_run_group_tests"};
	uint64_t offset = 0;

	assert_int_equal(hidden_from_others(1), 8);
	assert_success(elf_open(&root, SELF, &elf));
	assert_success(elf_functions(elf, look, &public));
	assert_success(elf_functions(elf, look, &local));
	assert_success(elf_functions(elf, look, &imported));
	assert_in_range(public.found, 1, 2);
	assert_false(public.symbol.is_local);
	assert_true(public.symbol.size > 0);
	assert_int_equal(local.found, 1);
	assert_true(local.symbol.is_local);
	assert_int_equal(imported.found, 0);

	assert_true(elf_code_offset(elf, public.symbol.address, &offset));
	assert_int_equal(offset, mapped_offset((uintptr_t)test_elf_marked));
	assert_true(elf_code_offset(elf, local.symbol.address, &offset));
	assert_int_equal(offset, mapped_offset((uintptr_t)hidden_from_others));
	offset = 4711;
	assert_false(elf_code_offset(elf, UINT64_MAX, &offset));
	assert_false(elf_code_offset(elf, 0, &offset));
	assert_int_equal(offset, 4711);
}

/* However much is asked for, no more than the file has in the segment; the file's in memory too. */
static void code_of_functions(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_elf_ struct elf *file = NULL, *image = NULL;
	_cleanup_str_ struct str bytes = STR_INIT;
	uint64_t address = 0, last = 0;

	assert_success(host_read_file(&root, SELF, &bytes));

	size_t length = bytes.length;

	assert_success(elf_open(&root, SELF, &file));
	assert_success(elf_open_memory("image", str_take(&bytes), length, &image));
	assert_true(elf_symbol_address(file, "test_elf_marked", &address, NULL));
	for (int i = 0; i < 2; i++) {
		struct elf *elf = i ? image : file;
		size_t size = 0;

		const uint8_t *code = elf_code(elf, address, 16, &arena, &size);

		assert_int_equal(size, 16);
		assert_memory_equal(code, (const void *)(uintptr_t)test_elf_marked, 16);
		code = elf_code(elf, address, SIZE_MAX, &arena, &size);
		assert_memory_equal(code, (const void *)(uintptr_t)test_elf_marked, 16);
		assert_in_range(size, 17, length);
		assert_true(elf_code_offset(elf, address + size - 1, &last));
		assert_false(elf_code_offset(elf, address + size, &last));
		assert_null(elf_code(elf, address, 0, &arena, &size));
		assert_null(elf_code(elf, UINT64_MAX, 1, &arena, &size));
	}
}

/* A segment that says it is longer than the file. */
static void code_that_is_cut_off(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_elf_ struct elf *elf = NULL;
	Elf64_Ehdr header = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			EV_CURRENT},
		.e_type = ET_EXEC,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(header),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
	};
	const Elf64_Phdr segment = {
		.p_type = PT_LOAD,
		.p_flags = PF_X,
		.p_vaddr = 0x1000,
		.p_filesz = INT64_MAX,
	};
	const size_t length = sizeof(header) + sizeof(segment);
	char *image = malloc(length);
	size_t size = 0;

	memcpy(image, &header, sizeof(header));
	memcpy(image + sizeof(header), &segment, sizeof(segment));
	assert_success(elf_open_memory("image", image, length, &elf));
	assert_non_null(elf_code(elf, 0x1000 + length - 1, SIZE_MAX, &arena, &size));
	assert_int_equal(size, 1);
	assert_null(elf_code(elf, 0x1000 + length, SIZE_MAX, &arena, &size));
	assert_null(elf_code(elf, INT64_MAX, SIZE_MAX, &arena, &size));
}

/* Names of the C library's functions carry no version. */
static void versions_are_cut_off(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_elf_ struct elf *elf = NULL;
	struct search search = {.name = "malloc"};
	const char *path = locate_binary(&root, NULL, "libc", &arena);

	if (!path) {
		print_message("no libc in /etc/ld.so.cache\n");
		skip();
	}
	assert_success(elf_open(&root, path, &elf));
	assert_success(elf_functions(elf, look, &search));
	assert_true(search.found > 0);
	assert_true(search.all > 500);
}

/* The default version of a name is told from older ones, and what only chooses code from code. */
static void versions_are_ranked(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_elf_ struct elf *elf = NULL;
	struct versions found = {};
	const char *path = locate_binary(&root, NULL, "libc", &arena);

	if (!path) {
		print_message("no libc in /etc/ld.so.cache\n");
		skip();
	}
	assert_success(elf_open(&root, path, &elf));
	assert_success(elf_functions(elf, rank, &found));
	assert_true(found.today > 500);
	assert_true(found.old > 0);
	assert_true(found.indirect > 0);
	assert_int_equal(found.defaults_of_malloc, 1);
}

static void programs_are_located(void **state _unused_)
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_str_ struct str path = STR_INIT;

	tree_write_text(&tree, "/usr/bin/tool", "");
	tree_write_text(&tree, "/opt/tool", "");
	tree_write_text(&tree, "/opt/data", "");
	str_printf(&path, "%s/opt/tool", tree.path);
	assert_int_equal(chmod(str_text(&path), 0755), 0);
	assert_success(host_open_root(tree.path, &host));

	assert_string_equal(
		locate_binary(&host, "relative:/none:/usr/bin:/opt", "tool", &arena), "/opt/tool");
	assert_null(locate_binary(&host, "/usr/bin", "tool", &arena));
	assert_null(locate_binary(&host, NULL, "tool", &arena));
	assert_string_equal(locate_binary(&host, NULL, "/opt/data", &arena), "/opt/data");
	assert_string_equal(locate_binary(&host, NULL, "./opt/data", &arena), "/opt/data");
	assert_null(locate_binary(&host, NULL, "/opt", &arena));
	assert_null(locate_binary(&host, "/opt", "", &arena));
	assert_null(locate_binary(&host, "/opt", "libnone", &arena));
}

static void what_is_no_elf_is_refused(void **state _unused_)
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_host_ struct host host = HOST_INIT;
	struct elf *elf = NULL;

	tree_write_text(&tree, "/script", "#!/bin/sh\n");
	tree_write_text(&tree, "/empty", "");
	tree_directory(&tree, "/directory");
	assert_success(host_open_root(tree.path, &host));
	assert_failure(elf_open(&host, "/script", &elf), "/script: not an ELF file");
	assert_failure(elf_open(&host, "/empty", &elf), "/empty: not an ELF file");
	assert_failure(elf_open(&host, "/directory", &elf), "/directory: a directory");
	assert_failure(elf_open(&host, "/none", &elf), "/none: No such file or directory");
	assert_null(elf);
}

/* Appends holes to a copy of its own executable, and has a table of symbols begin there. */
static void make_huge(const struct tree *tree, Elf64_Word type, uint64_t size)
{
	_cleanup_str_ struct str self = STR_INIT, path = STR_INIT;
	Elf64_Ehdr *header;
	Elf64_Shdr *sections;

	assert_success(host_read_file(&root, SELF, &self));
	header = (Elf64_Ehdr *)self.data;
	sections = (Elf64_Shdr *)(self.data + header->e_shoff);
	for (int i = 0; i < header->e_shnum; i++) {
		if (sections[i].sh_type != type || i == header->e_shstrndx)
			continue;
		sections[i].sh_offset = self.length;
		sections[i].sh_size = size;
	}
	tree_write(tree, "/huge", self.data, self.length);
	str_printf(&path, "%s/huge", tree->path);
	assert_int_equal(truncate(path.data, (off_t)(self.length + size)), 0);
}

static void tables_of_holes_are_refused(void **state _unused_)
{
	static const Elf64_Word types[] = {SHT_SYMTAB, SHT_DYNSYM, SHT_STRTAB, SHT_NOTE};
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_elf_ struct elf *small = NULL;

	assert_success(host_open_root(tree.path, &host));
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		_cleanup_elf_ struct elf *elf = NULL;

		make_huge(&tree, types[i], 3ULL << 30);

		_cleanup_error_ struct error *error = elf_open(&host, "/huge", &elf);

		assert_non_null(error);
		assert_int_equal(error->number, ELF_OTHER_HUGE);
	}
	make_huge(&tree, SHT_SYMTAB, 24 << 20);
	assert_success(elf_open(&host, "/huge", &small));
}

static void sections_without_end_are_refused(void **state _unused_)
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_str_ struct str self = STR_INIT, path = STR_INIT;
	_cleanup_elf_ struct elf *elf = NULL;
	Elf64_Ehdr *header;
	Elf64_Shdr first = {.sh_size = (3ULL << 30) / sizeof(first)};

	assert_success(host_open_root(tree.path, &host));
	assert_success(host_read_file(&root, SELF, &self));
	header = (Elf64_Ehdr *)self.data;
	header->e_shnum = 0;
	header->e_shoff = self.length;
	str_append_bytes(&self, (const char *)&first, sizeof(first));
	tree_write(&tree, "/huge", self.data, self.length);
	str_printf(&path, "%s/huge", tree.path);
	assert_int_equal(truncate(path.data, (off_t)(self.length + (3ULL << 30))), 0);

	_cleanup_error_ struct error *error = elf_open(&host, "/huge", &elf);

	assert_non_null(error);
	assert_int_equal(error->number, ELF_OTHER_HUGE);
}

static void count_all(const struct elf_symbol *symbol, void *context)
{
	uint64_t *sum = context;

	*sum += strlen(symbol->name) + symbol->address;
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Reads all there is in the file. */
static void read_all(const struct host *host, const char *path)
{
	_cleanup_elf_ struct elf *elf = NULL;
	_cleanup_error_ struct error *error = elf_open(host, path, &elf);
	uint64_t sum = 0;

	if (error)
		return;

	_cleanup_error_ struct error *broken = elf_functions(elf, count_all, &sum);

	elf_code_offset(elf, sum, &sum);
}

/* The headers and tables of the file, with wrong bytes here and there, or cut off. */
static void broken_files_are_survived(void **state _unused_)
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_str_ struct str file = STR_INIT;
	uint32_t seed = 1;

	assert_success(host_read_file(&root, SELF, &file));
	assert_success(host_open_root(tree.path, &host));

	/* Section headers are at the end, program headers and the first tables in the beginning. */
	size_t tail = MIN(file.length, (size_t)8192);

	for (int round = 0; round < 150; round++) {
		_cleanup_free_ char *copy = malloc(file.length);
		size_t size = file.length;

		memcpy(copy, file.data, file.length);
		for (int i = 0; i < 8; i++) {
			size_t at = next_random(&seed) % tail;

			copy[i % 2 ? at : size - 1 - at] = (char)next_random(&seed);
		}
		memcpy(copy, file.data, 6); /* or it would not be looked at */
		if (round % 3 == 0)
			size = next_random(&seed) % size;
		tree_write(&tree, "/broken", copy, size);
		read_all(&host, "/broken");
	}
}

/* A large file is mapped; what it loses while it is read is zeros. */
static void large_files_that_shrink(void **state _unused_)
{
	_cleanup_(tree_remove) struct tree tree = tree_make();
	_cleanup_free_ char *path = xasprintf("%s/large", tree.path);
	_cleanup_free_ char *make =
		xasprintf("cp /proc/%d/exe %s && truncate -s 64M %s", getpid(), path, path);
	struct search before = {.name = "test_elf_marked"}, after = before;
	struct elf *whole = NULL, *cut = NULL;

	assert_int_equal(system(make), 0);
	assert_success(elf_open(&root, path, &whole));
	assert_success(elf_functions(whole, look, &before));
	assert_int_equal(before.found, 1);
	elf_close(whole);

	assert_success(elf_open(&root, path, &cut));
	assert_int_equal(truncate(path, 4096), 0);
	error_free(elf_functions(cut, look, &after));
	assert_int_equal(after.found, 0);
	elf_close(cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_functions),
		cmocka_unit_test(code_of_functions),
		cmocka_unit_test(code_that_is_cut_off),
		cmocka_unit_test(versions_are_cut_off),
		cmocka_unit_test(versions_are_ranked),
		cmocka_unit_test(programs_are_located),
		cmocka_unit_test(what_is_no_elf_is_refused),
		cmocka_unit_test(tables_of_holes_are_refused),
		cmocka_unit_test(sections_without_end_are_refused),
		cmocka_unit_test(broken_files_are_survived),
		cmocka_unit_test(large_files_that_shrink),
	};

	return cmocka_run_group_tests(tests, open_root, close_root);
}
