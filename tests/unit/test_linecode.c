/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a program that the compiler of this build makes. */
#include "tests/unit/unit.h"

#include "libcommon/elf/linecode.h"
#include "tests/unit/tree_host.h"

static const char source[] =
	"#define INLINED static inline __attribute__((always_inline))\n"
	"INLINED int inner(int x) {\n"
	"	__asm__ volatile(\"nop\"); return x;\n" /* 3 */
	"}\n"
	"int first(int x) {\n"
	"	return inner(x) + inner(x + 1);\n"
	"}\n"
	"int second(int x) { for (int i = 0; i < 9; i++) x += i; return x; }\n" /* 8 */
	"int third(int x) {\n"
	"	return inner(x);\n"
	"}\n";

static int make_files(void **state)
{
	tree_host_setup(state);

	const struct tree_host *fixture = *state;

	tree_run(&fixture->tree, "mkdir -p part");
	tree_write_text(&fixture->tree, "/part/source.c", source);
	tree_run(&fixture->tree, "cc -g -O0 -fPIC -shared -nostdlib -o library part/source.c &&"
				 "cp library cut && objcopy -R .debug_line cut");
	return 0;
}

static struct debuginfo *open_info(const struct tree_host *fixture, const char *path)
{
	struct elf *elf = NULL;

	assert_success(elf_open(&fixture->host, path, &elf));

	struct debuginfo *info = debuginfo_open(&fixture->host, &elf);

	assert_non_null(info);
	return info;
}

static size_t count_places(struct debuginfo *info, const char *file, uint32_t line, uint32_t column)
{
	_cleanup_linecode_ struct linecode code;

	linecode_find(info, file, line, column, &code);
	for (size_t i = 1; i < code.addresses.count; i++)
		assert_true(code.addresses.items[i - 1] < code.addresses.items[i]);
	return code.addresses.count;
}

static void first_address_of_each_function(void **state)
{
	struct debuginfo *info = open_info(*state, "/library");

	assert_int_equal(count_places(info, "source.c", 3, 0), 3); /* each inlined copy */
	assert_int_equal(count_places(info, "part/source.c", 8, 0), 1);
	assert_int_equal(count_places(info, "art/source.c", 8, 0), 0);
	assert_int_equal(count_places(info, "ource.c", 8, 0), 0);
	debuginfo_free(info);
}

static void columns_of_a_line(void **state)
{
	struct debuginfo *info = open_info(*state, "/library");
	_cleanup_linecode_ struct linecode code;

	linecode_find(info, "source.c", 3, 60, &code);
	assert_int_equal(code.addresses.count, 0);
	assert_true(code.columns.count >= 2);
	for (size_t i = 0; i < code.columns.count; i++)
		assert_int_equal(count_places(info, "source.c", 3, code.columns.items[i]), 3);
	debuginfo_free(info);
}

static void lines_without_code(void **state)
{
	struct debuginfo *info = open_info(*state, "/library");
	_cleanup_linecode_ struct linecode none, beyond, other;

	linecode_find(info, "source.c", 4, 0, &none);
	assert_int_equal(none.before, 4 - 1);
	linecode_find(info, "source.c", 99, 0, &beyond);
	assert_int_equal(beyond.before, 11);
	assert_int_equal(beyond.after, 0);
	linecode_find(info, "sourc.c", 3, 0, &other);
	assert_false(other.has_file);
	assert_string_equal(other.near_file.best, "source.c");
	debuginfo_free(info);
}

static void files_without_lines(void **state)
{
	struct debuginfo *info = open_info(*state, "/cut");

	assert_int_equal(count_places(info, "source.c", 3, 0), 0);
	debuginfo_free(info);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_address_of_each_function),
		cmocka_unit_test(columns_of_a_line),
		cmocka_unit_test(lines_without_code),
		cmocka_unit_test(files_without_lines),
	};

	return cmocka_run_group_tests(tests, make_files, tree_host_teardown);
}
