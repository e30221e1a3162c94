/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which bucket of a histogram a value belongs to: the compiler generates code that computes the
 * index, the runner labels the buckets. Both follow the functions here. Values are signed 64-bit
 * integers, buckets are uint64 counters, bounds are inclusive on both sides.
 *
 * hist with k bits (0..HIST_BITS_MAX) has 2^k buckets for each power of two:
 *
 *	index 0                            negative values
 *	index 1 + v                        0 <= v < 2^k: one bucket per value
 *	index 1 + ((e - k) << k) + (v >> (e - k))   for others, where e is the position of the
 *	                                   highest bit of v
 *
 * so that k = 0 gives: negative, 0, 1, 2..3, 4..7, … 2^62..2^63-1, 65 in all. The second line's
 * formula and the third's agree where they meet.
 *
 * lhist with min, max and step:
 *
 *	index 0                     v < min
 *	index 1 + (v - min) / step  min <= v < max; the last of these ends before max even when step
 *	                            does not divide max - min
 *	index of the last           v >= max
 */
#pragma once

#include <stdint.h>

#define HIST_BITS_MAX 5

/* An upper bound of hist_bucket_count for any bits. */
#define HIST_BUCKETS_MAX (1 + ((64 - HIST_BITS_MAX) << HIST_BITS_MAX))

static inline uint32_t hist_bucket_count(uint32_t bits)
{
	return 1 + ((64 - bits) << bits);
}

static inline uint32_t hist_bucket(uint32_t bits, int64_t value)
{
	if (value < 0)
		return 0;
	if (value < INT64_C(1) << bits)
		return 1 + (uint32_t)value;

	uint32_t shift = 63 - (uint32_t)__builtin_clzll((uint64_t)value) - bits;

	return 1 + (shift << bits) + (uint32_t)((uint64_t)value >> shift);
}

/* The smallest and the largest value in the bucket index < hist_bucket_count(bits). */
static inline void hist_bucket_bounds(uint32_t bits, uint32_t index, int64_t *low, int64_t *high)
{
	if (index == 0) {
		*low = INT64_MIN;
		*high = -1;
		return;
	}
	index--;

	uint32_t row = index >> bits; /* 0 and 1 have one value per bucket */
	uint32_t shift = row > 1 ? row - 1 : 0;
	uint64_t first = (uint64_t)(index - (shift << bits)) << shift;

	*low = (int64_t)first;
	*high = (int64_t)(first + (UINT64_C(1) << shift) - 1);
}

/* What lhist(n, min, max, step) was given: 0 <= min < max, step > 0. */
struct lhist_range {
	int64_t min, max, step;
};

static inline uint64_t lhist_bucket_count(struct lhist_range range)
{
	return 2 + ((uint64_t)(range.max - range.min) + (uint64_t)range.step - 1) /
			   (uint64_t)range.step;
}

static inline uint64_t lhist_bucket(struct lhist_range range, int64_t value)
{
	if (value < range.min)
		return 0;
	if (value >= range.max)
		return lhist_bucket_count(range) - 1;
	return 1 + (uint64_t)(value - range.min) / (uint64_t)range.step;
}

static inline void lhist_bucket_bounds(
	struct lhist_range range, uint64_t index, int64_t *low, int64_t *high)
{
	uint64_t last = lhist_bucket_count(range) - 1;

	*low = index == 0      ? INT64_MIN
	       : index == last ? range.max
			       : range.min + (int64_t)(index - 1) * range.step;
	*high = index == 0          ? range.min - 1
		: index == last     ? INT64_MAX
		: index == last - 1 ? range.max - 1
				    : *low + range.step - 1;
}
