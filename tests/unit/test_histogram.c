/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/door/histogram.h"

/* Every bucket begins where the one before it ends, and its bounds fall into it. */
static void hist_has_no_gaps(void **state _unused_)
{
	for (uint32_t bits = 0; bits <= HIST_BITS_MAX; bits++) {
		int64_t low, high, before = INT64_MIN;

		assert_true(hist_bucket_count(bits) <= HIST_BUCKETS_MAX);
		for (uint32_t i = 0; i < hist_bucket_count(bits); i++) {
			hist_bucket_bounds(bits, i, &low, &high);
			assert_true(low <= high);
			assert_int_equal(hist_bucket(bits, low), i);
			assert_int_equal(hist_bucket(bits, high), i);
			if (i)
				assert_true(low == before + 1);
			before = high;
		}
		assert_true(before == INT64_MAX);
	}
}

static void hist_of_whole_powers(void **state _unused_)
{
	static const struct {
		int64_t low, high;
	} expected[] = {{INT64_MIN, -1}, {0, 0}, {1, 1}, {2, 3}, {4, 7}, {8, 15}};
	int64_t low, high;

	assert_int_equal(hist_bucket_count(0), 65);
	for (uint32_t i = 0; i < ARRAY_SIZE(expected); i++) {
		hist_bucket_bounds(0, i, &low, &high);
		assert_true(low == expected[i].low && high == expected[i].high);
	}
	hist_bucket_bounds(0, 64, &low, &high);
	assert_true(low == INT64_C(1) << 62 && high == INT64_MAX);
}

static void hist_of_parts(void **state _unused_)
{
	int64_t low, high;

	hist_bucket_bounds(2, hist_bucket(2, 100), &low, &high);
	assert_true(low == 96 && high == 111);
	hist_bucket_bounds(3, hist_bucket(3, 15), &low, &high);
	assert_true(low == 15 && high == 15);
	hist_bucket_bounds(3, hist_bucket(3, 16), &low, &high);
	assert_true(low == 16 && high == 17);
}

static void check_lhist(struct lhist_range range, uint64_t count)
{
	int64_t low, high, before = INT64_MIN;

	assert_int_equal(lhist_bucket_count(range), count);
	for (uint64_t i = 0; i < count; i++) {
		lhist_bucket_bounds(range, i, &low, &high);
		assert_true(low <= high);
		assert_int_equal(lhist_bucket(range, low), i);
		assert_int_equal(lhist_bucket(range, high), i);
		if (i)
			assert_true(low == before + 1);
		before = high;
	}
	assert_true(before == INT64_MAX);
}

static void lhist_has_no_gaps(void **state _unused_)
{
	check_lhist((struct lhist_range){.min = 0, .max = 10, .step = 2}, 7);
	check_lhist((struct lhist_range){.min = 1000, .max = 2000, .step = 100}, 12);
	check_lhist((struct lhist_range){.min = 0, .max = 10, .step = 3}, 6);
	check_lhist((struct lhist_range){.min = 5, .max = 6, .step = 100}, 3);
	check_lhist((struct lhist_range){.min = 0, .max = INT64_MAX - 1, .step = INT64_MAX}, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hist_has_no_gaps),
		cmocka_unit_test(hist_of_whole_powers),
		cmocka_unit_test(hist_of_parts),
		cmocka_unit_test(lhist_has_no_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
