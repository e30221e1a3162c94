/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/door/histogram.h"

/* Every bucket begins where the one before it ends, and its bounds fall into it. */
static void hist_has_no_gaps(void **state _unused_)
{
	for (uint32_t bits = 0; bits <= HIST_BITS_MAX; bits++) {
		uint64_t low, high, before = UINT64_MAX;

		assert_true(hist_bucket_count(bits) <= HIST_BUCKETS_MAX);
		for (uint32_t i = 1; i < hist_bucket_count(bits); i++) {
			hist_bucket_bounds(bits, i, &low, &high);
			assert_true(low <= high);
			assert_int_equal(hist_bucket(bits, low, false), i);
			assert_int_equal(hist_bucket(bits, high, false), i);
			assert_true(low == before + 1);
			before = high;
		}
		assert_true(before == UINT64_MAX);
	}
}

static void negative_values_have_a_bucket(void **state _unused_)
{
	const uint64_t minus_one = UINT64_MAX, least = UINT64_C(1) << 63;
	const struct lhist_range range = {.min = 0, .max = 10, .step = 2};

	assert_int_equal(hist_bucket(0, minus_one, true), 0);
	assert_int_equal(hist_bucket(3, least, true), 0);
	assert_int_equal(hist_bucket(0, least, false), 65);
	assert_int_equal(hist_bucket(0, least - 1, true), 64);
	assert_int_equal(lhist_bucket(range, minus_one, true), 0);
	assert_int_equal(lhist_bucket(range, minus_one, false), 6);
}

static void hist_of_whole_powers(void **state _unused_)
{
	static const struct {
		uint64_t low, high;
	} expected[] = {{}, {0, 0}, {1, 1}, {2, 3}, {4, 7}, {8, 15}};
	uint64_t low, high;

	assert_int_equal(hist_bucket_count(0), 66);
	for (uint32_t i = 1; i < ARRAY_SIZE(expected); i++) {
		hist_bucket_bounds(0, i, &low, &high);
		assert_true(low == expected[i].low && high == expected[i].high);
	}
	hist_bucket_bounds(0, 64, &low, &high);
	assert_true(low == UINT64_C(1) << 62 && high == INT64_MAX);
	hist_bucket_bounds(0, 65, &low, &high);
	assert_true(low == UINT64_C(1) << 63 && high == UINT64_MAX);
}

static void hist_of_parts(void **state _unused_)
{
	uint64_t low, high;

	hist_bucket_bounds(2, hist_bucket(2, 100, true), &low, &high);
	assert_true(low == 96 && high == 111);
	hist_bucket_bounds(3, hist_bucket(3, 15, true), &low, &high);
	assert_true(low == 15 && high == 15);
	hist_bucket_bounds(3, hist_bucket(3, 16, true), &low, &high);
	assert_true(low == 16 && high == 17);
}

static void check_lhist(struct lhist_range range, uint64_t count)
{
	uint64_t low, high, before = range.min - 1;

	assert_int_equal(lhist_bucket_count(range), count);
	for (uint64_t i = 1; i < count; i++) {
		lhist_bucket_bounds(range, i, &low, &high);
		assert_true(low <= high);
		assert_int_equal(lhist_bucket(range, low, false), i);
		assert_int_equal(lhist_bucket(range, high, false), i);
		assert_true(low == before + 1);
		before = high;
	}
	assert_true(before == UINT64_MAX);
	if (range.min)
		assert_int_equal(lhist_bucket(range, range.min - 1, false), 0);
}

static void lhist_has_no_gaps(void **state _unused_)
{
	check_lhist((struct lhist_range){.min = 0, .max = 10, .step = 2}, 7);
	check_lhist((struct lhist_range){.min = 1000, .max = 2000, .step = 100}, 12);
	check_lhist((struct lhist_range){.min = 0, .max = 10, .step = 3}, 6);
	check_lhist((struct lhist_range){.min = 5, .max = 6, .step = 100}, 3);
	check_lhist((struct lhist_range){.min = 0, .max = INT64_MAX - 1, .step = INT64_MAX}, 3);
	check_lhist((struct lhist_range){.min = 0, .max = UINT64_MAX, .step = UINT64_MAX}, 3);
	check_lhist(
		(struct lhist_range){
			.min = 0xffffffff81000000, .max = 0xffffffff82000001, .step = 0x100000},
		19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hist_has_no_gaps),
		cmocka_unit_test(negative_values_have_a_bucket),
		cmocka_unit_test(hist_of_whole_powers),
		cmocka_unit_test(hist_of_parts),
		cmocka_unit_test(lhist_has_no_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
