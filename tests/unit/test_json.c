/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "libcommon/base/json.h"

static void assert_text(const char *bytes, size_t size, const char *expected)
{
	_cleanup_json_ json_t *text = json_text(bytes, size);

	assert_true(json_is_string(text));
	assert_int_equal(json_string_length(text), strlen(expected));
	assert_string_equal(json_string_value(text), expected);
}

#define BAD "\xef\xbf\xbd"

/* The examples of well-formed and ill-formed sequences in the Unicode standard, table 3-7. */
static void invalid_bytes_are_replaced(void **state _unused_)
{
	static const struct {
		const char *bytes, *expected;
	} rows[] = {
		{"", ""},
		{"plain", "plain"},
		{"\xc3\xa4", "\xc3\xa4"},
		{"\xe2\x82\xac", "\xe2\x82\xac"},
		{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
		{"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
		{"a\xff!", "a" BAD "!"},
		{"\x80", BAD},
		{"\xc3", BAD},
		{"\xc3(", BAD "("},
		{"\xc0\xaf", BAD BAD},
		{"\xe0\x80\x80x", BAD BAD BAD "x"},
		{"\xed\xa0\x80", BAD BAD BAD},
		{"\xf4\x90\x80\x80", BAD BAD BAD BAD},
		{"\xf5\x80", BAD BAD},
		{"\xe2\x82", BAD BAD},
		{"\xe2\x82\xac\xe2", "\xe2\x82\xac" BAD},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_text(rows[i].bytes, strlen(rows[i].bytes), rows[i].expected);
}

static void all_control_characters_are_escaped(void **state _unused_)
{
	_cleanup_json_ json_t *text = json_text("\033\x7f\xc2\x80-\xc2\x9f\xc2\xa0\xc3\x9b", 11);
	_cleanup_json_ json_t *again = NULL;
	_cleanup_str_ struct str out = STR_INIT;

	json_append(text, &out);
	assert_string_equal(out.data, "\"\\u001B\\u007F\\u0080-\\u009F\xc2\xa0\xc3\x9b\"");
	assert_success(json_parse(out.data, out.length, &again));
	assert_true(json_equal(text, again));
}

static void nul_bytes_are_kept(void **state _unused_)
{
	_cleanup_json_ json_t *text = json_text("a\0b", 3);
	_cleanup_str_ struct str out = STR_INIT;

	assert_int_equal(json_string_length(text), 3);
	json_append(text, &out);
	assert_string_equal(out.data, "\"a\\u0000b\"");

	_cleanup_json_ json_t *again = NULL;

	assert_success(json_parse(out.data, out.length, &again));
	assert_int_equal(json_string_length(again), 3);
	assert_true(json_equal(text, again));
}

static void one_line_in_order(void **state _unused_)
{
	_cleanup_json_ json_t *json = NULL;
	_cleanup_str_ struct str out = STR_INIT;
	static const char text[] = "{ \"z\": [1,2.5,\"x\"],\n\"a\": {\"b\":null, \"c\" :true}}";

	assert_success(json_parse(text, sizeof(text) - 1, &json));
	str_append(&out, "> ");
	json_append(json, &out);
	assert_string_equal(
		out.data, "> {\"z\": [1, 2.5, \"x\"], \"a\": {\"b\": null, \"c\": true}}");
}

static void bad_json_is_an_error(void **state _unused_)
{
	json_t *json = NULL;
	static const char *const texts[] = {
		"", "{", "[1,]", "{\"a\":1,\"a\":2}", "\"\xff\"", "1 2", "nul"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_error_ struct error *error = json_parse(texts[i], strlen(texts[i]), &json);

		assert_non_null(error);
		assert_null(json);
	}
}

static void deep_nesting_is_refused(void **state _unused_)
{
	_cleanup_str_ struct str text = STR_INIT;
	json_t *json = NULL;

	str_append_repeat(&text, '[', 100000);

	_cleanup_error_ struct error *error = json_parse(text.data, text.length, &json);

	assert_non_null(strstr(error->message, "depth"));
	assert_null(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invalid_bytes_are_replaced),
		cmocka_unit_test(all_control_characters_are_escaped),
		cmocka_unit_test(nul_bytes_are_kept),
		cmocka_unit_test(one_line_in_order),
		cmocka_unit_test(bad_json_is_an_error),
		cmocka_unit_test(deep_nesting_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
