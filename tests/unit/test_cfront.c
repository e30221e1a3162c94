/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts with text in C: what their trees, types and messages are, and where these are in the
 * script. */
#include "tests/unit/unit.h"

#include "bpftrace/compiler/cfront/cfront.h"
#include "bpftrace/compiler/cfront/headers.h"
#include "bpftrace/compiler/cfront/macros.h"

static const struct builtin family[] = {
	{.name = "pid"},
	{.name = "print", .kind = BUILTIN_FUNCTION},
	{.name = "max", .kind = BUILTIN_FUNCTION},
	{},
};
static const struct builtin *const builtins[] = {family};

struct reading {
	struct arena arena;
	struct diags diags;
	struct host host;
	struct request request;
	struct compilation c;
};

static void reading_init(struct reading *reading, const char *script)
{
	*reading = (struct reading){.host = HOST_INIT, .request = request_init()};
	assert_success(host_open_root("/", &reading->host));
	reading->c = (struct compilation){
		.arena = &reading->arena,
		.diags = &reading->diags,
		.host = &reading->host,
		.request = &reading->request,
		.builtins = builtins,
		.builtin_count = ARRAY_SIZE(builtins),
		.settings = reading->request.settings,
	};
	reading->c.kbtf = kbtf_new(&reading->host, "/dev/null");
	reading->c.types = types_new(NULL);
	reading->c.source = diags_add_source(&reading->diags, "test", script, strlen(script));
	cfront_parse(&reading->c);
}

static void reading_deinit(struct reading *reading)
{
	cfront_deinit(&reading->c);
	types_free(reading->c.types);
	kbtf_free(reading->c.kbtf);
	diags_deinit(&reading->diags);
	arena_deinit(&reading->arena);
	request_deinit(&reading->request);
	host_deinit(&reading->host);
}

/* --- trees --- */

/* The script is read as this one, which has no text in C. */
static void assert_same(const char *script, const char *plain)
{
	struct reading reading, other;
	_cleanup_str_ struct str messages = STR_INIT, text = STR_INIT, expected = STR_INIT;

	reading_init(&reading, script);
	reading_init(&other, plain);
	diags_render(&reading.diags, true, &messages);
	assert_string_equal(str_text(&messages), "");
	node_dump(&reading.c.program->node, NULL, &text);
	node_dump(&other.c.program->node, NULL, &expected);
	assert_string_equal(str_text(&text), str_text(&expected));
	reading_deinit(&reading);
	reading_deinit(&other);
}

static void macros_are_expanded(void **state _unused_)
{
	static const char *const pairs[][2] = {
		{"#define N 5\nBEGIN { print(N); }", "BEGIN { print(5); }"},
		{"#define N 1 + 2\nBEGIN { print(N * 3); }", "BEGIN { print(1 + 2 * 3); }"},
		{"#define N (1 + 2)\nBEGIN { print(N * 3); }", "BEGIN { print(3 * 3); }"},
		{"#define N 0b101\nBEGIN { print(N); }", "BEGIN { print(5); }"},
		{"#define N ~0U\nBEGIN { print(N); }", "BEGIN { print(4294967295); }"},
		{"#define N (-4)\nBEGIN { print(N); }", "BEGIN { print((-4)); }"},
		{"#define N -4\nBEGIN { print(1 N); }", "BEGIN { print(1 - 4); }"},
		{"#define A B\n#define B (C)\n#define C 7\nBEGIN { print(A); }",
			"BEGIN { print(7); }"},
		{"#define S \"a\\\"\" \"b\"\nBEGIN { print(S); }", "BEGIN { print(\"a\\\"b\"); }"},
		{"#define P pid\nBEGIN { print(P); }", "BEGIN { print(pid); }"},
		{"#define L __LINE__\nBEGIN {\nprint(L, __LINE__); }\nEND { print(__FILE__); }",
			"BEGIN { print(3, 3); } END { print(\"test\"); }"},
		{"#define L(x) (x + __LINE__)\n\nBEGIN { print(L(1)); }", "BEGIN { print(4); }"},
		{"#define L pid, 2\nBEGIN { @[L] = 1; }", "BEGIN { @[pid, 2] = 1; }"},
		{"#define F(x, y) ((x) + y)\nBEGIN { print(F($1, (@z[2, 3]))); }",
			"BEGIN { print((($1) + (@z[2, 3]))); }"},
		{"#define F(x) #x\nBEGIN { print(F(a b)); }", "BEGIN { print(\"a b\"); }"},
		{"#define F(x) x##1\nBEGIN { print(F(2)); }", "BEGIN { print(21); }"},
		{"#define F(x) x\nBEGIN { print(F(F(F(4)))); }", "BEGIN { print(4); }"},
		{"#define F(...) 3\nBEGIN { print(F(\")\", ')')); }", "BEGIN { print(3); }"},
		{"#define NOTHING\nBEGIN { print(NOTHING 1); }", "BEGIN { print(1); }"},
		{"#define m n\nBEGIN { print($a->m.m); }", "BEGIN { print($a->n.n); }"},
		{"#define m 5\nBEGIN { print($a->m); }", "BEGIN { print($a->m); }"},
		{"#define T struct t\nBEGIN { print(sizeof(T)); }",
			"BEGIN { print(sizeof(struct t)); }"},
		{"#define F (pid == 1)\ntracepoint:F_:x.F:pid /F/ { }",
			"tracepoint:F_:x.F:pid /(pid == 1)/ { }"},
		{"#define F f\n#define S 5\nu:/F:F, interval:s:S { }", "u:/F:f, interval:s:5 { }"},
		{"#define max(a) a\nBEGIN { print(max(1)); }", "BEGIN { print(1); }"},
		{"BEGIN { print(N); }\n#define N 1\nEND { print(N); }\n#undef N\n",
			"BEGIN { print(N); } END { print(1); }"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		assert_same(pairs[i][0], pairs[i][1]);
}

static void words_that_are_no_macros_stay(void **state _unused_)
{
	static const char *const pairs[][2] = {
		{"#define F(x) x\nBEGIN { print(F); }", "BEGIN { print(F); }"},
		{"#define A A\nBEGIN { print(A); }", "BEGIN { print(A); }"},
		{"#define X 1\nBEGIN { print(\"X\"); /* X */ print($X); @X = 1; }",
			"BEGIN { print(\"X\"); print($X); @X = 1; }"},
		{"#include <limits.h>\nBEGIN { print(max(INT_MAX)); }",
			"BEGIN { print(max(2147483647)); }"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		assert_same(pairs[i][0], pairs[i][1]);
}

static void conditions_exclude_text(void **state _unused_)
{
	static const char *const pairs[][2] = {
		{"#ifdef BPFTRACE_HAVE_BTF\nBEGIN { print(1); }\n#else\nBEGIN { print(2); "
		 "}\n#endif",
			"BEGIN { print(2); }"},
		{"#if 0\nBEGIN { this is not good }\n#endif\nEND { }", "END { }"},
		{"#if 0\nIt isn't \"closed\nkprobe:f { {{\n#ifdef B\n(\n#else\n)\n#endif\n# x\n"
		 "#endif\nEND { }",
			"END { }"},
		{"#define A 1\n#if A\nBEGIN { }\n#else\n( \\\n#endif\n/* x\n#endif */\nEND { }",
			"BEGIN { } END { }"},
		{"#if 0\n{\n#endif\nuprobe:/a/*:f { }\n#if 0\n{\n#endif\nEND { }",
			"uprobe:/a/*:f { } END { }"},
		{"#define A 2\n#if A == 1\nBEGIN { }\n#elif A == 2\nEND { }\n#endif", "END { }"},
		{"#if 0\n#define A 1\n#endif\nBEGIN { print(A); }", "BEGIN { print(A); }"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		assert_same(pairs[i][0], pairs[i][1]);
}

/* --- places --- */

static void spans_are_of_the_script(void **state _unused_)
{
	static const char script[] = "#define LONG 1 + 1 + 1 + 1\nBEGIN { print((LONG, pid)); }";
	struct reading reading;
	const struct node *call, *tuple, *pid;

	reading_init(&reading, script);
	assert_int_equal(reading.diags.errors, 0);
	call = node_block(node_probe(reading.c.program->probes)->body)->statements;
	assert_int_equal(call->span.source, reading.c.source);
	assert_int_equal(call->span.begin, strstr(script, "print") - script);
	tuple = node_call((struct node *)(uintptr_t)call)->arguments;
	pid = node_tuple((struct node *)(uintptr_t)tuple)->elements->next;
	assert_int_equal(pid->span.begin, strstr(script, "pid") - script);
	assert_int_equal(pid->span.end, strstr(script, "pid") + 3 - script);
	assert_int_equal(node_tuple((struct node *)(uintptr_t)tuple)->elements->span.begin,
		strstr(script, "LONG, ") - script);
	reading_deinit(&reading);
}

static void assert_messages(const char *script, const char *expected)
{
	struct reading reading;
	_cleanup_str_ struct str messages = STR_INIT;

	reading_init(&reading, script);
	diags_render(&reading.diags, true, &messages);
	assert_string_equal(str_text(&messages), expected);
	reading_deinit(&reading);
}

static void messages_are_at_their_places(void **state _unused_)
{
	assert_messages("#define X 1 +\nBEGIN { print(X); }",
		"test:2:16-17: ERROR: syntax error, unexpected ), expected an expression\n"
		"BEGIN { print(X); }\n               ~\n");
	assert_messages("#define X )\nBEGIN { print(X); }",
		"test:2:15-16: ERROR: extraneous ')' before "
		"';'\nBEGIN { print(X); }\n              ~\n"
		"test:1:9-10: NOTE: X is a macro, which expands to )\n"
		"#define X )\n        ~\n");
	assert_messages("#define X ]\nBEGIN { print(X); }",
		"test:2:15-16: ERROR: syntax error, unexpected ], expected an expression\n"
		"BEGIN { print(X); }\n              ~\n"
		"test:1:9-10: NOTE: X is a macro, which expands to ]\n"
		"#define X ]\n        ~\n");
	assert_messages("// a\n#include \"no/such.h\"\nBEGIN { }",
		"test:2:10-21: ERROR: fatal error: 'no/such.h' file not found\n"
		"#include \"no/such.h\"\n         ~~~~~~~~~~~\n"
		"HINT: -I DIR adds a directory to those that are searched\n");
	assert_messages(
		"#endif\nBEGIN { }", "test:1:2-7: ERROR: #endif without #if\n#endif\n ~~~~~\n");
	assert_messages("#define F(a) a\nBEGIN { print(F()); print(F(1, 2)); }",
		"test:2:27-34: ERROR: too many arguments provided to function-like macro "
		"invocation\n"
		"BEGIN { print(F()); print(F(1, 2)); }\n                          ~~~~~~~\n"
		"test:1:9-10: NOTE: F is a macro with parameters\n"
		"#define F(a) a\n        ~\n");
	assert_messages(
		"#warning old\nBEGIN { }", "test:1:2-9: WARNING: old\n#warning old\n ~~~~~~~\n");
}

/* --- types --- */

static void definitions_become_types(void **state _unused_)
{
	static const char script[] =
		"#define N 3\n"
		"typedef unsigned char byte;\n"
		"enum e { A = N, B, C = -1 };\n"
		"struct in { byte b[N]; unsigned x : 3, : 2, y : 7; } __attribute__((packed));\n"
		"struct s { struct in a; union { long l; char c; }; int (*f)(void); enum e e;\n"
		"  struct s *next; const volatile char *text; long tail[]; };\n"
		"BEGIN { }";
	struct reading reading;
	struct types_member member;
	struct types *types;
	uint32_t id, type;
	uint64_t value;

	reading_init(&reading, script);
	assert_int_equal(reading.diags.errors, 0);
	assert_true(cfront_define(&reading.c));
	types = reading.c.types;
	id = types_find(types, "struct", "in");
	assert_int_equal(types_size(types, id), 5);
	assert_true(types_member(types, id, "y", &member));
	assert_int_equal(member.bit_offset, 29);
	assert_int_equal(member.bit_size, 7);
	id = types_find(types, "struct", "s");
	assert_int_equal(types_size(types, id), 48);
	assert_true(types_member(types, id, "c", &member));
	assert_int_equal(member.bit_offset, 64);
	assert_true(types_member(types, id, "f", &member));
	assert_int_equal(types_class(types, member.type), TYPE_POINTER);
	assert_true(types_member(types, id, "next", &member));
	assert_int_equal(types_complete(types, types_pointee(types, member.type)), id);
	assert_true(types_member(types, id, "tail", &member));
	assert_int_equal(member.bit_offset, 48 * 8);
	assert_true(types_enumerator(types, NULL, "B", &type, &value));
	assert_int_equal(value, 4);
	assert_true(types_enumerator(types, NULL, "C", &type, &value));
	assert_int_equal((int64_t)value, -1);
	reading_deinit(&reading);
}

static void included_names(void **state _unused_)
{
	static const char *const pairs[][2] = {
		{"#include <linux/fs.h>", "linux/fs.h"},
		{"  #  include \"a b.h\" // why", "a b.h"},
		{"#include MACRO", NULL},
		{"#include <open", NULL},
		{"#define include <x>", NULL},
		{"#include_next <x.h>", NULL},
	};
	_cleanup_arena_ struct arena arena = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		const char *name = headers_included(&arena, pairs[i][0]);

		if (pairs[i][1])
			assert_string_equal(name, pairs[i][1]);
		else
			assert_null(name);
	}
	assert_true(headers_is_kernel_name("linux/fs.h"));
	assert_false(headers_is_kernel_name("linux.h"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(macros_are_expanded),
		cmocka_unit_test(words_that_are_no_macros_stay),
		cmocka_unit_test(conditions_exclude_text),
		cmocka_unit_test(spans_are_of_the_script),
		cmocka_unit_test(messages_are_at_their_places),
		cmocka_unit_test(definitions_become_types),
		cmocka_unit_test(included_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
