/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <sys/stat.h>

#include "libcommon/base/suggest.h"
#include "libcommon/host/arch.h"
#include "libcommon/host/header_constants.h"
#include "libcommon/host/header_search.h"
#include "libcommon/host/host.h"

static int64_t value_of(const char *arch, const char *name)
{
	const struct header_constant *row = header_constant_find(arch_find(arch), name);

	assert_non_null(row);
	assert_null(row->advice);
	return row->value;
}

static void values(void **state _unused_)
{
	assert_int_equal(value_of("x86_64", "EPERM"), 1);
	assert_int_equal(value_of("aarch64", "AT_FDCWD"), -100);
	assert_int_equal(value_of("x86_64", "S_IFMT"), 0170000);
	assert_null(header_constant_find(arch_find("x86_64"), "eperm"));
	assert_null(header_constant_find(arch_find("x86_64"), ""));
}

static void values_of_architectures(void **state _unused_)
{
	assert_int_equal(value_of("x86_64", "O_DIRECTORY"), 0200000);
	assert_int_equal(value_of("aarch64", "O_DIRECTORY"), 040000);
	assert_int_equal(value_of("x86_64", "MAP_32BIT"), 0x40);
	assert_null(header_constant_find(arch_find("aarch64"), "MAP_32BIT"));
}

static void values_that_vary(void **state _unused_)
{
	const struct header_constant *row =
		header_constant_find(arch_find("x86_64"), "TASK_TRACED");

	assert_non_null(row);
	assert_non_null(row->advice);
}

static void parts(void **state _unused_)
{
	const struct header_part *part = header_part_find("S_ISDIR");

	assert_true(part->is_test);
	assert_int_equal(part->mask, 0170000);
	assert_int_equal(part->value, 0040000);
	part = header_part_find("MAJOR");
	assert_false(part->is_test);
	assert_int_equal(0x801003 >> part->shift & part->mask, 8);
	assert_null(header_part_find("EPERM"));
}

static void similar_names(void **state _unused_)
{
	struct suggestion suggestion = suggest_start("EAGIAN");

	header_constants_suggest(arch_find("x86_64"), &suggestion);
	assert_string_equal(suggestion.best, "EAGAIN");
}

static void spelling(void **state _unused_)
{
	assert_true(header_spells_constant("S_FOO"));
	assert_true(header_spells_constant("__FOO2"));
	assert_false(header_spells_constant("S_foo"));
	assert_false(header_spells_constant("AB"));
	assert_false(header_spells_constant("0AB"));
	assert_false(header_spells_constant(""));
}

/* A tree with one header. */
static const char *search(const char *text, const char *name, struct arena *arena)
{
	_cleanup_host_ struct host host = HOST_INIT;
	char top[] = "/tmp/headers-XXXXXX";
	const char *file, *found;
	FILE *out;

	assert_non_null(mkdtemp(top));
	for (const char **folder =
			(const char *[]){"/usr", "/usr/include", "/usr/include/linux", NULL};
		*folder; folder++)
		assert_int_equal(mkdir(arena_printf(arena, "%s%s", top, *folder), 0700), 0);
	file = arena_printf(arena, "%s/usr/include/linux/a.h", top);
	out = fopen(file, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	assert_null(host_open_root(top, &host));
	found = header_search(&host, name, arena);
	unlink(file);
	for (const char **folder =
			(const char *[]){"/usr/include/linux", "/usr/include", "/usr", "", NULL};
		*folder; folder++)
		rmdir(arena_printf(arena, "%s%s", top, *folder));
	return found;
}

static void headers_are_searched(void **state _unused_)
{
	_cleanup_arena_ struct arena root = ARENA_INIT;
	struct arena *arena = &root;

	assert_string_equal(search("#define FOO 1\n", "FOO", arena), "linux/a.h");
	assert_string_equal(search("\n\t# \tdefine\tFOO", "FOO", arena), "linux/a.h");
	assert_string_equal(search("enum {\n\tFOO,\n};\n", "FOO", arena), "linux/a.h");
	assert_string_equal(search("enum {\n\tFOO = 3,\n};\n", "FOO", arena), "linux/a.h");
	assert_string_equal(search("enum { BAR = 3, FOO };", "FOO", arena), "linux/a.h");
	assert_null(search("#define FOOT 1\n#define XFOO 2\n", "FOO", arena));
	assert_null(search("#undef FOO\ndefine FOO\n", "FOO", arena));
	assert_null(search("\tFOO == 3,\n x = FOO,\n", "FOO", arena));
	assert_null(search("FOO", "FOO", arena));
	assert_null(search("", "FOO", arena));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(values_of_architectures),
		cmocka_unit_test(values_that_vary),
		cmocka_unit_test(parts),
		cmocka_unit_test(similar_names),
		cmocka_unit_test(spelling),
		cmocka_unit_test(headers_are_searched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
