/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The aggregations whose values are a few numbers. Their forms (meanings.def) are structs of one or
 * up to three 64-bit words: COUNT and SUM {number}, MIN and MAX {rank, set}, AVG and STATS
 * {count, total}, or {count, low, high} where the numbers are unsigned.
 */
#include "aggregate.h"

#include <errno.h>

#include "bpftrace/door/extreme.h"
#include "number.h"

/* Checks that the form is a struct of words. */
static struct error *read_struct(
	const struct types *types, uint32_t type, uint32_t words, struct aggregate *aggregate)
{
	uint32_t form = types_form(types, type);

	if (types_class(types, form) != TYPE_STRUCT || types_member_count(types, form) != words ||
		types_size(types, form) != words * sizeof(uint64_t))
		return error_new(EINVAL, "%s is not a struct of %u numbers",
			meaning_name(types_meaning_of(types, type)), words);
	aggregate->words = words;
	aggregate->is_signed = !types_aggregates_unsigned(types, type);
	return NULL;
}

/* --- count, sum --- */

static struct error *read_number(
	const struct types *types, uint32_t type, struct aggregate *aggregate)
{
	return read_struct(types, type, 1, aggregate);
}

void aggregate_add(const struct aggregate *aggregate, uint64_t *sum, const uint64_t *part)
{
	for (size_t i = 0; i < aggregate->words; i++)
		sum[i] += part[i];
}

static uint64_t order_number(const struct aggregate *aggregate, const uint64_t *value)
{
	return number_order(value[0], aggregate->is_signed);
}

static void describe_signed(
	const struct aggregate *aggregate, uint64_t number, uint64_t divisor, struct sink *sink)
{
	sink->ops->integer(
		sink, number_divide(number, aggregate->is_signed, divisor), aggregate->is_signed);
}

static void describe_number(const struct aggregate *aggregate, const uint64_t *value,
	uint64_t divisor, struct sink *sink)
{
	describe_signed(aggregate, value[0], divisor, sink);
}

static bool total_of_word(
	const struct aggregate *aggregate, uint64_t word, uint64_t divisor, uint64_t *ret)
{
	if (aggregate->is_signed && (int64_t)word < 0)
		return false;
	*ret = number_divide(word, aggregate->is_signed, divisor);
	return true;
}

static bool total_of_number(
	const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor, uint64_t *ret)
{
	return total_of_word(aggregate, value[0], divisor, ret);
}

static const struct aggregate_ops number_ops = {
	.shape = SHAPE_PLAIN,
	.read = read_number,
	.merge = aggregate_add,
	.order = order_number,
	.describe = describe_number,
	.total = total_of_number,
};

/* --- min, max --- */

enum extreme {
	EXTREME_RANK,
	EXTREME_SET,
	NR_EXTREME,
};

static struct error *read_extreme(
	const struct types *types, uint32_t type, struct aggregate *aggregate)
{
	struct error *error = read_struct(types, type, NR_EXTREME, aggregate);

	aggregate->mask =
		extreme_mask(types_has_meaning(types, type, MEANING_MIN), aggregate->is_signed);
	return error;
}

static void merge_extreme(
	const struct aggregate *aggregate _unused_, uint64_t *sum, const uint64_t *part)
{
	sum[EXTREME_RANK] = MAX(sum[EXTREME_RANK], part[EXTREME_RANK]);
	sum[EXTREME_SET] |= part[EXTREME_SET];
}

static uint64_t extreme_value(const struct aggregate *aggregate, const uint64_t *value)
{
	return value[EXTREME_SET] ? value[EXTREME_RANK] ^ aggregate->mask : 0;
}

static uint64_t order_extreme(const struct aggregate *aggregate, const uint64_t *value)
{
	return number_order(extreme_value(aggregate, value), aggregate->is_signed);
}

static void describe_extreme(const struct aggregate *aggregate, const uint64_t *value,
	uint64_t divisor, struct sink *sink)
{
	describe_signed(aggregate, extreme_value(aggregate, value), divisor, sink);
}

static const struct aggregate_ops extreme_ops = {
	.shape = SHAPE_PLAIN,
	.read = read_extreme,
	.merge = merge_extreme,
	.order = order_extreme,
	.describe = describe_extreme,
};

/* --- avg, stats --- */

enum average {
	AVERAGE_COUNT,
	AVERAGE_TOTAL,
	NR_AVERAGE,
	AVERAGE_LOW = AVERAGE_TOTAL, /* sums of the lower and the upper halves of the values */
	AVERAGE_HIGH,
	NR_AVERAGE_UNSIGNED,
};

static struct error *read_average(
	const struct types *types, uint32_t type, struct aggregate *aggregate)
{
	bool is_unsigned = types_aggregates_unsigned(types, type);

	return read_struct(types, type, is_unsigned ? NR_AVERAGE_UNSIGNED : NR_AVERAGE, aggregate);
}

/* May take more than 64 bits where the numbers are unsigned. */
static unsigned __int128 total(const struct aggregate *aggregate, const uint64_t *value)
{
	if (aggregate->is_signed)
		return value[AVERAGE_TOTAL];
	return ((unsigned __int128)value[AVERAGE_HIGH] << 32) + value[AVERAGE_LOW];
}

static uint64_t average(const struct aggregate *aggregate, const uint64_t *value)
{
	uint64_t count = value[AVERAGE_COUNT];

	if (aggregate->is_signed)
		return number_divide(value[AVERAGE_TOTAL], true, count);
	return count ? (uint64_t)(total(aggregate, value) / count) : 0;
}

static uint64_t order_average(const struct aggregate *aggregate, const uint64_t *value)
{
	return number_order(average(aggregate, value), aggregate->is_signed);
}

static void describe_average(const struct aggregate *aggregate, const uint64_t *value,
	uint64_t divisor, struct sink *sink)
{
	describe_signed(aggregate, average(aggregate, value), divisor, sink);
}

/* The divisor is for what was measured, not for how often. */
static void describe_stats(const struct aggregate *aggregate, const uint64_t *value,
	uint64_t divisor, struct sink *sink)
{
	sink->ops->begin(sink, SINK_FIELDS);
	sink->ops->item(sink, SINK_FIELDS, 0, "count");
	sink->ops->integer(sink, value[AVERAGE_COUNT], false);
	sink->ops->item(sink, SINK_FIELDS, 1, "average");
	describe_average(aggregate, value, divisor, sink);
	sink->ops->item(sink, SINK_FIELDS, 2, "total");
	describe_signed(aggregate, (uint64_t)total(aggregate, value), divisor, sink);
	sink->ops->end(sink, SINK_FIELDS);
}

static bool total_of_average(
	const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor, uint64_t *ret)
{
	unsigned __int128 sum = total(aggregate, value);

	return total_of_word(
		aggregate, sum > UINT64_MAX ? UINT64_MAX : (uint64_t)sum, divisor, ret);
}

static const struct aggregate_ops avg_ops = {
	.shape = SHAPE_STATS,
	.read = read_average,
	.merge = aggregate_add,
	.order = order_average,
	.describe = describe_average,
	.total = total_of_average,
};

static const struct aggregate_ops stats_ops = {
	.shape = SHAPE_STATS,
	.read = read_average,
	.merge = aggregate_add,
	.order = order_average,
	.describe = describe_stats,
	.total = total_of_average,
};

#define ROWS                                                                                       \
	ROW(COUNT, number_ops)                                                                     \
	ROW(SUM, number_ops)                                                                       \
	ROW(MIN, extreme_ops)                                                                      \
	ROW(MAX, extreme_ops)                                                                      \
	ROW(AVG, avg_ops)                                                                          \
	ROW(STATS, stats_ops)                                                                      \
	ROW(HIST, hist_ops)                                                                        \
	ROW(LHIST, lhist_ops)                                                                      \
	ROW(TSERIES, series_ops)

static const struct aggregate_ops *const rows[NR_MEANINGS] = {
#define ROW(NAME, ops) [MEANING_##NAME] = &ops,
	ROWS
#undef ROW
};

/* Sets of meanings, a bit each. */
enum {
#define ROW(NAME, ops) | (1 << MEANING_##NAME)
	WITH_ROW = 0 ROWS,
#undef ROW
	AGGREGATIONS = 0
#define MEANING(NAME, name, reading, doc) | ((reading != READS_ITSELF) << MEANING_##NAME)
#include "libcommon/types/meanings.def"
#undef MEANING
};
_Static_assert(WITH_ROW == AGGREGATIONS, "ROWS are not the aggregations of meanings.def");

struct error *aggregate_find(const struct types *types, uint32_t type, struct aggregate *ret)
{
	struct aggregate aggregate = {};

	if (types_class(types, type) == TYPE_MEANING)
		aggregate.ops = rows[types_meaning_of(types, type)];
	if (aggregate.ops) {
		struct error *error = aggregate.ops->read(types, type, &aggregate);

		if (error)
			return error;
	}
	*ret = aggregate;
	return NULL;
}
