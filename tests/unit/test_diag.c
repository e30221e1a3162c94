/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "libcommon/base/color.h"
#include "libcommon/base/diag.h"

static void cleanup_diags(struct diags *diags)
{
	diags_deinit(diags);
}

#define _cleanup_diags_ _cleanup_(cleanup_diags)

static uint32_t add(struct diags *diags, const char *name, const char *text)
{
	return diags_add_source(diags, name, text, strlen(text));
}

static void assert_rendered(const struct diags *diags, const char *expected)
{
	_cleanup_str_ struct str out = STR_INIT;

	diags_render(diags, true, &out);
	assert_string_equal(str_text(&out), expected);
}

static void columns_and_tildes(void **state _unused_)
{
	_cleanup_diags_ struct diags diags = DIAGS_INIT;
	uint32_t source = add(&diags, "stdin", "BEGIN { printf(\"hi\"");

	diag_error(&diags, (struct span){source, 8, 19}, "syntax error, %s", "unexpected end");
	assert_int_equal(diags.errors, 1);
	assert_rendered(&diags, "stdin:1:9-20: ERROR: syntax error, unexpected end\n"
				"BEGIN { printf(\"hi\"\n"
				"        ~~~~~~~~~~~\n");
}

static void place_and_label_are_colored(void **state _unused_)
{
	_cleanup_diags_ struct diags diags = DIAGS_INIT;
	uint32_t source = add(&diags, "x.bt", "one two");

	diag_error(&diags, (struct span){source, 0, 3}, "no");
	diag_warning(&diags, (struct span){source, 4, 7}, "oh");
	color_used = true;
	assert_rendered(&diags, "\033[1mx.bt:1:1-4:\033[0m \033[1;31mERROR:\033[0m no\n"
				"one two\n"
				"\033[1;31m~~~\033[0m\n"
				"\033[1mx.bt:1:5-8:\033[0m \033[1;33mWARNING:\033[0m oh\n"
				"one two\n"
				"\033[1;33m    ~~~\033[0m\n");
	color_used = false;
}

static void hint_follows_the_tildes(void **state _unused_)
{
	_cleanup_diags_ struct diags diags = DIAGS_INIT;
	uint32_t source = add(&diags, "a.bt", "x\n  foo();\ny\n");

	diag_hint(&diags, "nothing to belong to");
	diag_error(&diags, (struct span){source, 4, 7}, "unknown function");
	diag_hint(&diags, "an earlier one");
	diag_hint(&diags, "did you mean %s?", "for");
	assert_rendered(&diags, "a.bt:2:3-6: ERROR: unknown function\n"
				"  foo();\n"
				"  ~~~\n"
				"HINT: did you mean for?\n");
}

static void tabs_stay_aligned(void **state _unused_)
{
	_cleanup_diags_ struct diags diags = DIAGS_INIT;
	uint32_t source = add(&diags, "a.bt", "\tif\t(x\t+ y)\n");

	diag_error(&diags, (struct span){source, 5, 10}, "m");
	assert_rendered(&diags, "a.bt:1:6-11: ERROR: m\n"
				"\tif\t(x\t+ y)\n"
				"\t  \t ~\t~~~\n");
}

static void columns_count_characters(void **state _unused_)
{
	_cleanup_diags_ struct diags diags = DIAGS_INIT;
	uint32_t source = add(&diags, "a.bt", "\"\xc3\xa4\xe2\x82\xac\" x\xc3\xb6y z");

	diag_error(&diags, (struct span){source, 8, 12}, "m");
	assert_rendered(&diags, "a.bt:1:6-9: ERROR: m\n"
				"\"\xc3\xa4\xe2\x82\xac\" x\xc3\xb6y z\n"
				"     ~~~\n");
}

static void several_lines(void **state _unused_)
{
	_cleanup_diags_ struct diags diags = DIAGS_INIT;
	uint32_t source = add(&diags, "a.bt", "a b {\n c\n}\nd");

	diag_error(&diags, (struct span){source, 4, 10}, "m");
	assert_rendered(&diags, "a.bt:1-3: ERROR: m\n"
				"a b {\n"
				"    ~\n");
}

/* A span may be empty, stand at the end, end behind a newline, or lie outside of its source. */
static void odd_spans(void **state _unused_)
{
	_cleanup_diags_ struct diags diags = DIAGS_INIT;
	uint32_t source = add(&diags, "a.bt", "ab\ncd");
	uint32_t empty = add(&diags, "empty", "");

	diag_error(&diags, (struct span){source, 1, 1}, "empty");
	diag_error(&diags, (struct span){source, 5, 5}, "at the end");
	diag_error(&diags, (struct span){source, 0, 3}, "with the newline");
	diag_error(&diags, (struct span){source, 2, 3}, "the newline");
	diag_error(&diags, (struct span){source, 100, 200}, "outside");
	diag_error(&diags, (struct span){source, 4, 1}, "backwards");
	diag_error(&diags, (struct span){empty, 0, 0}, "nothing");
	assert_rendered(&diags, "a.bt:1:2-3: ERROR: empty\nab\n ~\n"
				"a.bt:2:3-4: ERROR: at the end\ncd\n  ~\n"
				"a.bt:1:1-3: ERROR: with the newline\nab\n~~\n"
				"a.bt:1:3-4: ERROR: the newline\nab\n  ~\n"
				"a.bt:2:3-4: ERROR: outside\ncd\n  ~\n"
				"a.bt:2:2-3: ERROR: backwards\ncd\n ~\n"
				"empty:1:1-2: ERROR: nothing\n\n~\n");
}

static void repeated_messages_come_once(void **state _unused_)
{
	_cleanup_diags_ struct diags diags = DIAGS_INIT;
	uint32_t source = add(&diags, "s", "abc");

	for (int i = 0; i < 3; i++) {
		diag_error(&diags, (struct span){source, 0, 1}, "m");
		diag_error(&diags, (struct span){source, 1, 2}, "m");
		diag_error(&diags, (struct span){source, 0, 1}, "n");
	}
	assert_rendered(&diags, "s:1:1-2: ERROR: m\nabc\n~\n"
				"s:1:2-3: ERROR: m\nabc\n ~\n"
				"s:1:1-2: ERROR: n\nabc\n~\n");
}

static void warnings_can_be_left_out(void **state _unused_)
{
	_cleanup_diags_ struct diags diags = DIAGS_INIT;
	_cleanup_str_ struct str out = STR_INIT;
	uint32_t source = add(&diags, "s", "abc");

	diag_warning(&diags, (struct span){source, 0, 1}, "w");
	assert_int_equal(diags.errors, 0);
	diags_render(&diags, false, &out);
	assert_string_equal(str_text(&out), "");
	assert_rendered(&diags, "s:1:1-2: WARNING: w\nabc\n~\n");
}

static void expansions_tell_where(void **state _unused_)
{
	_cleanup_diags_ struct diags diags = DIAGS_INIT;
	uint32_t script = add(&diags, "stdin", "BEGIN {\n outer(1);\n}");
	uint32_t outer = add(&diags, "macro outer", "inner(x)");
	uint32_t inner = add(&diags, "macro inner", "x + nope");

	diags.sources.items[outer].has_parent = true;
	diags.sources.items[outer].parent = (struct span){script, 9, 17};
	diags.sources.items[inner].has_parent = true;
	diags.sources.items[inner].parent = (struct span){outer, 0, 8};
	diag_error(&diags, (struct span){inner, 4, 8}, "undefined");
	diag_hint(&diags, "h");
	assert_rendered(&diags, "macro inner:1:5-9: ERROR: undefined\n"
				"x + nope\n"
				"    ~~~~\n"
				"HINT: h\n"
				"NOTE: expanded at macro outer:1:1-9\n"
				"NOTE: expanded at stdin:2:2-10\n");
}

static void positions(void **state _unused_)
{
	_cleanup_diags_ struct diags diags = DIAGS_INIT;
	uint32_t source = add(&diags, "s", "ab\n\ncd\n");
	static const struct {
		uint32_t byte, line, column;
	} rows[] = {{0, 1, 1}, {1, 1, 2}, {2, 1, 3}, {3, 2, 1}, {4, 3, 1}, {6, 3, 3}, {7, 4, 1}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct position position = diags_position(&diags, source, rows[i].byte);

		assert_int_equal(position.line, rows[i].line);
		assert_int_equal(position.column, rows[i].column);
	}
}

static void join_covers_both(void **state _unused_)
{
	struct span joined = span_join((struct span){3, 5, 9}, (struct span){3, 2, 7});

	assert_int_equal(joined.source, 3);
	assert_int_equal(joined.begin, 2);
	assert_int_equal(joined.end, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_and_tildes),
		cmocka_unit_test(place_and_label_are_colored),
		cmocka_unit_test(hint_follows_the_tildes),
		cmocka_unit_test(tabs_stay_aligned),
		cmocka_unit_test(columns_count_characters),
		cmocka_unit_test(several_lines),
		cmocka_unit_test(odd_spans),
		cmocka_unit_test(repeated_messages_come_once),
		cmocka_unit_test(warnings_can_be_left_out),
		cmocka_unit_test(expansions_tell_where),
		cmocka_unit_test(positions),
		cmocka_unit_test(join_covers_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
