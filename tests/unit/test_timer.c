/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/probing.h"

#include <linux/perf_event.h>

static void assert_timer(const char *text, const char *name, uint64_t period, bool by_frequency)
{
	_cleanup_probing_ struct probing probing;

	probing_open(&probing, "/");

	const struct probe_match *match = probing_one(&probing, text);

	assert_string_equal(match->name, name);
	assert_int_equal(match->context, CONTEXT_PERF);
	assert_int_equal(match->attach, ATTACH_PERF);
	assert_int_equal(match->perf_type, PERF_TYPE_SOFTWARE);
	assert_int_equal(match->perf_config, PERF_COUNT_SW_CPU_CLOCK);
	assert_true(match->period == period);
	assert_int_equal(match->by_frequency, by_frequency);
	assert_int_equal(match->one_cpu, name[0] == 'i');
}

/* PROBE-38, PROBE-39 */
static void intervals(void **state _unused_)
{
	assert_timer("interval:s:1", "interval:s:1", 1000000000, false);
	assert_timer("i:ms:100", "interval:ms:100", 100000000, false);
	assert_timer("i:us:50", "interval:us:50", 50000, false);
	assert_timer("i:hz:4", "interval:hz:4", 250000000, false);
}

/* PROBE-36, PROBE-37 */
static void profiles(void **state _unused_)
{
	assert_timer("profile:hz:99", "profile:hz:99", 99, true);
	assert_timer("p:ms:10", "profile:ms:10", 10000000, false);
	assert_timer("p:s:1e1", "profile:s:10", 10000000000, false);
}

static void durations(void **state _unused_)
{
	assert_timer("interval:1s", "interval:s:1", 1000000000, false);
	assert_timer("profile:10ms", "profile:ms:10", 10000000, false);
	assert_timer("profile:99hz", "profile:hz:99", 99, true);
	assert_timer("i:1_000us", "interval:us:1000", 1000000, false);
	assert_timer("i:5", "interval:ns:5", 5, false);
	assert_timer("i:0x10", "interval:ns:16", 16, false);
	assert_timer("interval:2m", "interval:m:2", 120000000000, false);
	assert_timer("profile:1h", "profile:h:1", 3600000000000, false);
	assert_timer("PROFILE:d:1", "profile:d:1", 86400000000000, false);
}

/* PROBE-40 */
static void refused(void **state _unused_)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"i:foo:1", "foo is not an accepted unit of time (hz, s, ms, us, ns, m, h, d)"},
		{"i:5:", "5 is not an accepted unit of time (hz, s, ms, us, ns, m, h, d)"},
		{"i:s:0", "interval:s:0: the number must be positive"},
		{"p:hz:0", "profile:hz:0: the number must be positive"},
		{"i:s:x", "'x' is not a number"},
		{"i:s:-1", "'-1' is negative"},
		{"i:s", "interval:s lacks a count, as in interval:s:1"},
		{"p:hz", "profile:hz lacks a count, as in profile:hz:1"},
		{"i:s:1.5", "'1.5' is not an integer; smaller units of time are ms and us"},
		{"i:ms:.5", "'.5' is not an integer; smaller units of time are ms and us"},
		{"i:us:1.5", "'1.5' is not an integer"},
		{"p:hz:99.9", "'99.9' is not an integer"},
		{"i:1.5s", "'1.5' is not an integer; smaller units of time are ms and us"},
		{"i:s:18446744073709551616",
			"'18446744073709551616' is too large: it does not fit in 64 bits"},
		{"i:s:1e12", "interval:s:1000000000000: the time is too long"},
		{"i:s:1e19", "interval:s:10000000000000000000: the time is too long"},
		{"i:hz:1e10", "interval:hz:10000000000: the rate is too high"},
		{"i", "'i' does not have the form interval:UNIT:COUNT"},
		{"p:s:1:2", "'p:s:1:2' does not have the form profile:UNIT:COUNT"},
	};
	_cleanup_probing_ struct probing probing;

	probing_open(&probing, "/");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_failure(probing_match(&probing, cases[i].text), cases[i].message);
		assert_int_equal(probing.matches.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals),
		cmocka_unit_test(profiles),
		cmocka_unit_test(durations),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
