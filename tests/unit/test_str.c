/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>

#include "libcommon/base/str.h"

static void empty_is_a_text(void **state _unused_)
{
	struct str str = STR_INIT;

	assert_string_equal(str_text(&str), "");
	char *text = str_take(&str);

	assert_string_equal(text, "");
	free(text);
}

static void appends_stay_terminated(void **state _unused_)
{
	_cleanup_str_ struct str str = STR_INIT;

	str_append(&str, "ab");
	str_append_char(&str, 'c');
	str_append_bytes(&str, "d\0e", 3);
	str_append_repeat(&str, 'x', 3);
	assert_int_equal(str.length, 9);
	assert_memory_equal(str.data, "abcd\0exxx", 10);
	str_append_repeat(&str, '-', 1000);
	assert_int_equal(str.length, 1009);
	assert_int_equal(str.data[1008], '-');
	assert_int_equal(str.data[1009], '\0');
	str_truncate(&str, 2);
	assert_string_equal(str_text(&str), "ab");
}

/* Texts below, at and above the room that is there. */
static void printf_grows(void **state _unused_)
{
	for (int width = 0; width < 300; width++) {
		_cleanup_str_ struct str str = STR_INIT;

		str_append(&str, "<");
		str_printf(&str, "%*d>", width, 7);
		assert_int_equal(str.length, 2 + MAX(width, 1));
		assert_int_equal(strlen(str.data), str.length);
		assert_int_equal(str.data[str.length - 2], '7');
		assert_int_equal(str.data[str.length - 1], '>');
	}
}

static void take_hands_over(void **state _unused_)
{
	struct str str = STR_INIT;

	str_append(&str, "mine");
	_cleanup_free_ char *text = str_take(&str);

	assert_string_equal(text, "mine");
	assert_null(str.data);
	assert_int_equal(str.length, 0);
}

static void reserve_is_room(void **state _unused_)
{
	_cleanup_str_ struct str str = STR_INIT;

	memcpy(str_reserve(&str, 5), "hello", 5);
	str.length += 5;
	str_append_char(&str, '!');
	assert_string_equal(str_text(&str), "hello!");
}

static void reads_to_the_end(void **state _unused_)
{
	_cleanup_str_ struct str str = STR_INIT;
	FILE *file = tmpfile();

	for (int i = 0; i < 30000; i++)
		fputs("abcd", file);
	rewind(file);
	str_append(&str, "> ");
	assert_int_equal(str_read(&str, fileno(file)), 0);
	fclose(file);
	assert_int_equal(str.length, 120002);
	assert_string_equal(str.data + 119998, "abcd");
	assert_int_equal(str_read(&str, -1), EBADF);
	assert_int_equal(str.length, 120002);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_is_a_text),
		cmocka_unit_test(appends_stay_terminated),
		cmocka_unit_test(printf_grows),
		cmocka_unit_test(take_hands_over),
		cmocka_unit_test(reserve_is_room),
		cmocka_unit_test(reads_to_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
