/* SPDX-License-Identifier: Apache-2.0 */
/* A module that the compiler of this build makes, in a tree that stands in for a machine. */
#include "tests/unit/unit.h"

#include "libcommon/base/alloc.h"
#include "libcommon/symbols/module_lines.h"
#include "tests/unit/tree_host.h"

static const char source[] = "#define INLINED static inline __attribute__((always_inline))\n"
			     "INLINED void inner(void) { __asm__ volatile(\"nop\"); }\n" /* 2 */
			     "void first(void) { __asm__ volatile(\"nop\"); }\n"         /* 3 */
			     "__attribute__((section(\".text.other\"))) void second(void)\n"
			     "{\n"
			     "	inner();\n" /* 6 */
			     "}\n"
			     "void third(void) { __asm__ volatile(\"nop\"); }\n"; /* 8 */

/* Another function of the name. */
static const char other[] = "static __attribute__((used)) void third(void) { }\n";

#define RELEASE   "6.0.0-test"
#define INSTALLED "/lib/modules/" RELEASE "/extra"
#define DEBUG     "/usr/lib/debug/lib/modules/" RELEASE "/extra"

static int setup(void **state)
{
	tree_host_setup(state);

	const struct tree_host *fixture = *state;
	const struct tree *tree = &fixture->tree;

	tree_write_text(tree, "/proc/sys/kernel/osrelease", RELEASE "\n");
	tree_write_text(tree, "/lib/modules/" RELEASE "/modules.dep",
		"kernel/fs/some.ko: kernel/lib/x.ko\nextra/my-module.ko.xz: kernel/fs/some.ko\n");
	tree_write_text(tree, "/source.c", source);
	tree_write_text(tree, "/other.c", other);
	tree_run(tree, "mkdir -p ." INSTALLED " ." DEBUG " sys/module/my_module/notes &&"
		       "cc -g -O1 -fno-pie -c source.c && cc -g -O1 -fno-pie -c other.c &&"
		       "ld -r --build-id=0x0123456789abcdef -o my-module.ko source.o other.o &&"
		       "objcopy -O binary --only-section=.note.gnu.build-id my-module.ko "
		       "--set-section-flags .note.gnu.build-id=alloc "
		       "sys/module/my_module/notes/.note.gnu.build-id");
	return 0;
}

static void assert_line(
	struct module_lines *lines, const char *function, uint64_t offset, uint32_t number)
{
	size_t count = 0;
	const struct srcline *found = module_lines_find(lines, function, offset, &count);

	assert_non_null(found);
	assert_int_equal(found[0].number, number);
	assert_non_null(strstr(found[0].file, "source.c"));
}

/* In both sections, with what was inlined there. */
static void assert_lines(struct module_lines *lines)
{
	size_t count = 0;
	const struct srcline *found;

	assert_non_null(lines);
	assert_line(lines, "first", 0, 3);
	assert_line(lines, "second", 0, 2);
	found = module_lines_find(lines, "second", 0, &count);
	assert_int_equal(count, 2);
	assert_string_equal(found[0].function, "inner");
	assert_int_equal(found[1].number, 6);
	assert_null(module_lines_find(lines, "third", 0, &count));
	assert_null(module_lines_find(lines, "absent", 0, &count));
	module_lines_free(lines);
}

static void the_installed_file(void **state)
{
	struct tree_host *fixture = *state;

	tree_run(&fixture->tree, "cp my-module.ko ." INSTALLED "/my-module.ko");
	assert_lines(module_lines_open(&fixture->host, "my_module"));
	tree_run(&fixture->tree, "strip -g ." INSTALLED "/my-module.ko");
	assert_null(module_lines_open(&fixture->host, "my_module"));
}

static void the_file_of_a_debug_package(void **state)
{
	struct tree_host *fixture = *state;

	tree_run(&fixture->tree, "cp my-module.ko ." DEBUG "/my-module.ko.debug");
	assert_lines(module_lines_open(&fixture->host, "my_module"));
	tree_run(&fixture->tree, "mv ." DEBUG "/my-module.ko.debug ." DEBUG "/my-module.ko");
	assert_lines(module_lines_open(&fixture->host, "my_module"));
}

static void what_is_not_the_module_that_is_loaded(void **state)
{
	struct tree_host *fixture = *state;

	assert_null(module_lines_open(&fixture->host, "my"));
	assert_null(module_lines_open(&fixture->host, "my_modules"));
	assert_null(module_lines_open(&fixture->host, "some"));
	tree_run(&fixture->tree, "ld -r --build-id=0x00 -o ." DEBUG "/my-module.ko source.o");
	assert_null(module_lines_open(&fixture->host, "my_module"));
	tree_write_text(&fixture->tree, DEBUG "/my-module.ko", "no module");
	assert_null(module_lines_open(&fixture->host, "my_module"));
	module_lines_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_installed_file, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			the_file_of_a_debug_package, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			what_is_not_the_module_that_is_loaded, setup, tree_host_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
