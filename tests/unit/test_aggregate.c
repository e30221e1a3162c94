/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

enum { CPUS = 3 };

static struct aggregate find(struct session *session, enum named named)
{
	struct aggregate aggregate = {};

	assert_success(aggregate_find(
		session->bundle.types, fixture_aggregate(session, named), &aggregate));
	assert_non_null(aggregate.row);
	return aggregate;
}

/* Merges the parts of the CPUs and compares what is shown. */
static void check_merged(enum named named, const uint64_t (*parts)[2], uint64_t divisor,
	const char *text, const char *json)
{
	_cleanup_session_ struct session session = fixture_session();
	struct aggregate aggregate = find(&session, named);
	_cleanup_str_ struct str out = STR_INIT;
	uint64_t sum[2] = {};

	for (int i = 0; i < CPUS; i++)
		aggregate.row->merge(&aggregate, sum, parts[i]);
	aggregate.row->text(&aggregate, sum, divisor, &out);
	assert_string_equal(str_text(&out), text);
	str_truncate(&out, 0);
	aggregate.row->json(&aggregate, sum, divisor, &out);
	assert_string_equal(str_text(&out), json);
}

#define N(number) ((uint64_t)(int64_t)(number))

static void counts_and_sums(void **state _unused_)
{
	static const uint64_t parts[CPUS][2] = {{2}, {0}, {40}};
	static const uint64_t negative[CPUS][2] = {{N(-5)}, {1}, {0}};

	check_merged(NAMED_COUNT, parts, 1, "42", "42");
	check_merged(NAMED_COUNT, parts, 10, "4", "4");
	check_merged(NAMED_SUM, negative, 1, "-4", "-4");
	check_merged(NAMED_SUM, negative, 2, "-2", "-2");
}

/* The rank of a value of min() or max(). */
#define LEAST(number) (N(number) ^ INT64_MAX)
#define MOST(number)  (N(number) ^ (uint64_t)INT64_MIN)

/* A CPU that never saw a value has no say. */
static void extremes(void **state _unused_)
{
	static const uint64_t least[CPUS][2] = {{0, 0}, {LEAST(7), 1}, {LEAST(9), 1}};
	static const uint64_t most[CPUS][2] = {{0, 0}, {MOST(7), 1}, {MOST(9), 1}};
	static const uint64_t below[CPUS][2] = {{LEAST(-9), 1}, {0, 0}, {LEAST(-7), 1}};
	static const uint64_t negative[CPUS][2] = {{MOST(-9), 1}, {0, 0}, {MOST(-7), 1}};
	static const uint64_t mixed[CPUS][2] = {{LEAST(-1), 1}, {LEAST(0), 1}, {LEAST(1), 1}};
	static const uint64_t ends[CPUS][2] = {{LEAST(INT64_MAX), 1}};
	static const uint64_t other_ends[CPUS][2] = {{MOST(INT64_MIN), 1}};
	static const uint64_t none[CPUS][2] = {};

	check_merged(NAMED_MIN, least, 1, "7", "7");
	check_merged(NAMED_MAX, most, 1, "9", "9");
	check_merged(NAMED_MIN, below, 1, "-9", "-9");
	check_merged(NAMED_MAX, negative, 1, "-7", "-7");
	check_merged(NAMED_MIN, mixed, 1, "-1", "-1");
	check_merged(NAMED_MIN, ends, 1, "9223372036854775807", "9223372036854775807");
	check_merged(NAMED_MAX, other_ends, 1, "-9223372036854775808", "-9223372036854775808");
	check_merged(NAMED_MIN, none, 1, "0", "0");
	check_merged(NAMED_MAX, most, 2, "4", "4");
}

/* The average is that of all values, not that of the CPUs' averages. */
static void averages(void **state _unused_)
{
	static const uint64_t parts[CPUS][2] = {{1, 10}, {3, 90}, {0, 0}};
	static const uint64_t negative[CPUS][2] = {{1, N(-7)}, {1, N(-8)}, {0, 0}};
	static const uint64_t none[CPUS][2] = {};

	check_merged(NAMED_AVG, parts, 1, "25", "25");
	check_merged(NAMED_AVG, parts, 10, "2", "2");
	check_merged(NAMED_AVG, negative, 1, "-7", "-7");
	check_merged(NAMED_AVG, none, 1, "0", "0");
	check_merged(NAMED_STATS, parts, 1, "count 4, average 25, total 100",
		"{\"count\": 4, \"average\": 25, \"total\": 100}");
	check_merged(NAMED_STATS, parts, 10, "count 4, average 2, total 10",
		"{\"count\": 4, \"average\": 2, \"total\": 10}");
	check_merged(NAMED_STATS, negative, 1, "count 2, average -7, total -15",
		"{\"count\": 2, \"average\": -7, \"total\": -15}");
}

static void order_of_entries(void **state _unused_)
{
	static const struct {
		enum named named;
		uint64_t less[2], more[2];
	} cases[] = {
		{NAMED_COUNT, {1}, {2}},
		{NAMED_COUNT, {INT64_MAX}, {UINT64_MAX}},
		{NAMED_SUM, {N(-1)}, {0}},
		{NAMED_SUM, {N(INT64_MIN)}, {N(-1)}},
		{NAMED_MIN, {LEAST(-3), 1}, {LEAST(2), 1}},
		{NAMED_AVG, {10, 100}, {1, 50}},
		{NAMED_STATS, {1, N(-50)}, {10, 100}},
	};
	_cleanup_session_ struct session session = fixture_session();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct aggregate aggregate = find(&session, cases[i].named);

		assert_true(aggregate.row->order(&aggregate, cases[i].less) <
			    aggregate.row->order(&aggregate, cases[i].more));
	}
}

static void other_types_are_none(void **state _unused_)
{
	_cleanup_session_ struct session session = fixture_session();
	struct types *types = session.bundle.types;
	uint32_t u64 = types_integer(types, 8, false);
	struct aggregate aggregate = {.words = 1};

	assert_success(aggregate_find(types, u64, &aggregate));
	assert_null(aggregate.row);
	assert_success(
		aggregate_find(types, types_named(types, NAMED_PROBE, u64, NULL), &aggregate));
	assert_null(aggregate.row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_and_sums),
		cmocka_unit_test(extremes),
		cmocka_unit_test(averages),
		cmocka_unit_test(order_of_entries),
		cmocka_unit_test(other_types_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
