/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/compiler/ast/parse.h"
#include "bpftrace/compiler/bind/constant.h"

/* The value of `text` as an expression; false when it is no constant. */
static bool evaluate(const char *text, int64_t *ret)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	const char *script = arena_printf(&arena, "BEGIN { $x = %s; }", text);
	uint32_t source = diags_add_source(&diags, "test", script, strlen(script));
	struct program *program = parse(&arena, &diags, source);

	assert_int_equal(diags.errors, 0);

	struct node *body = node_probe(program->probes)->body;

	return constant_integer(node_assign(node_block(body)->statements)->value, ret);
}

static void assert_constant(const char *text, int64_t value)
{
	int64_t found = 0;

	if (!evaluate(text, &found))
		fail_msg("%s is no constant", text);
	assert_int_equal(found, value);
}

static void assert_no_constant(const char *text)
{
	int64_t found;

	if (evaluate(text, &found))
		fail_msg("%s is constant", text);
}

static void operators_are_calculated(void **state _unused_)
{
	assert_constant("7", 7);
	assert_constant("-7", -7);
	assert_constant("~0", -1);
	assert_constant("!5", 0);
	assert_constant("2 + 3 * 4", 14);
	assert_constant("(1 << 20) - 1", 1048575);
	assert_constant("-8 >> 1", -4);
	assert_constant("17 % 5 - 17 / 5", -1);
	assert_constant("0xf0 & 0x3c | 1 ^ 2", 0x33);
}

static void overflow_wraps(void **state _unused_)
{
	assert_constant("0x7fffffffffffffff + 1", INT64_MIN);
	assert_constant("0x8000000000000000 - 1", INT64_MAX);
	assert_constant("-0x8000000000000000", INT64_MIN);
}

static void what_has_no_value_is_no_constant(void **state _unused_)
{
	assert_no_constant("1 / 0");
	assert_no_constant("1 % 0");
	assert_no_constant("0x8000000000000000 / -1");
	assert_no_constant("1 << 64");
	assert_no_constant("1 >> -1");
	assert_no_constant("pid");
	assert_no_constant("1 + pid");
	assert_no_constant("\"1\"");
	assert_no_constant("@x + 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operators_are_calculated),
		cmocka_unit_test(overflow_wraps),
		cmocka_unit_test(what_has_no_value_is_no_constant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
