/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "libcommon/base/numeral.h"

static const struct {
	const char *text;
	uint64_t number;
} durations[] = {
	{"1ns", 1},
	{"2us", 2000},
	{"250ms", 250000000},
	{"5s", 5000000000},
	{"-1m", (uint64_t)-60000000000},
	{"1h", 3600000000000},
	{"1d", 86400000000000},
	{"7", 7},
	{"0x10", 16},
	{"-5", (uint64_t)-5},
};

static void durations_have_units(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(durations); i++) {
		bool is_negative = false;
		uint64_t number = 4711;

		assert_true(numeral_parse_duration(durations[i].text, &is_negative, &number));
		assert_true(number == durations[i].number);
		assert_int_equal(is_negative, *durations[i].text == '-');
	}
}

static void what_is_no_duration(void **state _unused_)
{
	static const char *const texts[] = {"", "s", "-s", "5x", "5 s", "1.5s", "0x10s", "5ss",
		"--1s", "213504d", "-106752d", "18446744073709551616", "5s "};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		bool is_negative = false;
		uint64_t number = 4711;

		if (numeral_parse_duration(texts[i], &is_negative, &number))
			fail_msg("'%s' is taken for %llu", texts[i], (unsigned long long)number);
		assert_true(number == 4711);
	}
}

static void numbers_have_none(void **state _unused_)
{
	bool is_negative = false;
	uint64_t number = 4711;

	assert_false(numeral_parse("5s", &is_negative, &number));
	assert_true(numeral_parse("18446744073709551615", &is_negative, &number));
	assert_true(number == UINT64_MAX && !is_negative);
	assert_true(numeral_parse("-9223372036854775808", &is_negative, &number));
	assert_true(number == (uint64_t)INT64_MIN && is_negative);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_have_units),
		cmocka_unit_test(what_is_no_duration),
		cmocka_unit_test(numbers_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
