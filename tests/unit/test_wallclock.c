/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/runner/data/wallclock.h"

enum { NSECS = 1000000000 };

static int in_a_zone_of_our_own(void **state _unused_)
{
	setenv("TZ", "TEST-05:30", 1);
	tzset();
	return 0;
}

static int64_t nsecs_of(struct timespec time)
{
	return (int64_t)time.tv_sec * NSECS + time.tv_nsec;
}

static void assert_text(const char *format, struct timespec when, const char *text)
{
	_cleanup_str_ struct str out = STR_INIT;

	str_append(&out, "> ");
	assert_true(wallclock_format(format, when, &out));
	assert_string_equal(out.data + 2, text);
}

static void texts(void **state _unused_)
{
	const struct timespec when = {1000000000, 1234999};

	assert_text("%Y-%m-%d %H:%M:%S %Z", when, "2001-09-09 07:16:40 TEST");
	assert_text("%f", when, "001234");
	assert_text("%S.%f|%%f|%%%f", when, "40.001234|%f|%001234");
	assert_text("", when, "");
	assert_text(" x ", when, " x ");
	assert_text("%", when, "%");
	assert_text("%f", (struct timespec){0, NSECS - 1}, "999999");
	assert_text("%Y %f", (struct timespec){-1, 0}, "1970 000000");
}

static void long_texts_and_too_long_ones(void **state _unused_)
{
	_cleanup_str_ struct str format = STR_INIT, out = STR_INIT;
	const struct timespec when = {};

	str_append_repeat(&format, 'x', 5000);
	str_append(&out, "before");
	assert_true(wallclock_format(format.data, when, &out));
	assert_int_equal(out.length, 5006);
	assert_string_equal(out.data + 6, format.data);
	str_append_repeat(&format, 'x', 100000);
	str_truncate(&out, 6);
	assert_false(wallclock_format(format.data, when, &out));
	assert_string_equal(out.data, "before");
}

static void years_that_no_calendar_has(void **state _unused_)
{
	_cleanup_str_ struct str out = STR_INIT;

	assert_false(wallclock_format("%Y", (struct timespec){INT64_MAX, 0}, &out));
	assert_false(wallclock_format("%Y", (struct timespec){INT64_MIN, 0}, &out));
	assert_int_equal(out.length, 0);
}

static void now_is_now(void **state _unused_)
{
	struct timespec boot, wall;

	assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &boot), 0);
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &wall), 0);

	int64_t apart = nsecs_of(wall) - nsecs_of(wallclock_at((uint64_t)nsecs_of(boot)));

	assert_in_range(apart + NSECS, 0, 2 * (int64_t)NSECS);
}

/* Seconds are whole, and the rest is never negative, before 1970 too; also where stamps are wild.
 */
static void moments_are_normalized(void **state _unused_)
{
	uint64_t zero = (uint64_t)nsecs_of(wallclock_at(0));
	static const int64_t moments[] = {
		0, 1, -1, NSECS, -NSECS, -NSECS - 1, INT64_MAX, INT64_MIN, INT64_MIN + 1};

	for (size_t i = 0; i < ARRAY_SIZE(moments); i++) {
		struct timespec time = wallclock_at((uint64_t)moments[i] - zero);
		__int128 nsecs = (__int128)time.tv_sec * NSECS + time.tv_nsec;

		assert_in_range(time.tv_nsec, 0, NSECS - 1);
		assert_true(nsecs == moments[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(long_texts_and_too_long_ones),
		cmocka_unit_test(years_that_no_calendar_has),
		cmocka_unit_test(now_is_now),
		cmocka_unit_test(moments_are_normalized),
	};

	return cmocka_run_group_tests(tests, in_a_zone_of_our_own, NULL);
}
