/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "libcommon/base/suggest.h"

static const char *nearest(const char *wanted, const char *const *candidates, size_t count)
{
	struct suggestion suggestion = suggest_start(wanted);

	for (size_t i = 0; i < count; i++)
		suggest_offer(&suggestion, candidates[i]);
	return suggestion.best;
}

#define NEAREST(wanted, ...)                                                                       \
	nearest(wanted, (const char *const[]){__VA_ARGS__},                                        \
		ARRAY_SIZE(((const char *const[]){__VA_ARGS__})))

static void near_names_are_found(void **state _unused_)
{
	assert_string_equal(NEAREST("prinft", "sprintf", "printf", "strftime"), "printf");
	assert_string_equal(NEAREST("cuont", "avg", "count", "sum"), "count");
	assert_string_equal(NEAREST("sched_swich", "sched_wakeup", "sched_switch"), "sched_switch");
	assert_string_equal(NEAREST("pdi", "tid", "pid"), "pid");
	assert_string_equal(NEAREST("exiit", "exit"), "exit");
}

static void far_names_are_not(void **state _unused_)
{
	assert_null(NEAREST("nope", "printf", "count", "openat"));
	assert_null(NEAREST("a", "b"));
	assert_null(NEAREST("abcdef", "abcxyz"));
	assert_null(NEAREST("", "x"));
	assert_null(nearest("x", NULL, 0));
}

static void case_counts_half(void **state _unused_)
{
	assert_string_equal(NEAREST("begin", "begun", "BEgin"), "begun");
	assert_string_equal(NEAREST("Begin", "bagin", "begin"), "begin");
	assert_string_equal(NEAREST("pid", "PID", "PIDs"), "PID");
	assert_string_equal(NEAREST("begin", "end", "BEGIN"), "BEGIN");
	assert_string_equal(NEAREST("abcdef", "abxxef", "Abcxef"), "Abcxef");
}

static void first_of_equals_stays(void **state _unused_)
{
	assert_string_equal(NEAREST("abcd", "abcx", "abcy"), "abcx");
	assert_string_equal(NEAREST("abcd", "abcx", "abcd", "abcd"), "abcd");
}

static void long_names_do_no_harm(void **state _unused_)
{
	char wanted[1000], candidate[1000];

	memset(wanted, 'a', sizeof(wanted));
	memset(candidate, 'a', sizeof(candidate));
	wanted[999] = candidate[999] = '\0';
	assert_null(NEAREST(wanted, candidate));
	assert_null(NEAREST("abc", candidate));
	wanted[128] = '\0';
	candidate[127] = '\0';
	assert_ptr_equal(NEAREST(wanted, candidate), candidate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near_names_are_found),
		cmocka_unit_test(far_names_are_not),
		cmocka_unit_test(case_counts_half),
		cmocka_unit_test(first_of_equals_stays),
		cmocka_unit_test(long_names_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
