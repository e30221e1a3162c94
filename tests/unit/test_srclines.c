/* SPDX-License-Identifier: Apache-2.0 */
/* Debug information that the compiler of this build makes, and some that no compiler would. */
#include "tests/unit/unit.h"

#include "libcommon/base/alloc.h"
#include "libcommon/elf/srclines.h"
#include "tests/unit/tree_host.h"

static const char source[] = "#define INLINED static inline __attribute__((always_inline))\n"
			     "void callee(void);\n"
			     "INLINED void inner(void) {\n"
			     "	callee();\n" /* 4 */
			     "}\n"
			     "INLINED void outer(void) {\n"
			     "	inner();\n" /* 7 */
			     "}\n"
			     "void callee(void) { __asm__ volatile(\"nop\"); }\n"
			     "void caller(void) {\n"
			     "	__asm__ volatile(\"nop\");\n" /* 11 */
			     "	outer();\n"                   /* 12 */
			     "	__asm__ volatile(\"nop\");\n"
			     "}\n";

/* A function with a block whose sibling is the block itself. */
static const char endless[] =
	".text\n.globl f\n.type f, @function\nf: .fill 16\n.size f, 16\n"
	".section .debug_abbrev,\"\",@progbits\n"
	".uleb128 1, 0x11\n.byte 1\n.uleb128 0x11, 1, 0x12, 7, 0, 0\n" /* compile unit */
	".uleb128 2, 0x2e\n.byte 1\n.uleb128 0x11, 1, 0x12, 7, 0, 0\n" /* subprogram */
	".uleb128 3, 0x0b\n.byte 1\n.uleb128 0x01, 0x13, 0, 0\n"       /* lexical block */
	".byte 0\n"
	".section .debug_info,\"\",@progbits\n"
	"base: .4byte end - begin\nbegin: .2byte 4\n.4byte 0\n.byte 8\n"
	".uleb128 1\n.8byte f, 16\n"
	".uleb128 2\n.8byte f, 16\n"
	"block: .uleb128 3\n.4byte block - base\n"
	".byte 0, 0, 0\n"
	"end:\n";

static int make_files(void **state)
{
	tree_host_setup(state);

	const struct tree_host *fixture = *state;

	tree_write_text(&fixture->tree, "/source.c", source);
	tree_write_text(&fixture->tree, "/endless.s", endless);
	tree_run(&fixture->tree,
		"cc -g -O1 -fPIC -shared -nostdlib -o library source.c &&"
		"cc -g -O1 -fPIC -shared -nostdlib -gz -gdwarf-4 -o packed source.c &&"
		"objcopy -R .debug_aranges library unindexed &&"
		"objcopy --only-keep-debug library library.debug &&"
		"objcopy --strip-debug --add-gnu-debuglink=library.debug library linked &&"
		"strip -g -o bare library && objcopy -R .debug_str -R .debug_line_str library "
		"textless &&"
		"cc -shared -nostdlib -o endless endless.s &&"
		"for part in str line_str; do"
		" objcopy -O binary --only-section=.debug_$part --set-section-flags "
		".debug_$part=alloc"
		" library texts && truncate -s -1 texts && printf x >>texts &&"
		" objcopy --update-section .debug_$part=texts library unended_$part; done");
	return 0;
}

static struct srclines *open_lines(const struct tree_host *fixture, const char *path,
	const char *function, uint64_t *ret_begin)
{
	struct elf *elf = NULL;

	assert_success(elf_open(&fixture->host, path, &elf));
	assert_true(elf_symbol_address(elf, function, ret_begin, NULL));

	struct srclines *lines = srclines_open(&fixture->host, &elf);

	assert_null(elf);
	return lines;
}

/* Appends "inner:4 < outer:7 < caller:12" with the names of files, of an address that has as many
 * lines. */
static void append_lines(struct srclines *lines, uint64_t begin, size_t wanted, struct str *out)
{
	for (uint64_t address = begin; address < begin + 64; address++) {
		size_t count = 0;
		const struct srcline *found = srclines_find(lines, address, &count);

		if (!found || count != wanted || found[0].number == 0)
			continue;
		for (size_t i = 0; i < count; i++)
			str_printf(out, "%s%s@%s:%u", i ? " < " : "", found[i].function,
				found[i].file ? strrchr(found[i].file, '/') : "?", found[i].number);
		return;
	}
}

static void assert_inlined(const struct tree_host *fixture, const char *path)
{
	_cleanup_str_ struct str text = STR_INIT;
	uint64_t begin;
	struct srclines *lines = open_lines(fixture, path, "caller", &begin);

	assert_non_null(lines);
	append_lines(lines, begin, 3, &text);
	assert_string_equal(
		str_text(&text), "inner@/source.c:4 < outer@/source.c:7 < caller@/source.c:12");
	srclines_free(lines);
}

static void functions_that_were_inlined(void **state)
{
	assert_inlined(*state, "/library");
	assert_inlined(*state, "/packed");
	assert_inlined(*state, "/unindexed");
}

static void lines_of_a_debug_file(void **state)
{
	assert_inlined(*state, "/linked");
}

static void paths_are_whole(void **state)
{
	struct tree_host *fixture = *state;
	_cleanup_free_ char *path = xasprintf("%s/source.c", fixture->tree.path);
	uint64_t begin;
	size_t count = 0;
	struct srclines *lines = open_lines(fixture, "/library", "callee", &begin);
	const struct srcline *found = srclines_find(lines, begin, &count);

	assert_int_equal(count, 1);
	assert_string_equal(found->file, path);
	assert_int_equal(found->number, 9);
	assert_string_equal(found->function, "callee");
	assert_ptr_equal(srclines_find(lines, begin, &count), found);
	assert_int_equal(count, 1);
	srclines_free(lines);
}

static void addresses_of_no_code(void **state)
{
	uint64_t begin;
	size_t count = 1;
	struct srclines *lines = open_lines(*state, "/library", "callee", &begin);

	assert_null(srclines_find(lines, 0, &count));
	assert_int_equal(count, 0);
	assert_null(srclines_find(lines, UINT64_MAX, &count));
	srclines_free(lines);
}

static void what_was_found_is_counted(void **state)
{
	uint64_t begin;
	size_t count;
	struct srclines *lines = open_lines(*state, "/library", "callee", &begin);
	size_t size = srclines_size(lines);

	srclines_find(lines, begin, &count);
	assert_in_range(srclines_size(lines), size + 64, size + (1 << 20));
	srclines_free(lines);
}

static void files_without_debug_information(void **state)
{
	uint64_t begin;

	assert_null(open_lines(*state, "/bare", "callee", &begin));
}

static void texts_that_are_missing(void **state)
{
	uint64_t begin;
	size_t count = 0;
	struct srclines *lines = open_lines(*state, "/textless", "caller", &begin);

	if (lines && srclines_find(lines, begin, &count))
		assert_in_range(count, 1, 3);
	srclines_free(lines);
}

static void texts_that_do_not_end(void **state)
{
	uint64_t begin;

	assert_null(open_lines(*state, "/unended_str", "caller", &begin));
	assert_null(open_lines(*state, "/unended_line_str", "caller", &begin));
}

static void blocks_that_hold_themselves(void **state)
{
	uint64_t begin;
	size_t count = 0;
	struct srclines *lines = open_lines(*state, "/endless", "f", &begin);

	assert_non_null(lines);
	assert_non_null(srclines_find(lines, begin, &count));
	assert_int_equal(count, 1);
	srclines_free(lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_that_were_inlined),
		cmocka_unit_test(lines_of_a_debug_file),
		cmocka_unit_test(paths_are_whole),
		cmocka_unit_test(addresses_of_no_code),
		cmocka_unit_test(what_was_found_is_counted),
		cmocka_unit_test(files_without_debug_information),
		cmocka_unit_test(texts_that_are_missing),
		cmocka_unit_test(texts_that_do_not_end),
		cmocka_unit_test(blocks_that_hold_themselves),
	};

	return cmocka_run_group_tests(tests, make_files, tree_host_teardown);
}
