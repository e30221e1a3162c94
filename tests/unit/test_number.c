/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/runner/data/number.h"
#include "libcommon/base/format.h"

#define LEAST ((uint64_t)INT64_MIN)

static uint64_t minus(uint64_t value)
{
	return -value;
}

static void assert_text(uint64_t value, bool is_signed, const char *text)
{
	_cleanup_str_ struct str out = STR_INIT;

	str_append(&out, "> ");
	format_decimal(value, is_signed, &out);
	assert_string_equal(out.data + 2, text);
}

static void texts(void **state _unused_)
{
	_cleanup_str_ struct str out = STR_INIT;

	assert_text(0, false, "0");
	assert_text(0, true, "0");
	assert_text(UINT64_MAX, false, "18446744073709551615");
	assert_text(UINT64_MAX, true, "-1");
	assert_text(LEAST, true, "-9223372036854775808");
	assert_text(LEAST, false, "9223372036854775808");
	number_append_address(&out, 0xffffffff81000000);
	str_append_char(&out, ' ');
	number_append_address(&out, 0);
	assert_string_equal(out.data, "0xffffffff81000000 0x0");
}

static void quotients_are_cut_towards_zero(void **state _unused_)
{
	assert_true(number_divide(7, true, 2) == 3);
	assert_true(number_divide(minus(7), true, 2) == minus(3));
	assert_true(number_divide(minus(1), true, 2) == 0);
	assert_true(number_divide(UINT64_MAX, false, 2) == INT64_MAX);
	assert_true(number_divide(minus(7), true, 0) == minus(7));
	assert_true(number_divide(minus(7), true, 1) == minus(7));
	assert_true(number_divide(LEAST, true, 2) == minus(UINT64_C(1) << 62));
	assert_true(number_divide(LEAST, true, UINT64_MAX) == 0);
	assert_true(number_divide(LEAST, true, LEAST) == minus(1));
}

static void words_sort_as_numbers_do(void **state _unused_)
{
	static const uint64_t ascending[] = {LEAST, UINT64_MAX - 1, UINT64_MAX, 0, 1, INT64_MAX};

	for (size_t i = 1; i < ARRAY_SIZE(ascending); i++)
		assert_true(
			number_order(ascending[i - 1], true) < number_order(ascending[i], true));
	assert_true(number_order(INT64_MAX, false) < number_order(LEAST, false));
	assert_true(number_order(0, false) < number_order(UINT64_MAX, false));
}

static void integers_are_extended(void **state _unused_)
{
	const uint8_t ones[8] = {255, 255, 255, 255, 255, 255, 255, 255};
	const uint16_t word = 0x8001;
	const uint32_t half = 0x7fffffff;

	for (size_t size = 1; size <= 8; size *= 2) {
		assert_true(number_read(ones, size, true) == UINT64_MAX);
		assert_true(number_read(ones, size, false) == UINT64_MAX >> (64 - 8 * size));
	}
	assert_true(number_read(&word, 2, true) == minus(0x7fff));
	assert_true(number_read(&word, 2, false) == 0x8001);
	assert_true(number_read(&half, 4, true) == 0x7fffffff);
	assert_true(number_read(ones + 1, 4, false) == UINT32_MAX); /* at an odd address */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(quotients_are_cut_towards_zero),
		cmocka_unit_test(words_sort_as_numbers_do),
		cmocka_unit_test(integers_are_extended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
