/* SPDX-License-Identifier: Apache-2.0 */
/* Debug information that the compiler of this build makes, and some that no compiler would. */
#include "tests/unit/unit.h"

#include "libcommon/base/alloc.h"
#include "libcommon/elf/dwarf.h"
#include "tests/unit/tree.h"

static const char source[] =
	"struct point { int x, y; };\n"
	"enum color { RED };\n"
	"union either { int a; long b; };\n"
	"typedef unsigned long word;\n"
	"const char *plain(int a, const char *b, struct point *c, enum color d, union either *e,\n"
	"\tword f, char *const *g, volatile int *h) { return b; }\n"
	"void functions(void (*a)(void), int (*b)(const char *, word), int (*(*c)(int))(long)) { "
	"}\n"
	"void arrays(int (*a)[4], int (*b)[2][3], int *c[]) { }\n"
	"int nothing(void) { return 0; }\n"
	"void anonymous(struct { int x; } *a) { }\n";

/* A function with one parameter: a pointer to functions that take twenty such pointers. */
static const char endless[] =
	".text\nf: .fill 16\n"
	".section .debug_abbrev,\"\",@progbits\n"
	".uleb128 1, 0x11\n.byte 1\n.uleb128 0x11, 1, 0x12, 7, 0, 0\n" /* compile unit */
	".uleb128 2, 0x2e\n.byte 1\n.uleb128 0x11, 1, 0x12, 7, 0, 0\n" /* subprogram */
	".uleb128 3, 0x05\n.byte 0\n.uleb128 0x49, 0x13, 0, 0\n"       /* parameter */
	".uleb128 4, 0x15\n.byte 1\n.uleb128 0, 0\n"                   /* type of functions */
	".uleb128 5, 0x0f\n.byte 0\n.uleb128 0x49, 0x13, 0, 0\n"       /* pointer */
	".byte 0\n"
	".section .debug_info,\"\",@progbits\n"
	"base: .4byte end - begin\nbegin: .2byte 4\n.4byte 0\n.byte 8\n"
	".uleb128 1\n.8byte 0, 16\n"
	".uleb128 2\n.8byte 0, 16\n"
	".uleb128 3\n.4byte pointer - base\n"
	".byte 0\n"
	"function: .uleb128 4\n"
	".rept 20\n.uleb128 3\n.4byte pointer - base\n.endr\n"
	".byte 0\n"
	"pointer: .uleb128 5\n.4byte function - base\n"
	".byte 0\n"
	"end:\n";

struct fixture {
	struct tree tree;
	struct host host;
};

static void make(const struct tree *tree, const char *command)
{
	_cleanup_free_ char *line = xasprintf("cd %s && %s", tree->path, command);

	assert_int_equal(system(line), 0);
}

static int make_files(void **state)
{
	static struct fixture fixture;

	fixture.tree = tree_make();
	tree_write_text(&fixture.tree, "/source.c", source);
	tree_write_text(&fixture.tree, "/endless.s", endless);
	make(&fixture.tree, "cc -g -O0 -w -fPIC -shared -nostdlib -o library source.c && "
			    "cp library bare && strip -g bare && cc -c -o endless endless.s");
	assert_success(host_open_root(fixture.tree.path, &fixture.host));
	*state = &fixture;
	return 0;
}

static int remove_files(void **state)
{
	struct fixture *fixture = *state;

	host_deinit(&fixture->host);
	tree_remove(&fixture->tree);
	return 0;
}

static struct error *declare(const struct fixture *fixture, const char *path, const char *function,
	bool result, struct str *out)
{
	_cleanup_elf_ struct elf *elf = NULL;
	uint64_t address = 0;

	assert_success(elf_open(&fixture->host, path, &elf));
	assert_true(elf_symbol_address(elf, function, &address, NULL));
	return dwarf_declare(&fixture->host, elf, address, result, out);
}

static void assert_declared(
	const struct fixture *fixture, const char *function, bool result, const char *text)
{
	_cleanup_str_ struct str out = STR_INIT;

	assert_success(declare(fixture, "/library", function, result, &out));
	assert_string_equal(str_text(&out), text);
}

static void parameters_as_c_declares_them(void **state)
{
	assert_declared(*state, "plain", false,
		"    int a\n    const char *b\n    struct point *c\n    enum color d\n"
		"    union either *e\n    word f\n    char *const *g\n    volatile int *h\n");
	assert_declared(*state, "functions", false,
		"    void (*a)(void)\n    int (*b)(const char *, word)\n"
		"    int (*(*c)(int))(long int)\n");
	assert_declared(
		*state, "arrays", false, "    int (*a)[4]\n    int (*b)[2][3]\n    int **c\n");
	assert_declared(*state, "nothing", false, "");
	assert_declared(*state, "anonymous", false, "    struct {...} *a\n");
}

static void results(void **state)
{
	assert_declared(*state, "plain", true, "    const char *retval\n");
	assert_declared(*state, "nothing", true, "    int retval\n");
	assert_declared(*state, "arrays", true, "    void retval\n");
}

static void files_that_say_nothing(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_elf_ struct elf *elf = NULL;
	_cleanup_str_ struct str out = STR_INIT;
	uint64_t address = 0;

	assert_failure(declare(fixture, "/bare", "plain", false, &out),
		"/bare has no debug information about its functions: their arguments are not "
		"known");
	assert_success(elf_open(&fixture->host, "/library", &elf));
	assert_true(elf_symbol_address(elf, "plain", &address, NULL));
	assert_failure(dwarf_declare(&fixture->host, elf, address + 1, false, &out),
		"/library has no debug information about its functions: their arguments are not "
		"known");
	assert_int_equal(out.length, 0);
}

static void types_that_hold_themselves(void **state)
{
	_cleanup_str_ struct str out = STR_INIT;

	assert_success(declare(*state, "/endless", "f", false, &out));
	assert_in_range(out.length, 100, 100000);
	assert_non_null(strstr(out.data, "..."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_as_c_declares_them),
		cmocka_unit_test(results),
		cmocka_unit_test(files_that_say_nothing),
		cmocka_unit_test(types_that_hold_themselves),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
