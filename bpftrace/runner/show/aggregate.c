/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The aggregations whose values are a few numbers. Their forms (named.def) are structs of one or
 * two 64-bit words: COUNT and SUM {number}, MIN and MAX {rank, set}, AVG and STATS {count, total}.
 */
#include "aggregate.h"

#include <errno.h>

#include "bpftrace/door/extreme.h"
#include "number.h"

/* Checks that the form is a struct of words; number is the index of the one whose signedness
 * counts.
 */
static struct error *read_struct(const struct types *types, uint32_t type, uint32_t words,
	uint32_t number, struct aggregate *aggregate)
{
	uint32_t form = types_form(types, type);

	if (types_class(types, form) != TYPE_STRUCT || types_member_count(types, form) != words ||
		types_size(types, form) != words * sizeof(uint64_t))
		return error_new(EINVAL, "%s is not a struct of %u numbers",
			named_name(types_named_kind(types, type)), words);
	aggregate->words = words;
	aggregate->is_signed = types_is_signed(types, types_member_at(types, form, number).type);
	return NULL;
}

/* --- count, sum --- */

static struct error *read_number(
	const struct types *types, uint32_t type, struct aggregate *aggregate)
{
	return read_struct(types, type, 1, 0, aggregate);
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

/* The same in text and JSON. */
static void show_number(
	const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor, struct str *out)
{
	number_append(
		out, number_divide(value[0], aggregate->is_signed, divisor), aggregate->is_signed);
}

static const struct aggregate_row number_row = {
	.kind = "map",
	.read = read_number,
	.merge = aggregate_add,
	.order = order_number,
	.text = show_number,
	.json = show_number,
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
	struct error *error = read_struct(types, type, NR_EXTREME, EXTREME_RANK, aggregate);

	aggregate->mask = extreme_mask(types_is_named(types, type, NAMED_MIN));
	aggregate->is_signed = true;
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
	return number_order(extreme_value(aggregate, value), true);
}

static void show_extreme(
	const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor, struct str *out)
{
	number_append(out, number_divide(extreme_value(aggregate, value), true, divisor), true);
}

static const struct aggregate_row extreme_row = {
	.kind = "map",
	.read = read_extreme,
	.merge = merge_extreme,
	.order = order_extreme,
	.text = show_extreme,
	.json = show_extreme,
};

/* --- avg, stats --- */

enum average {
	AVERAGE_COUNT,
	AVERAGE_TOTAL,
	NR_AVERAGE,
};

static struct error *read_average(
	const struct types *types, uint32_t type, struct aggregate *aggregate)
{
	return read_struct(types, type, NR_AVERAGE, AVERAGE_TOTAL, aggregate);
}

static uint64_t average(const struct aggregate *aggregate, const uint64_t *value)
{
	return number_divide(value[AVERAGE_TOTAL], aggregate->is_signed, value[AVERAGE_COUNT]);
}

static uint64_t order_average(const struct aggregate *aggregate, const uint64_t *value)
{
	return number_order(average(aggregate, value), aggregate->is_signed);
}

static void show_average(
	const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor, struct str *out)
{
	uint64_t number = average(aggregate, value);

	number_append(
		out, number_divide(number, aggregate->is_signed, divisor), aggregate->is_signed);
}

/* The three numbers, each behind its label; the divisor is for what was measured, not for how
 * often. */
static void show_stats(const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor,
	const char *const labels[3], struct str *out)
{
	str_append(out, labels[0]);
	number_append(out, value[AVERAGE_COUNT], false);
	str_append(out, labels[1]);
	show_average(aggregate, value, divisor, out);
	str_append(out, labels[2]);
	show_number(aggregate, &value[AVERAGE_TOTAL], divisor, out);
}

static void stats_text(
	const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor, struct str *out)
{
	static const char *const labels[] = {"count ", ", average ", ", total "};

	show_stats(aggregate, value, divisor, labels, out);
}

static void stats_json(
	const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor, struct str *out)
{
	static const char *const labels[] = {"{\"count\": ", ", \"average\": ", ", \"total\": "};

	show_stats(aggregate, value, divisor, labels, out);
	str_append_char(out, '}');
}

static const struct aggregate_row avg_row = {
	.kind = "stats",
	.read = read_average,
	.merge = aggregate_add,
	.order = order_average,
	.text = show_average,
	.json = show_average,
};

static const struct aggregate_row stats_row = {
	.kind = "stats",
	.read = read_average,
	.merge = aggregate_add,
	.order = order_average,
	.text = stats_text,
	.json = stats_json,
};

static const struct aggregate_row *const rows[NR_NAMED] = {
	[NAMED_COUNT] = &number_row,
	[NAMED_SUM] = &number_row,
	[NAMED_MIN] = &extreme_row,
	[NAMED_MAX] = &extreme_row,
	[NAMED_AVG] = &avg_row,
	[NAMED_STATS] = &stats_row,
	[NAMED_HIST] = &hist_row,
	[NAMED_LHIST] = &lhist_row,
};

struct error *aggregate_find(const struct types *types, uint32_t type, struct aggregate *ret)
{
	struct aggregate aggregate = {};

	if (types_class(types, type) == TYPE_NAMED)
		aggregate.row = rows[types_named_kind(types, type)];
	if (aggregate.row) {
		struct error *error = aggregate.row->read(types, type, &aggregate);

		if (error)
			return error;
	}
	*ret = aggregate;
	return NULL;
}
