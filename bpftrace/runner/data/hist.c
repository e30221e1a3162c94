/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Histograms: arrays of 64-bit counters, whose buckets door/histogram.h defines. A divisor applies
 * to the counters.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "aggregate.h"
#include "libcommon/base/alloc.h"
#include "number.h"
#include "parameter.h"

static struct bucket hist_bounds(const struct aggregate *aggregate, size_t index)
{
	struct bucket bucket = {.no_low = index == 0, .high = UINT64_MAX};

	if (index)
		hist_bucket_bounds(aggregate->bits, (uint32_t)index, &bucket.low, &bucket.high);
	bucket.is_single = index && bucket.low == bucket.high;
	return bucket;
}

static struct bucket lhist_bounds(const struct aggregate *aggregate, size_t index)
{
	struct bucket bucket = {
		.no_low = index == 0,
		.high = aggregate->range.min - 1,
		.no_high = index == aggregate->words - 1,
	};

	if (index)
		lhist_bucket_bounds(aggregate->range, index, &bucket.low, &bucket.high);
	return bucket;
}

typedef struct bucket bounds_fn(const struct aggregate *aggregate, size_t index);

/* --- type --- */

static struct error *read_buckets(
	const struct types *types, uint32_t type, uint64_t buckets, struct aggregate *aggregate)
{
	uint32_t form = types_form(types, type);
	uint32_t count = 0;

	if (types_class(types, form) != TYPE_ARRAY)
		return error_new(EINVAL, "a histogram is not an array");
	types_element(types, form, &count);
	if (count != buckets || types_size(types, form) != buckets * sizeof(uint64_t))
		return error_new(EINVAL, "a histogram of %" PRIu64 " buckets has an array of %u",
			buckets, count);
	aggregate->words = count;
	return NULL;
}

static struct error *read_hist(
	const struct types *types, uint32_t type, struct aggregate *aggregate)
{
	uint64_t bits = 0;

	if (!parameter_number(types_parameters(types, type), "bits", &bits) || bits > HIST_BITS_MAX)
		return error_new(EINVAL, "a histogram's bits are not given");
	aggregate->bits = (uint32_t)bits;
	return read_buckets(types, type, hist_bucket_count(aggregate->bits), aggregate);
}

static struct error *read_lhist(
	const struct types *types, uint32_t type, struct aggregate *aggregate)
{
	const char *list = types_parameters(types, type);
	struct lhist_range *range = &aggregate->range;

	if (!parameter_number(list, "min", &range->min) ||
		!parameter_number(list, "max", &range->max) ||
		!parameter_number(list, "step", &range->step) || range->max <= range->min ||
		!range->step)
		return error_new(EINVAL, "a histogram's range is not given");
	return read_buckets(types, type, lhist_bucket_count(*range), aggregate);
}

/* --- values --- */

static uint64_t order(const struct aggregate *aggregate, const uint64_t *value)
{
	uint64_t total = 0;

	for (size_t i = 0; i < aggregate->words; i++)
		total += value[i];
	return total;
}

/* The buckets to describe: begin..end without end, and the largest counter of all. */
struct extent {
	size_t begin, end;
	uint64_t largest;
};

static struct extent extent(const struct aggregate *aggregate, const uint64_t *value)
{
	struct extent extent = {.begin = aggregate->words};

	for (size_t i = 0; i < aggregate->words; i++) {
		if (!value[i])
			continue;
		if (extent.begin == aggregate->words)
			extent.begin = i;
		extent.end = i + 1;
		extent.largest = MAX(extent.largest, value[i]);
	}
	return extent;
}

static void describe(const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor,
	bounds_fn *bounds, bool has_units, struct sink *sink)
{
	struct extent shown = extent(aggregate, value);
	size_t count = shown.end > shown.begin ? shown.end - shown.begin : 0;
	_cleanup_free_ struct bucket *buckets = xcalloc(count + 1, sizeof(*buckets));
	struct histogram histogram = {
		.buckets = buckets,
		.count = count,
		.largest = shown.largest,
		.has_units = has_units,
	};

	for (size_t i = 0; i < count; i++) {
		uint64_t events = value[shown.begin + i];

		buckets[i] = bounds(aggregate, shown.begin + i);
		buckets[i].events = events;
		buckets[i].count = number_divide(events, false, divisor);
	}
	sink->ops->histogram(sink, &histogram);
}

static void describe_hist(const struct aggregate *aggregate, const uint64_t *value,
	uint64_t divisor, struct sink *sink)
{
	describe(aggregate, value, divisor, hist_bounds, true, sink);
}

static void describe_lhist(const struct aggregate *aggregate, const uint64_t *value,
	uint64_t divisor, struct sink *sink)
{
	describe(aggregate, value, divisor, lhist_bounds, false, sink);
}

const struct aggregate_ops hist_ops = {
	.shape = SHAPE_HISTOGRAM,
	.read = read_hist,
	.merge = aggregate_add,
	.order = order,
	.describe = describe_hist,
};

const struct aggregate_ops lhist_ops = {
	.shape = SHAPE_HISTOGRAM,
	.read = read_lhist,
	.merge = aggregate_add,
	.order = order,
	.describe = describe_lhist,
};
