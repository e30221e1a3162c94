/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/probing.h"

#include <linux/perf_event.h>

static void assert_event(
	const char *text, const char *name, uint32_t type, uint64_t config, uint64_t period)
{
	_cleanup_probing_ struct probing probing;

	probing_open(&probing, "/");

	const struct probe_match *match = probing_one(&probing, text);

	assert_string_equal(match->name, name);
	assert_int_equal(match->context, CONTEXT_PERF);
	assert_int_equal(match->attach, ATTACH_PERF);
	assert_int_equal(match->perf_type, type);
	assert_int_equal(match->perf_config, config);
	assert_int_equal(match->period, period);
	assert_false(match->by_frequency);
	assert_false(match->one_cpu);
}

/* PROBE-41 */
static void counts_and_defaults(void **state _unused_)
{
	assert_event("software:faults:100", "software:faults:100", PERF_TYPE_SOFTWARE,
		PERF_COUNT_SW_PAGE_FAULTS, 100);
	assert_event("s:cpu-clock:", "software:cpu-clock:1000000", PERF_TYPE_SOFTWARE,
		PERF_COUNT_SW_CPU_CLOCK, 1000000);
	assert_event("s:major-faults", "software:major-faults:1", PERF_TYPE_SOFTWARE,
		PERF_COUNT_SW_PAGE_FAULTS_MAJ, 1);
	assert_event("h:cache-misses:1e6", "hardware:cache-misses:1000000", PERF_TYPE_HARDWARE,
		PERF_COUNT_HW_CACHE_MISSES, 1000000);
}

struct name {
	const char *name;
	uint64_t config;
};

static void assert_all(const char *type, const struct name *names, size_t count, uint32_t perf_type)
{
	_cleanup_probing_ struct probing probing;
	_cleanup_(str_deinit) struct str text = STR_INIT;

	probing_open(&probing, "/");
	for (size_t i = 0; i < count; i++) {
		str_truncate(&text, 0);
		str_printf(&text, "%s:%s:3", type, names[i].name);

		const struct probe_match *match = probing_one(&probing, str_text(&text));

		assert_string_equal(match->name, str_text(&text));
		assert_int_equal(match->perf_type, perf_type);
		assert_int_equal(match->perf_config, names[i].config);
		assert_int_equal(match->period, 3);
	}

	host_names listed = {};
	const struct probe_ops *row = probe_type_find(type, NULL);

	assert_success(row->list(row, &probing.world, &probing.arena, &listed));
	assert_int_equal(listed.count, count);
	vec_deinit(&listed);
}

/* PROBE-42 */
static void software_names(void **state _unused_)
{
	static const struct name names[] = {
		{"cpu-clock", PERF_COUNT_SW_CPU_CLOCK},
		{"cpu", PERF_COUNT_SW_CPU_CLOCK},
		{"task-clock", PERF_COUNT_SW_TASK_CLOCK},
		{"page-faults", PERF_COUNT_SW_PAGE_FAULTS},
		{"faults", PERF_COUNT_SW_PAGE_FAULTS},
		{"context-switches", PERF_COUNT_SW_CONTEXT_SWITCHES},
		{"cs", PERF_COUNT_SW_CONTEXT_SWITCHES},
		{"cpu-migrations", PERF_COUNT_SW_CPU_MIGRATIONS},
		{"minor-faults", PERF_COUNT_SW_PAGE_FAULTS_MIN},
		{"major-faults", PERF_COUNT_SW_PAGE_FAULTS_MAJ},
		{"alignment-faults", PERF_COUNT_SW_ALIGNMENT_FAULTS},
		{"emulation-faults", PERF_COUNT_SW_EMULATION_FAULTS},
		{"dummy", PERF_COUNT_SW_DUMMY},
		{"bpf-output", PERF_COUNT_SW_BPF_OUTPUT},
	};

	assert_all("software", names, ARRAY_SIZE(names), PERF_TYPE_SOFTWARE);
}

/* PROBE-44 */
static void hardware_names(void **state _unused_)
{
	static const struct name names[] = {
		{"cpu-cycles", PERF_COUNT_HW_CPU_CYCLES},
		{"cycles", PERF_COUNT_HW_CPU_CYCLES},
		{"instructions", PERF_COUNT_HW_INSTRUCTIONS},
		{"cache-references", PERF_COUNT_HW_CACHE_REFERENCES},
		{"cache-misses", PERF_COUNT_HW_CACHE_MISSES},
		{"branch-instructions", PERF_COUNT_HW_BRANCH_INSTRUCTIONS},
		{"branches", PERF_COUNT_HW_BRANCH_INSTRUCTIONS},
		{"branch-misses", PERF_COUNT_HW_BRANCH_MISSES},
		{"bus-cycles", PERF_COUNT_HW_BUS_CYCLES},
		{"frontend-stalls", PERF_COUNT_HW_STALLED_CYCLES_FRONTEND},
		{"backend-stalls", PERF_COUNT_HW_STALLED_CYCLES_BACKEND},
		{"ref-cycles", PERF_COUNT_HW_REF_CPU_CYCLES},
	};

	assert_all("hardware", names, ARRAY_SIZE(names), PERF_TYPE_HARDWARE);
}

/* ERR-21 */
static void refused(void **state _unused_)
{
	_cleanup_probing_ struct probing probing;

	probing_open(&probing, "/");
	assert_failure(
		probing_match(&probing, "software:bogus:1"), "bogus is not a software probe");
	assert_null(probing.suggestion.best);
	assert_failure(
		probing_match(&probing, "s:page-fault:1"), "page-fault is not a software probe");
	assert_string_equal(probing.suggestion.best, "software:page-faults:");
	assert_failure(probing_match(&probing, "h:faults:1"), "faults is not a hardware probe");
	assert_failure(
		probing_match(&probing, "s:cs:0"), "software:cs:0: the count must be positive");
	assert_failure(probing_match(&probing, "s:cs:x"), "'x' is not a number");
	assert_failure(probing_match(&probing, "s:cs:1e19"),
		"software:cs:10000000000000000000: the count is too high");
	assert_failure(
		probing_match(&probing, "s"), "'s' does not have the form software:EVENT:COUNT");
	assert_int_equal(probing.matches.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_and_defaults),
		cmocka_unit_test(software_names),
		cmocka_unit_test(hardware_names),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
