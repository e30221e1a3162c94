/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

enum { CPUS = 3 };

static struct aggregate find(struct show_fixture *shown, enum meaning meaning)
{
	struct aggregate aggregate = {};

	assert_success(aggregate_find(
		shown->traced.bundle.types, fixture_aggregate(shown, meaning), &aggregate));
	assert_non_null(aggregate.ops);
	return aggregate;
}

/* Merges the parts of the CPUs and compares what is shown. */
static void check_merged(enum meaning meaning, const uint64_t (*parts)[2], uint64_t divisor,
	const char *text, const char *json)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct aggregate aggregate = find(&shown, meaning);
	uint64_t sum[2] = {};

	for (int i = 0; i < CPUS; i++)
		aggregate.ops->merge(&aggregate, sum, parts[i]);

	struct value value = {
		.type = fixture_aggregate(&shown, meaning), .data = sum, .divisor = divisor};

	assert_shown(&shown, &value, text, json);
}

#define N(number) ((uint64_t)(int64_t)(number))

static void counts_and_sums(void **state _unused_)
{
	static const uint64_t parts[CPUS][2] = {{2}, {0}, {40}};
	static const uint64_t negative[CPUS][2] = {{N(-5)}, {1}, {0}};

	check_merged(MEANING_COUNT, parts, 1, "42", "42");
	check_merged(MEANING_COUNT, parts, 10, "4", "4");
	check_merged(MEANING_SUM, negative, 1, "-4", "-4");
	check_merged(MEANING_SUM, negative, 2, "-2", "-2");
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

	check_merged(MEANING_MIN, least, 1, "7", "7");
	check_merged(MEANING_MAX, most, 1, "9", "9");
	check_merged(MEANING_MIN, below, 1, "-9", "-9");
	check_merged(MEANING_MAX, negative, 1, "-7", "-7");
	check_merged(MEANING_MIN, mixed, 1, "-1", "-1");
	check_merged(MEANING_MIN, ends, 1, "9223372036854775807", "9223372036854775807");
	check_merged(MEANING_MAX, other_ends, 1, "-9223372036854775808", "-9223372036854775808");
	check_merged(MEANING_MIN, none, 1, "0", "0");
	check_merged(MEANING_MAX, most, 2, "4", "4");
}

/* The average is that of all values, not that of the CPUs' averages. */
static void averages(void **state _unused_)
{
	static const uint64_t parts[CPUS][2] = {{1, 10}, {3, 90}, {0, 0}};
	static const uint64_t negative[CPUS][2] = {{1, N(-7)}, {1, N(-8)}, {0, 0}};
	static const uint64_t none[CPUS][2] = {};

	check_merged(MEANING_AVG, parts, 1, "25", "25");
	check_merged(MEANING_AVG, parts, 10, "2", "2");
	check_merged(MEANING_AVG, negative, 1, "-7", "-7");
	check_merged(MEANING_AVG, none, 1, "0", "0");
	check_merged(MEANING_STATS, parts, 1, "count 4, average 25, total 100",
		"{\"count\": 4, \"average\": 25, \"total\": 100}");
	check_merged(MEANING_STATS, parts, 10, "count 4, average 2, total 10",
		"{\"count\": 4, \"average\": 2, \"total\": 10}");
	check_merged(MEANING_STATS, negative, 1, "count 2, average -7, total -15",
		"{\"count\": 2, \"average\": -7, \"total\": -15}");
}

static void check_unsigned(
	enum meaning meaning, const uint64_t (*parts)[3], uint64_t divisor, const char *json)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct aggregate aggregate = {};
	uint64_t sum[3] = {};

	assert_success(aggregate_find(
		shown.traced.bundle.types, fixture_unsigned(&shown, meaning), &aggregate));
	for (int i = 0; i < CPUS; i++)
		aggregate.ops->merge(&aggregate, sum, parts[i]);

	struct value value = {
		.type = fixture_unsigned(&shown, meaning), .data = sum, .divisor = divisor};

	assert_shown_as(&shown, "json", &value, json);
}

#define HALVES(number) (number) & UINT32_MAX, (number) >> 32

/* A total of more than 64 bits has the right average; what is shown of it are its lower 64. */
static void unsigned_numbers(void **state _unused_)
{
	const uint64_t top = UINT64_C(1) << 63, address = 0xffffffff81000000;
	const uint64_t sums[CPUS][3] = {{top}, {1}, {0}};
	const uint64_t least[CPUS][3] = {{~top, 1}, {~address, 1}, {0, 0}};
	const uint64_t most[CPUS][3] = {{top, 1}, {address, 1}, {0, 0}};
	const uint64_t zero[CPUS][3] = {{0, 1}, {0, 0}, {0, 0}};
	const uint64_t parts[CPUS][3] = {
		{1, HALVES(address)}, {1, HALVES(address + 6)}, {1, HALVES(address + 12)}};
	const uint64_t none[CPUS][3] = {};

	check_unsigned(MEANING_SUM, sums, 1, "9223372036854775809");
	check_unsigned(MEANING_SUM, sums, 2, "4611686018427387904");
	check_unsigned(MEANING_MIN, least, 1, "9223372036854775808");
	check_unsigned(MEANING_MAX, most, 1, "18446744071578845184");
	check_unsigned(MEANING_MAX, most, 1000, "18446744071578845");
	check_unsigned(MEANING_MAX, zero, 1, "0");
	check_unsigned(MEANING_MIN, none, 1, "0");
	check_unsigned(MEANING_AVG, parts, 1, "18446744071578845190");
	check_unsigned(MEANING_AVG, none, 1, "0");
	check_unsigned(MEANING_STATS, parts, 1,
		"{\"count\": 3, \"average\": 18446744071578845190, "
		"\"total\": 18446744067317432338}");
}

static void order_of_entries(void **state _unused_)
{
	static const struct {
		enum meaning meaning;
		uint64_t less[2], more[2];
	} cases[] = {
		{MEANING_COUNT, {1}, {2}},
		{MEANING_COUNT, {INT64_MAX}, {UINT64_MAX}},
		{MEANING_SUM, {N(-1)}, {0}},
		{MEANING_SUM, {N(INT64_MIN)}, {N(-1)}},
		{MEANING_MIN, {LEAST(-3), 1}, {LEAST(2), 1}},
		{MEANING_AVG, {10, 100}, {1, 50}},
		{MEANING_STATS, {1, N(-50)}, {10, 100}},
	};
	_cleanup_fixture_ struct show_fixture shown = fixture_open();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct aggregate aggregate = find(&shown, cases[i].meaning);

		assert_true(aggregate.ops->order(&aggregate, cases[i].less) <
			    aggregate.ops->order(&aggregate, cases[i].more));
	}
}

static void other_types_are_none(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t u64 = types_integer(types, 8, false);
	struct aggregate aggregate = {.words = 1};

	assert_success(aggregate_find(types, u64, &aggregate));
	assert_null(aggregate.ops);
	assert_success(aggregate_find(
		types, types_with_meaning(types, MEANING_PROBE, u64, NULL), &aggregate));
	assert_null(aggregate.ops);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_and_sums),
		cmocka_unit_test(extremes),
		cmocka_unit_test(averages),
		cmocka_unit_test(unsigned_numbers),
		cmocka_unit_test(order_of_entries),
		cmocka_unit_test(other_types_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
