/* SPDX-License-Identifier: Apache-2.0 */
/* Time series: rings of slots (door/series.h), of which the last intervals are described. */
#include <errno.h>
#include <string.h>

#include "aggregate.h"
#include "bpftrace/door/series.h"
#include "libcommon/base/alloc.h"
#include "number.h"
#include "parameter.h"

static bool read_kind(const char *parameters, enum series_kind *ret)
{
	for (*ret = SERIES_LAST; *ret < NR_SERIES_KINDS; (*ret)++) {
		if (parameter_is(parameters, "aggregate", series_kind_name(*ret)))
			return true;
	}
	return false;
}

static struct error *read_series(
	const struct types *types, uint32_t type, struct aggregate *aggregate)
{
	const char *parameters = types_parameters(types, type);
	uint32_t form = types_form(types, type), slots = 0;
	size_t words;

	if (types_class(types, form) == TYPE_ARRAY)
		types_element(types, form, &slots);
	words = (size_t)slots * NR_SERIES_WORDS;
	if (slots == 0 || slots > SERIES_SLOTS_MAX ||
		types_size(types, form) != words * sizeof(uint64_t))
		return error_new(EINVAL, "a time series is not an array of slots");
	if (!parameter_number(parameters, "interval", &aggregate->interval) ||
		aggregate->interval == 0 || !read_kind(parameters, &aggregate->kind))
		return error_new(EINVAL, "a time series' interval is not given");
	aggregate->words = words;
	aggregate->is_signed = true;
	return NULL;
}

/* --- merging --- */

static bool replaces(enum series_kind kind, const uint64_t *sum, const uint64_t *part)
{
	if (part[SERIES_EPOCH] != sum[SERIES_EPOCH])
		return part[SERIES_EPOCH] > sum[SERIES_EPOCH];
	switch (kind) {
	case SERIES_LAST: return part[SERIES_EXTRA] > sum[SERIES_EXTRA];
	case SERIES_MAX: return (int64_t)part[SERIES_VALUE] > (int64_t)sum[SERIES_VALUE];
	case SERIES_MIN: return (int64_t)part[SERIES_VALUE] < (int64_t)sum[SERIES_VALUE];
	default: return false;
	}
}

static void merge_slot(enum series_kind kind, uint64_t *sum, const uint64_t *part)
{
	bool adds = kind == SERIES_AVG || kind == SERIES_SUM;

	if (replaces(kind, sum, part)) {
		memcpy(sum, part, NR_SERIES_WORDS * sizeof(*sum));
	} else if (adds && part[SERIES_EPOCH] == sum[SERIES_EPOCH]) {
		sum[SERIES_VALUE] += part[SERIES_VALUE];
		sum[SERIES_EXTRA] += part[SERIES_EXTRA];
	}
}

static void merge(const struct aggregate *aggregate, uint64_t *sum, const uint64_t *part)
{
	for (size_t i = 0; i < aggregate->words; i += NR_SERIES_WORDS)
		merge_slot(aggregate->kind, sum + i, part + i);
}

/* --- values --- */

static uint64_t value_of(const struct aggregate *aggregate, const uint64_t *slot)
{
	if (aggregate->kind != SERIES_AVG)
		return slot[SERIES_VALUE];
	return number_divide(slot[SERIES_VALUE], true, slot[SERIES_EXTRA]);
}

/* The newest slot; NULL when all are empty. */
static const uint64_t *newest(const struct aggregate *aggregate, const uint64_t *value)
{
	const uint64_t *found = NULL;

	for (size_t i = 0; i < aggregate->words; i += NR_SERIES_WORDS) {
		if (value[i + SERIES_EPOCH] > (found ? found[SERIES_EPOCH] : 0))
			found = value + i;
	}
	return found;
}

/* The number of the oldest interval that is still shown and has a value. */
static uint64_t oldest(const struct aggregate *aggregate, const uint64_t *value, uint64_t last)
{
	uint64_t slots = aggregate->words / NR_SERIES_WORDS, first = last;

	for (size_t i = 0; i < aggregate->words; i += NR_SERIES_WORDS) {
		uint64_t epoch = value[i + SERIES_EPOCH];

		if (epoch && epoch < first && last - epoch < slots)
			first = epoch;
	}
	return first;
}

static uint64_t order(const struct aggregate *aggregate, const uint64_t *value)
{
	const uint64_t *last = newest(aggregate, value);

	return last ? number_order(value_of(aggregate, last), true) : 0;
}

static void set_point(const struct aggregate *aggregate, const uint64_t *value, uint64_t epoch,
	uint64_t divisor, struct series_point *ret)
{
	uint64_t slots = aggregate->words / NR_SERIES_WORDS;
	const uint64_t *slot = value + (epoch - 1) % slots * NR_SERIES_WORDS;
	uint64_t begin = (epoch - 1) * aggregate->interval;

	ret->begin.tv_sec = (time_t)(begin / 1000000000);
	ret->begin.tv_nsec = (long)(begin % 1000000000);
	ret->has_value = slot[SERIES_EPOCH] == epoch;
	if (ret->has_value)
		ret->value = (int64_t)number_divide(value_of(aggregate, slot), true, divisor);
}

static void describe(const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor,
	struct sink *sink)
{
	const uint64_t *last = newest(aggregate, value);
	uint64_t first = last ? oldest(aggregate, value, last[SERIES_EPOCH]) : 0;
	size_t count = last ? last[SERIES_EPOCH] - first + 1 : 0;
	_cleanup_free_ struct series_point *points = xcalloc(count + 1, sizeof(*points));
	struct series series = {.points = points, .count = count, .interval = aggregate->interval};

	for (size_t i = 0; i < count; i++)
		set_point(aggregate, value, first + i, divisor, &points[i]);
	sink->ops->series(sink, &series);
}

const struct aggregate_ops series_ops = {
	.shape = SHAPE_SERIES,
	.read = read_series,
	.merge = merge,
	.order = order,
	.describe = describe,
};
