/* SPDX-License-Identifier: Apache-2.0 */
/* Types from debug information of several compilers and versions, and some that no compiler makes.
 */
#include "tests/unit/unit.h"

#include <dwarf.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/types/from_dwarf.h"
#include "tests/unit/tree.h"

static const char c_source[] =
	"#include <stdbool.h>\n"
	"struct conn;\n"
	"typedef unsigned long word;\n"
	"enum color { RED, GREEN = 7, BLUE = -2 };\n"
	"enum wide { LARGE = 0x100000000 };\n"
	"struct point { short x; char y[3]; };\n"
	"struct conn { struct conn *next; const char *name; int fd; struct point at[2][3];\n"
	"\tunsigned flags : 3; int level : 5; bool on : 1; union { int a; long b; }; \n"
	"\tvoid (*call)(int, ...); float f; enum color color; char tail[]; };\n"
	"typedef struct { int only; } unnamed;\n"
	"void take(struct conn *c, const char *s, struct point p, unnamed *u, word w,\n"
	"\tenum color color, enum wide wide, double d, bool b, char ch, unsigned char uc,\n"
	"\t_Atomic int at, void *v, __int128 big, _Complex double z, int (*fn)(long)) { }\n"
	"int negative(void) { return -1; }\n"
	"void nothing(void) { }\n";

static const char other_source[] = "struct late { int x; struct late *more; };\n"
				   "int other(struct late *l) { return l->x; }\n";

static const char declared_source[] = "struct late; struct missing;\n"
				      "void declared(struct late *l, struct missing *m) { }\n";

static const char cpp_source[] =
	"namespace ns { struct Base { int b; virtual ~Base() {} };\n"
	"enum class Color : unsigned char { Red = 1, Green = 200 };\n"
	"struct Plain { int x; };\n"
	"class Cls : public Base, public Plain { public: int x; static int s; Color c;\n"
	"  struct Inner { long i; } in; int get(const Inner &i, Plain &&p); };\n"
	"int Cls::get(const Inner &i, Plain &&p) { return x + i.i + p.x; }\n"
	"}\n"
	"extern \"C\" int free_one(ns::Cls *c, decltype(nullptr) n, int ns::Cls::*m) { return "
	"c->x; }\n"
	"extern \"C\" void *third() { return new ns::Cls; }\n"
	"extern \"C\" int second(ns::Cls &c) { ns::Cls::Inner i{}; return c.get(i, ns::Plain{}); "
	"}\n";

struct fixture {
	struct tree tree;
	struct host host;
	struct debuginfo *info;
	struct types *types;
	uint64_t address;
};

static void run(const struct tree *tree, const char *command)
{
	_cleanup_free_ char *line = xasprintf("cd %s && %s", tree->path, command);

	assert_int_equal(system(line), 0);
}

static int make_files(void **state)
{
	static struct fixture fixture;

	fixture.tree = tree_make();
	tree_write_text(&fixture.tree, "/c.c", c_source);
	tree_write_text(&fixture.tree, "/other.c", other_source);
	tree_write_text(&fixture.tree, "/declared.c", declared_source);
	tree_write_text(&fixture.tree, "/cpp.cc", cpp_source);
	assert_success(host_open_root("/", &fixture.host));
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

/* Builds a library by the command and reads the function's unit. */
static void begin(struct fixture *fixture, const char *command, const char *function)
{
	_cleanup_elf_ struct elf *elf = NULL;
	_cleanup_free_ char *line = xasprintf("%s -w -fPIC -shared -nostdlib -o library", command);

	_cleanup_free_ char *path = xasprintf("%s/library", fixture->tree.path);

	run(&fixture->tree, line);
	assert_success(elf_open(&fixture->host, path, &elf));
	assert_true(elf_symbol_address(elf, function, &fixture->address, NULL));
	fixture->info = debuginfo_open(&fixture->host, &elf);
	assert_non_null(fixture->info);
	fixture->types = types_new(NULL);
}

static void end(struct fixture *fixture)
{
	types_free(fixture->types);
	debuginfo_free(fixture->info);
}

/* The type of a parameter, or of the result when name is NULL. */
static uint32_t type_of(struct fixture *fixture, const char *name)
{
	Dwarf_Die function, die;

	assert_true(debuginfo_function(fixture->info, fixture->address, &function));
	if (!name)
		return types_from_dwarf(fixture->types, fixture->info, &function);
	assert_int_equal(dwarf_child(&function, &die), 0);
	do {
		if (dwarf_tag(&die) == DW_TAG_formal_parameter && dwarf_diename(&die) &&
			strcmp(dwarf_diename(&die), name) == 0)
			return types_from_dwarf(fixture->types, fixture->info, &die);
	} while (dwarf_siblingof(&die, &die) == 0);
	fail_msg("there is no parameter %s", name);
	return 0;
}

static void assert_spelled(struct fixture *fixture, uint32_t type, const char *text)
{
	_cleanup_str_ struct str out = STR_INIT;

	types_spell(fixture->types, type, &out);
	assert_string_equal(str_text(&out), text);
}

static void assert_type(struct fixture *fixture, const char *name, const char *text, uint32_t size)
{
	uint32_t type = type_of(fixture, name);

	assert_spelled(fixture, type, text);
	assert_int_equal(types_size(fixture->types, type), size);
}

static uint32_t complete_pointee(struct fixture *fixture, uint32_t pointer)
{
	assert_int_equal(types_space(fixture->types, pointer), ADDRESS_USER);
	return types_complete(fixture->types, types_pointee(fixture->types, pointer));
}

static void assert_member(struct fixture *fixture, uint32_t type, const char *name,
	const char *spelled, uint32_t bit, uint32_t width)
{
	struct types_member member;

	assert_true(types_member(fixture->types, type, name, &member));
	assert_spelled(fixture, member.type, spelled);
	assert_int_equal(member.bit_offset, bit);
	assert_int_equal(member.bit_size, width);
}

static const char *const c_compilers[] = {
	"cc -g -gdwarf-2 -gstrict-dwarf -O0 c.c",
	"cc -g -gdwarf-4 -O0 c.c",
	"cc -g -gdwarf-5 -O2 c.c",
	"cc -g -gdwarf-4 -fdebug-types-section -O0 c.c",
	"clang -g -gdwarf-3 -O0 c.c",
	"clang -g -gdwarf-4 -O1 c.c",
	"clang -g -gdwarf-5 -O0 c.c",
	"cc -g -gsplit-dwarf -O0 c.c",
};

static void assert_parameters(struct fixture *fixture)
{
	assert_type(fixture, "c", "struct conn *", 8);
	assert_type(fixture, "s", "char *", 8);
	assert_type(fixture, "p", "struct point", 6);
	assert_type(fixture, "w", "word", 8);
	assert_type(fixture, "color", "enum color", 4);
	assert_type(fixture, "wide", "enum wide", 8);
	assert_type(fixture, "d", "double", 8);
	assert_type(fixture, "v", "void *", 8);
	assert_type(fixture, "uc", "unsigned char", 1);
	assert_type(fixture, "at", "int", 4);
	assert_int_equal(types_size(fixture->types, type_of(fixture, "b")), 1);
	assert_int_equal(types_size(fixture->types, type_of(fixture, "big")), 16);
	assert_int_equal(types_size(fixture->types, type_of(fixture, "z")), 16);
	assert_true(types_is_signed(fixture->types, type_of(fixture, "ch")));
	assert_true(types_is_signed(fixture->types, type_of(fixture, "color")));
	assert_true(types_points_to_char(fixture->types, type_of(fixture, "s")));
	assert_int_equal(
		types_class(fixture->types, types_pointee(fixture->types, type_of(fixture, "fn"))),
		TYPE_FUNCTION);
}

static void assert_conn(struct fixture *fixture)
{
	uint32_t pointer = type_of(fixture, "c"), conn = complete_pointee(fixture, pointer);
	struct types_member next;

	assert_member(fixture, conn, "next", "struct conn *", 0, 0);
	assert_member(fixture, conn, "fd", "int", 128, 0);
	assert_member(fixture, conn, "at", "struct point[3][2]", 160, 0);
	assert_member(fixture, conn, "flags", "unsigned int", 448, 3);
	assert_member(fixture, conn, "level", "int", 451, 5);
	assert_member(fixture, conn, "a", "int", 512, 0);
	assert_member(fixture, conn, "b", "long int", 512, 0);
	assert_member(fixture, conn, "f", "float", 640, 0);
	assert_member(fixture, conn, "color", "enum color", 672, 0);
	assert_member(fixture, conn, "tail", "string[0]", 704, 0);
	assert_int_equal(types_size(fixture->types, conn), 88);
	/* equal types have equal ids */
	assert_true(types_member(fixture->types, conn, "next", &next));
	assert_int_equal(next.type, pointer);
	assert_int_equal(complete_pointee(fixture, next.type), conn);
}

static void types_of_c(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(c_compilers); i++) {
		uint64_t value;

		begin(fixture, c_compilers[i], "take");
		assert_parameters(fixture);
		/* clang spells it "long" */
		if (strncmp(c_compilers[i], "cc", 2) == 0)
			assert_conn(fixture);
		assert_member(fixture, complete_pointee(fixture, type_of(fixture, "u")), "only",
			"int", 0, 0);
		assert_string_equal(
			types_enumerator_name(fixture->types, type_of(fixture, "color"), -2),
			"BLUE");
		assert_true(dwarf_enumerator(fixture->info, 0, "GREEN", &value));
		assert_int_equal(value, 7);
		assert_false(dwarf_enumerator(fixture->info, 0, "VIOLET", &value));
		end(fixture);
	}
}

static void results(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, "cc -g -O0 c.c", "negative");
	assert_type(fixture, NULL, "int", 4);
	end(fixture);
	begin(fixture, "cc -g -O0 c.c", "nothing");
	assert_int_equal(type_of(fixture, NULL), 0);
	end(fixture);
}

static void types_of_other_units(void **state)
{
	struct fixture *fixture = *state;
	uint32_t late, missing;

	begin(fixture, "cc -g -O0 other.c declared.c", "declared");
	late = complete_pointee(fixture, type_of(fixture, "l"));
	assert_member(fixture, late, "x", "int", 0, 0);
	missing = complete_pointee(fixture, type_of(fixture, "m"));
	assert_int_equal(types_class(fixture->types, missing), TYPE_FORWARD);
	assert_int_equal(
		types_find_dwarf(fixture->types, fixture->info, fixture->address, "struct", "late"),
		late);
	assert_int_equal(types_find_dwarf(fixture->types, fixture->info, 0, "struct", "later"), 0);
	assert_int_equal(types_find_dwarf(fixture->types, fixture->info, 0, "union", "late"), 0);
	end(fixture);
}

static void a_definition_of_the_script_comes_first(void **state)
{
	struct fixture *fixture = *state;
	struct types_member own = {.name = "own"};
	uint32_t id;

	begin(fixture, "cc -g -O0 c.c", "take");
	own.type = types_integer(fixture->types, 4, true);
	id = types_composite(fixture->types, "struct", "conn", &own, 1, 4);
	assert_true(types_define(fixture->types, "struct", "conn", id));
	assert_int_equal(complete_pointee(fixture, type_of(fixture, "c")), id);
	end(fixture);
}

static void assert_class(struct fixture *fixture)
{
	uint32_t class = complete_pointee(fixture, type_of(fixture, "c"));
	struct types_member member;

	assert_spelled(fixture, class, "struct ns::Cls");
	assert_true(types_member(fixture->types, class, "b", &member));
	assert_int_equal(member.bit_offset, 64);
	/* its own, not that of the base */
	assert_true(types_member(fixture->types, class, "x", &member));
	assert_int_equal(member.bit_offset, 128);
	assert_false(types_member(fixture->types, class, "s", &member));
	assert_true(types_member(fixture->types, class, "c", &member));
	assert_int_equal(types_size(fixture->types, member.type), 1);
	assert_string_equal(types_enumerator_name(fixture->types, member.type, 200), "Green");
	assert_member(fixture, class, "in", "struct ns::Cls::Inner", 192, 0);
	assert_int_equal(types_find_dwarf(fixture->types, fixture->info, fixture->address, "struct",
				 "ns::Cls"),
		class);
	assert_true(types_find_dwarf(
		fixture->types, fixture->info, fixture->address, NULL, "ns::Cls::Inner"));
}

static void types_of_cpp(void **state)
{
	static const char *const compilers[] = {"c++ -g -gdwarf-4 -O0 cpp.cc",
		"c++ -g -gdwarf-5 -O0 cpp.cc", "clang++ -g -gdwarf-5 -O0 cpp.cc",
		"clang++ -g -gdwarf-4 -fdebug-types-section -O0 cpp.cc",
		"c++ -g -gdwarf-5 -fdebug-types-section -O0 cpp.cc"};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(compilers); i++) {
		begin(fixture, compilers[i], "free_one");
		assert_class(fixture);
		assert_type(fixture, "n", "void *", 8);
		end(fixture);
		begin(fixture, compilers[i], "_ZN2ns3Cls3getERKNS0_5InnerEONS_5PlainE");
		assert_spelled(fixture, complete_pointee(fixture, type_of(fixture, "this")),
			"struct ns::Cls");
		assert_member(fixture, complete_pointee(fixture, type_of(fixture, "i")), "i",
			i == 2 || i == 3 ? "long" : "long int", 0, 0);
		assert_spelled(fixture, complete_pointee(fixture, type_of(fixture, "p")),
			"struct ns::Plain");
		end(fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_of_c),
		cmocka_unit_test(results),
		cmocka_unit_test(types_of_other_units),
		cmocka_unit_test(a_definition_of_the_script_comes_first),
		cmocka_unit_test(types_of_cpp),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
