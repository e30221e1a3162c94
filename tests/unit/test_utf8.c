/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "libcommon/base/utf8.h"

static void check(const char *text, size_t size, const char *raw, const char *expected)
{
	_cleanup_str_ struct str out = STR_INIT;

	utf8_append_visible(&out, text, size, raw);
	assert_string_equal(str_text(&out), expected);
}

#define VISIBLE(text, expected) check(text, sizeof(text) - 1, "", expected)

static void control_characters_are_escaped(void **state _unused_)
{
	VISIBLE("", "");
	VISIBLE("plain text, \\x1b", "plain text, \\x1b");
	VISIBLE("\033[31mred\033[0m", "\\x1b[31mred\\x1b[0m");
	VISIBLE("a\nb\tc\rd\ae", "a\\nb\\tc\\rd\\x07e");
	VISIBLE("\0\x1f\x7f~ ", "\\x00\\x1f\\x7f~ ");
}

/* U+009B is what ESC [ is, in two bytes or, on some terminals, in one. */
static void so_are_those_above_ascii(void **state _unused_)
{
	VISIBLE("\xc2\x9b"
		"31m",
		"\\xc2\\x9b31m");
	VISIBLE("\xc2\x80\xc2\x9f\xc2\xa0", "\\xc2\\x80\\xc2\\x9f\xc2\xa0");
	VISIBLE("\x9b"
		"31m",
		"\\x9b31m");
	VISIBLE("\x80\x9f\xa0", "\\x80\\x9f\xa0");
}

static void so_is_what_turns_text_around(void **state _unused_)
{
	VISIBLE("a\xe2\x80\xae"
		"b",
		"a\\xe2\\x80\\xaeb");
	VISIBLE("\xe2\x80\x8e\xe2\x80\x8f", "\\xe2\\x80\\x8e\\xe2\\x80\\x8f");
	VISIBLE("\xe2\x81\xa6\xe2\x81\xa9", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9");
	VISIBLE("\xe2\x80\x8d\xe2\x80\xaf\xe2\x81\xaa",
		"\xe2\x80\x8d\xe2\x80\xaf\xe2\x81\xaa"); /* code points next to those ranges */
}

static void characters_in_two_parts_are_found(void **state _unused_)
{
	static const struct {
		const char *text;
		size_t rest;
	} rows[] = {
		{"", 0},
		{"a", 0},
		{"\xc3", 1},
		{"\xc3\xa9", 0},
		{"a\xe2", 1},
		{"a\xe2\x82", 2},
		{"\xe2\x82\xac", 0},
		{"\xf0\x9f\x98", 3},
		{"\xf0\x9f\x98\x80", 0},
		{"\x80\x80\x80\x80", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(utf8_unfinished(rows[i].text, strlen(rows[i].text)), rows[i].rest);
}

static void other_texts_stay(void **state _unused_)
{
	VISIBLE("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	VISIBLE("\xe2\x9b\x94", "\xe2\x9b\x94"); /* has the byte of a control character */
	VISIBLE("\xff\xfe\xc3", "\xff\xfe\xc3");
	VISIBLE("\xe2\x82", "\xe2\\x82"); /* cut: what is left of it is one */
}

static void some_may_be_kept(void **state _unused_)
{
	check("a\tb\n\033\0", 6, "\n\t", "a\tb\n\\x1b\\x00");
}

static void sequences(void **state _unused_)
{
	assert_int_equal(utf8_sequence((const unsigned char *)"\xe2\x82\xac", 3), 3);
	assert_int_equal(utf8_sequence((const unsigned char *)"\xe2\x82\xac", 2), 0);
	assert_int_equal(utf8_sequence((const unsigned char *)"\xc0\x80", 2), 0);
	assert_int_equal(utf8_sequence((const unsigned char *)"\xed\xa0\x80", 3), 0);
	assert_int_equal(utf8_sequence((const unsigned char *)"", 1), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_characters_are_escaped),
		cmocka_unit_test(so_are_those_above_ascii),
		cmocka_unit_test(so_is_what_turns_text_around),
		cmocka_unit_test(characters_in_two_parts_are_found),
		cmocka_unit_test(other_texts_stay),
		cmocka_unit_test(some_may_be_kept),
		cmocka_unit_test(sequences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
