/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/compiler/ast/parse.h"
#include "bpftrace/compiler/bind/bind.h"
#include "bpftrace/compiler/bind/constant.h"

/* str() as the only builtin. */
static const struct builtin strings_family[] = {{.name = "str", .flags = BUILTIN_READS_TEXT}, {}};
static const struct builtin *const builtins[] = {strings_family};

/* A script whose parameters have been put in. */
struct fixture {
	struct arena arena;
	struct diags diags;
	struct request request;
	struct compilation compilation;
};

static void substitute(struct fixture *fixture, const char *script, const char *parameter)
{
	struct compilation *c = &fixture->compilation;

	*fixture = (struct fixture){.diags = DIAGS_INIT};
	*c = (struct compilation){
		.arena = &fixture->arena,
		.diags = &fixture->diags,
		.request = &fixture->request,
		.builtins = builtins,
		.builtin_count = ARRAY_SIZE(builtins),
	};
	if (parameter)
		vec_push(&fixture->request.parameters, parameter);
	c->source = diags_add_source(c->diags, "test", script, strlen(script));
	c->program = parse(c->arena, c->diags, c->source);
	assert_int_equal(fixture->diags.errors, 0);
	options_collect(c);
	assert_null(c->error);
	params_substitute(c);
}

static void fixture_deinit(struct fixture *fixture)
{
	script_arguments_deinit(&fixture->compilation.arguments);
	request_deinit(&fixture->request);
	diags_deinit(&fixture->diags);
	arena_deinit(&fixture->arena);
}

#define _cleanup_fixture_ _cleanup_(fixture_deinit)

/* What the script "BEGIN { $x = …; }" assigns. */
static struct node *assigned(const struct fixture *fixture)
{
	struct node *body = node_probe(fixture->compilation.program->probes)->body;

	return node_assign(node_block(body)->statements)->value;
}

static const char *first_error(const struct fixture *fixture)
{
	const struct diag *diag;

	vec_for_each (&fixture->diags.list, diag) {
		if (diag->severity == SEVERITY_ERROR)
			return diag->message;
	}
	return "";
}

static void numbers(void **state _unused_)
{
	static const struct {
		const char *parameter;
		int64_t value;
	} cases[] = {
		{"0", 0},
		{"7", 7},
		{"-7", -7},
		{"010", 8},
		{"-010", -8},
		{"08", 8},
		{"0x1F", 31},
		{"0Xff", 255},
		{"-0x10", -16},
		{"9223372036854775807", INT64_MAX},
		{"18446744073709551615", -1},
		{"0xffffffffffffffff", -1},
		{"-9223372036854775808", INT64_MIN},
		{NULL, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_fixture_ struct fixture fixture;
		int64_t value = 4711;

		substitute(&fixture, "BEGIN { $x = $1; }", cases[i].parameter);
		assert_string_equal(first_error(&fixture), "");
		assert_true(constant_integer(assigned(&fixture), &value));
		assert_true(value == cases[i].value);
	}
}

static void assert_text(const char *script, const char *parameter, const char *text)
{
	_cleanup_fixture_ struct fixture fixture;
	struct node *node;

	substitute(&fixture, script, parameter);
	assert_string_equal(first_error(&fixture), "");
	node = assigned(&fixture);
	assert_int_equal(node->kind, NODE_STRING);
	assert_string_equal(node_string(node)->text, text);
	assert_int_equal(node_string(node)->length, strlen(text));
}

static void texts_that_are_no_numbers(void **state _unused_)
{
	static const char *const cases[] = {"", "-", "x", "0x", "-0x", "--1", "+1", " 1", "1 ",
		"1x", "0xg", "0x-1", "1e3", "18446744073709551616", "0x10000000000000000",
		"-9223372036854775809"};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_text("BEGIN { $x = $1; }", cases[i], cases[i]);
	assert_text("BEGIN { $x = $1 + 2; }", "hello", "llo");
	assert_text("BEGIN { $x = 5 + $1; }", "hello", "");
}

static void strings(void **state _unused_)
{
	assert_text("BEGIN { $x = str($1); }", "hello", "hello");
	assert_text("BEGIN { $x = str($1); }", NULL, "");
	assert_text("BEGIN { $x = str($2); }", "hello", "");
	assert_text("BEGIN { $x = str($1 + 2); }", "hello", "llo");
	assert_text("BEGIN { $x = str(5 + $1); }", "hello", "");
	assert_text("BEGIN { $x = str($1, 3); }", "hello", "he");
	assert_text("BEGIN { $x = str($1 + 1, 100); }", "hello", "ello");
	assert_text("BEGIN { $x = str($1, 1); }", "hello", "");
}

static void parts_that_are_not_there(void **state _unused_)
{
	static const struct {
		const char *script, *message;
	} cases[] = {
		{"BEGIN { $x = str($1 + 6); }", "only a constant of at most the parameter's length "
						"can be added to $1, which has 5 characters"},
		{"BEGIN { $x = str($1 + -1); }",
			"only a constant of at most the parameter's length can be added to $1, "
			"which has 5 characters"},
		{"BEGIN { $x = str($1 + pid); }",
			"only a constant of at most the parameter's length can be added to $1, "
			"which has 5 characters"},
		{"BEGIN { $x = str($1, 0); }",
			"str: argument 2 (length) of a parameter must be a constant above 0"},
		{"BEGIN { $x = str($1, pid); }",
			"str: argument 2 (length) of a parameter must be a constant above 0"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_fixture_ struct fixture fixture;

		substitute(&fixture, cases[i].script, "hello");
		assert_string_equal(first_error(&fixture), cases[i].message);
	}
}

static void the_count(void **state _unused_)
{
	_cleanup_fixture_ struct fixture none, one;
	int64_t value = -1;

	substitute(&none, "BEGIN { $x = $#; }", NULL);
	assert_true(constant_integer(assigned(&none), &value));
	assert_int_equal(value, 0);
	substitute(&one, "BEGIN { $x = $#; }", "");
	assert_true(constant_integer(assigned(&one), &value));
	assert_int_equal(value, 1);
}

static const char *attach_point(const struct fixture *fixture)
{
	return node_attach_point(node_probe(fixture->compilation.program->probes)->attach_points)
		->text;
}

static void attach_points(void **state _unused_)
{
	static const struct {
		const char *script, *text;
	} cases[] = {
		{"kprobe:$1 { }", "kprobe:vfs"},
		{"kprobe:$1_read { }", "kprobe:vfs_read"},
		{"kprobe:a$1$1 { }", "kprobe:avfsvfs"},
		{"uprobe:/x:\"$1\" { }", "uprobe:/x:\"$1\""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_fixture_ struct fixture fixture;

		substitute(&fixture, cases[i].script, "vfs");
		assert_string_equal(first_error(&fixture), "");
		assert_string_equal(attach_point(&fixture), cases[i].text);
	}
}

static void attach_points_without_their_parameter(void **state _unused_)
{
	static const char *const scripts[] = {"kprobe:$2 { }", "kprobe:$0 { }",
		"kprobe:$4294967297 { }", "kprobe:$99999999999999999999 { }"};

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		_cleanup_fixture_ struct fixture fixture;

		substitute(&fixture, scripts[i], "vfs");
		assert_non_null(strstr(first_error(&fixture), "which was not given"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(texts_that_are_no_numbers),
		cmocka_unit_test(strings),
		cmocka_unit_test(parts_that_are_not_there),
		cmocka_unit_test(the_count),
		cmocka_unit_test(attach_points),
		cmocka_unit_test(attach_points_without_their_parameter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
