/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

static void count_value(
	const struct aggregate *aggregate, uint64_t *value, int64_t n, uint64_t times)
{
	if (aggregate->ops == &hist_ops)
		value[hist_bucket(aggregate->bits, (uint64_t)n, true)] += times;
	else
		value[lhist_bucket(aggregate->range, (uint64_t)n, true)] += times;
}

static struct aggregate find(struct show_fixture *shown, uint32_t type)
{
	struct aggregate aggregate = {};

	assert_success(aggregate_find(shown->traced.bundle.types, type, &aggregate));
	return aggregate;
}

static struct aggregate hist(struct show_fixture *shown, uint32_t bits)
{
	char parameters[16];

	snprintf(parameters, sizeof(parameters), "bits=%u", bits);
	return find(
		shown, fixture_histogram(shown, MEANING_HIST, hist_bucket_count(bits), parameters));
}

static void check_shown(struct show_fixture *shown, const char *format,
	const struct aggregate *aggregate, const void *data, uint64_t divisor, const char *expected)
{
	struct value value = {.aggregate = aggregate,
		.type = fixture_histogram(shown, MEANING_HIST, 66, "bits=0"),
		.data = data,
		.divisor = divisor};

	assert_shown_as(shown, format, &value, expected);
}

#define assert_text(aggregate, value, divisor, expected)                                           \
	check_shown(&shown, "text", aggregate, value, divisor, expected)

#define assert_json(aggregate, value, divisor, expected)                                           \
	check_shown(&shown, "json", aggregate, value, divisor, expected)

/* The first sample of the guide's chapter on hist(). */
static void the_sample_of_the_guide(void **state _unused_)
{
	static const struct {
		int64_t value;
		uint64_t count;
	} counted[] = {{-1, 117}, {0, 5}, {1, 325}, {2, 6}, {4, 3}, {8, 495}, {16, 35}, {32, 25},
		{64, 21}, {128, 1}, {256, 3}, {512, 2}, {1024, 1}, {4095, 2}};
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct aggregate aggregate = hist(&shown, 0);
	uint64_t value[HIST_BUCKETS_MAX] = {};

	for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
		count_value(&aggregate, value, counted[i].value, counted[i].count);
	assert_text(&aggregate, value, 1,
		"(..., 0)             117 |@@@@@@@@@@@@                                        |\n"
		"[0]                    5 |                                                    |\n"
		"[1]                  325 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@                  |\n"
		"[2, 4)                 6 |                                                    |\n"
		"[4, 8)                 3 |                                                    |\n"
		"[8, 16)              495 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
		"[16, 32)              35 |@@@                                                 |\n"
		"[32, 64)              25 |@@                                                  |\n"
		"[64, 128)             21 |@@                                                  |\n"
		"[128, 256)             1 |                                                    |\n"
		"[256, 512)             3 |                                                    |\n"
		"[512, 1K)              2 |                                                    |\n"
		"[1K, 2K)               1 |                                                    |\n"
		"[2K, 4K)               2 |                                                    "
		"|\n");
}

/* Buckets between the first and the last are shown, those outside are not. */
static void empty_buckets_only_inside(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct aggregate aggregate = hist(&shown, 0);
	uint64_t value[HIST_BUCKETS_MAX] = {};

	count_value(&aggregate, value, 2, 1);
	count_value(&aggregate, value, 8, 4);
	assert_text(&aggregate, value, 1,
		"[2, 4)                 1 |@@@@@@@@@@@@@                                       |\n"
		"[4, 8)                 0 |                                                    |\n"
		"[8, 16)                4 "
		"|@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n");
	assert_json(&aggregate, value, 1,
		"[{\"min\": 2, \"max\": 3, \"count\": 1}, {\"min\": 4, \"max\": 7, \"count\": 0}, "
		"{\"min\": 8, \"max\": 15, \"count\": 4}]");
}

static void nothing_counted(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct aggregate aggregate = hist(&shown, 0);
	uint64_t value[HIST_BUCKETS_MAX] = {};

	assert_text(&aggregate, value, 1, "");
	assert_json(&aggregate, value, 1, "[]");
}

#define FULL_BAR "|@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"

static void units(void **state _unused_)
{
	static const struct {
		uint32_t bits;
		int64_t value;
		const char *line;
	} cases[] = {
		{0, 700 << 10, "[512K, 1M)             1 " FULL_BAR},
		{0, INT64_C(1) << 30, "[1G, 2G)               1 " FULL_BAR},
		{0, INT64_C(1) << 40, "[1T, 2T)               1 " FULL_BAR},
		{0, INT64_C(1) << 50, "[1P, 2P)               1 " FULL_BAR},
		{0, INT64_MAX, "[4E, 8E)               1 " FULL_BAR},
		{0, INT64_MIN, "(..., 0)               1 " FULL_BAR},
		{2, 100, "[96, 112)              1 " FULL_BAR},
		{2, 1500, "[1280, 1536)           1 " FULL_BAR},
		{3, 7, "[7]                    1 " FULL_BAR},
		{3, 16, "[16, 18)               1 " FULL_BAR},
		{5, 1000000, "[976K, 992K)           1 " FULL_BAR},
	};
	_cleanup_fixture_ struct show_fixture shown = fixture_open();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct aggregate aggregate = hist(&shown, cases[i].bits);
		uint64_t value[HIST_BUCKETS_MAX] = {};

		count_value(&aggregate, value, cases[i].value, 1);
		assert_text(&aggregate, value, 1, cases[i].line);
	}
}

static void the_largest_counters(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct aggregate aggregate = hist(&shown, 0);
	uint64_t value[HIST_BUCKETS_MAX] = {};

	count_value(&aggregate, value, 0, UINT64_MAX);
	count_value(&aggregate, value, 1, UINT64_MAX / 2);
	assert_text(&aggregate, value, 1,
		"[0]             18446744073709551615 "
		"|@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
		"[1]             9223372036854775807 "
		"|@@@@@@@@@@@@@@@@@@@@@@@@@                           |\n");
}

/* The divisor is for the counters; bars stay as they are. */
static void divided(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct aggregate aggregate = hist(&shown, 0);
	uint64_t value[HIST_BUCKETS_MAX] = {};

	count_value(&aggregate, value, 1, 25);
	count_value(&aggregate, value, 2, 50);
	assert_text(&aggregate, value, 10,
		"[1]                    2 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n"
		"[2, 4)                 5 "
		"|@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n");
	assert_json(&aggregate, value, 10,
		"[{\"min\": 1, \"max\": 1, \"count\": 2}, {\"min\": 2, \"max\": 3, \"count\": 5}]");
}

/* What only unsigned values reach. */
static void the_last_buckets(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct aggregate aggregate = hist(&shown, 0), fine = hist(&shown, 2);
	struct aggregate linear = find(
		&shown, fixture_histogram(&shown, MEANING_LHIST, 4,
				"min=18446744071578845184,max=18446744071595622400,step=8388608"));
	uint64_t value[HIST_BUCKETS_MAX] = {};

	value[hist_bucket(0, UINT64_C(1) << 63, false)] = 1;
	assert_text(&aggregate, value, 1, "[8E, 16E)              1 " FULL_BAR);
	assert_json(&aggregate, value, 1,
		"[{\"min\": 9223372036854775808, \"max\": 18446744073709551615, \"count\": 1}]");
	memset(value, 0, sizeof(value));
	value[hist_bucket(2, UINT64_MAX, false)] = 1;
	assert_text(&fine, value, 1, "[14E, 16E)             1 " FULL_BAR);
	memset(value, 0, sizeof(value));
	value[lhist_bucket(linear.range, 0xffffffff81900000, false)] = 1;
	assert_text(&linear, value, 1,
		"[18446744071587233792, 18446744071595622400)       1 " FULL_BAR);
	assert_json(&linear, value, 1,
		"[{\"min\": 18446744071587233792, \"max\": 18446744071595622399, \"count\": 1}]");
}

static void negative_and_zero(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct aggregate aggregate = hist(&shown, 0);
	uint64_t value[HIST_BUCKETS_MAX] = {};

	count_value(&aggregate, value, -1, 1);
	count_value(&aggregate, value, 0, 1);
	assert_json(&aggregate, value, 1,
		"[{\"max\": -1, \"count\": 1}, {\"min\": 0, \"max\": 0, \"count\": 1}]");
}

static void linear(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct aggregate aggregate =
		find(&shown, fixture_histogram(&shown, MEANING_LHIST, 7, "min=0,max=10,step=2"));
	uint64_t value[7] = {};

	count_value(&aggregate, value, -500, 1);
	count_value(&aggregate, value, 5, 2);
	count_value(&aggregate, value, 500, 1);
	assert_text(&aggregate, value, 1,
		"(..., 0)               1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n"
		"[0, 2)                 0 |                                                    |\n"
		"[2, 4)                 0 |                                                    |\n"
		"[4, 6)                 2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
		"[6, 8)                 0 |                                                    |\n"
		"[8, 10)                0 |                                                    |\n"
		"[10, ...)              1 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          "
		"|\n");
	assert_json(&aggregate, value, 1,
		"[{\"max\": -1, \"count\": 1}, {\"min\": 0, \"max\": 1, \"count\": 0}, "
		"{\"min\": 2, \"max\": 3, \"count\": 0}, {\"min\": 4, \"max\": 5, \"count\": 2}, "
		"{\"min\": 6, \"max\": 7, \"count\": 0}, {\"min\": 8, \"max\": 9, \"count\": 0}, "
		"{\"min\": 10, \"count\": 1}]");
}

/* Plain numbers without units, and no [n] for buckets of one value. */
static void linear_labels(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct aggregate wide = find(
		&shown, fixture_histogram(&shown, MEANING_LHIST, 12, "min=0,max=10240,step=1024"));
	struct aggregate narrow =
		find(&shown, fixture_histogram(&shown, MEANING_LHIST, 12, "min=0,max=10,step=1"));
	uint64_t value[12] = {};

	value[2] = 1;
	assert_text(&wide, value, 1, "[1024, 2048)           1 " FULL_BAR);
	assert_text(&narrow, value, 1, "[1, 2)                 1 " FULL_BAR);
}

static void entries_are_ordered_by_how_much_they_counted(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct aggregate aggregate = hist(&shown, 0);
	uint64_t few[HIST_BUCKETS_MAX] = {}, many[HIST_BUCKETS_MAX] = {};

	count_value(&aggregate, few, 1 << 20, 5);
	count_value(&aggregate, many, 0, 3);
	count_value(&aggregate, many, 1, 3);
	assert_true(hist_ops.order(&aggregate, few) < hist_ops.order(&aggregate, many));
}

static void cpus_are_added(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct aggregate aggregate = hist(&shown, 0);
	uint64_t sum[HIST_BUCKETS_MAX] = {}, part[HIST_BUCKETS_MAX] = {};

	count_value(&aggregate, part, 3, 2);
	aggregate.ops->merge(&aggregate, sum, part);
	count_value(&aggregate, part, 9, 1);
	aggregate.ops->merge(&aggregate, sum, part);
	assert_json(&aggregate, sum, 1,
		"[{\"min\": 2, \"max\": 3, \"count\": 4}, {\"min\": 4, \"max\": 7, \"count\": 0}, "
		"{\"min\": 8, \"max\": 15, \"count\": 1}]");
}

/* What a bundle from elsewhere could say. */
static void wrong_types_are_refused(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t u32 = types_integer(types, 4, false);
	struct aggregate aggregate;

	assert_failure(aggregate_find(types, fixture_histogram(&shown, MEANING_HIST, 65, "bits=0"),
			       &aggregate),
		"a histogram of 66 buckets has an array of 65");
	assert_failure(aggregate_find(types, fixture_histogram(&shown, MEANING_HIST, 65, "bits=6"),
			       &aggregate),
		"a histogram's bits are not given");
	assert_failure(aggregate_find(types, fixture_histogram(&shown, MEANING_HIST, 65, "bit=0"),
			       &aggregate),
		"a histogram's bits are not given");
	assert_failure(aggregate_find(types,
			       types_with_meaning(
				       types, MEANING_HIST, types_array(types, u32, 66), "bits=0"),
			       &aggregate),
		"a histogram of 66 buckets has an array of 66");
	assert_failure(aggregate_find(types, types_with_meaning(types, MEANING_HIST, u32, "bits=0"),
			       &aggregate),
		"a histogram is not an array");
	assert_failure(aggregate_find(types,
			       fixture_histogram(&shown, MEANING_LHIST, 7, "min=0,max=10,step=0"),
			       &aggregate),
		"a histogram's range is not given");
	assert_failure(aggregate_find(types,
			       fixture_histogram(&shown, MEANING_LHIST, 7, "min=-1,max=10,step=2"),
			       &aggregate),
		"a histogram's range is not given");
	assert_failure(aggregate_find(types,
			       fixture_histogram(&shown, MEANING_LHIST, 7,
				       "min=0,max=99999999999999999999,step=2"),
			       &aggregate),
		"a histogram's range is not given");
	assert_failure(aggregate_find(types, types_with_meaning(types, MEANING_COUNT, u32, NULL),
			       &aggregate),
		"count is not a struct of 1 numbers");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_of_the_guide),
		cmocka_unit_test(empty_buckets_only_inside),
		cmocka_unit_test(nothing_counted),
		cmocka_unit_test(units),
		cmocka_unit_test(the_largest_counters),
		cmocka_unit_test(divided),
		cmocka_unit_test(the_last_buckets),
		cmocka_unit_test(negative_and_zero),
		cmocka_unit_test(linear),
		cmocka_unit_test(linear_labels),
		cmocka_unit_test(entries_are_ordered_by_how_much_they_counted),
		cmocka_unit_test(cpus_are_added),
		cmocka_unit_test(wrong_types_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
