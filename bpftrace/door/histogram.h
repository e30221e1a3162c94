/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which bucket of a histogram a value belongs to: the compiler generates code that computes the
 * index, the runner labels the buckets. Both follow the functions here. Values are 64-bit integers,
 * signed or not; one histogram may count both, since it has buckets for what is below 0 and for
 *what is above INT64_MAX. Buckets are uint64 counters, bounds are inclusive on both sides.
 *
 * hist with k bits (0..HIST_BITS_MAX) has 2^k buckets for each power of two:
 *
 *	index 0                            negative values
 *	index 1 + v                        0 <= v < 2^k: one bucket per value
 *	index 1 + ((e - k) << k) + (v >> (e - k))   for others, where e is the position of the
 *	                                   highest bit of v
 *
 * so that k = 0 gives: negative, 0, 1, 2..3, 4..7, … 2^63..2^64-1, 66 in all. The second line's
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

#include <stdbool.h>
#include <stdint.h>

#define HIST_BITS_MAX 5

/* An upper bound of hist_bucket_count for any bits. */
#define HIST_BUCKETS_MAX (1 + ((65 - HIST_BITS_MAX) << HIST_BITS_MAX))

static inline uint32_t hist_bucket_count(uint32_t bits)
{
	return 1 + ((65 - bits) << bits);
}

static inline bool bucket_is_below(uint64_t value, bool is_signed)
{
	return is_signed && (int64_t)value < 0;
}

static inline uint32_t hist_bucket(uint32_t bits, uint64_t value, bool is_signed)
{
	if (bucket_is_below(value, is_signed))
		return 0;
	if (value < UINT64_C(1) << bits)
		return 1 + (uint32_t)value;

	uint32_t shift = 63 - (uint32_t)__builtin_clzll(value) - bits;

	return 1 + (shift << bits) + (uint32_t)(value >> shift);
}

/* The smallest and the largest value in the bucket index, 0 < index < hist_bucket_count(bits). */
static inline void hist_bucket_bounds(uint32_t bits, uint32_t index, uint64_t *low, uint64_t *high)
{
	index--;

	uint32_t row = index >> bits; /* 0 and 1 have one value per bucket */
	uint32_t shift = row > 1 ? row - 1 : 0;
	uint64_t first = (uint64_t)(index - (shift << bits)) << shift;

	*low = first;
	*high = first + (UINT64_C(1) << shift) - 1;
}

/* The arguments of lhist(n, min, max, step): min < max, step > 0. */
struct lhist_range {
	uint64_t min, max, step;
};

static inline uint64_t lhist_bucket_count(struct lhist_range range)
{
	uint64_t width = range.max - range.min;

	return 2 + width / range.step + (width % range.step != 0);
}

static inline uint64_t lhist_bucket(struct lhist_range range, uint64_t value, bool is_signed)
{
	if (bucket_is_below(value, is_signed) || value < range.min)
		return 0;
	if (value >= range.max)
		return lhist_bucket_count(range) - 1;
	return 1 + (value - range.min) / range.step;
}

/* For index > 0; below the first bucket is all that is less than range.min. */
static inline void lhist_bucket_bounds(
	struct lhist_range range, uint64_t index, uint64_t *low, uint64_t *high)
{
	uint64_t last = lhist_bucket_count(range) - 1;

	*low = index == last ? range.max : range.min + (index - 1) * range.step;
	*high = index == last       ? UINT64_MAX
		: index == last - 1 ? range.max - 1
				    : *low + range.step - 1;
}
