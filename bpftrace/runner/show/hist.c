/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Histograms: arrays of 64-bit counters, whose buckets door/histogram.h defines. Shown are the
 * buckets from the first to the last that counted anything. Bounds of power-of-two histograms are
 * written with the largest unit (K = 1024, M, G, T, P, E) that divides them; a divisor applies to
 * the counters.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate.h"
#include "number.h"

enum {
	LABEL_WIDTH = 16,
	BAR_WIDTH = 52,
};

/* A bucket's first and last value. */
struct bounds {
	int64_t low, high;
	bool no_low, no_high; /* there is none */
	bool single;          /* of one value, and labelled so */
};

static struct bounds hist_bounds(const struct aggregate *aggregate, size_t index)
{
	struct bounds bounds = {.no_low = index == 0};

	hist_bucket_bounds(aggregate->bits, (uint32_t)index, &bounds.low, &bounds.high);
	bounds.single = bounds.low == bounds.high;
	return bounds;
}

static struct bounds lhist_bounds(const struct aggregate *aggregate, size_t index)
{
	struct bounds bounds = {.no_low = index == 0, .no_high = index == aggregate->words - 1};

	lhist_bucket_bounds(aggregate->range, index, &bounds.low, &bounds.high);
	return bounds;
}

typedef struct bounds bounds_fn(const struct aggregate *aggregate, size_t index);

/* --- type --- */

/* "name=NUMBER" in a list like "min=0,max=10,step=2". */
static bool parameter(const char *list, const char *name, int64_t *ret)
{
	size_t length = strlen(name);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, name, length) != 0 || at[length] != '=')
			continue;

		char *end;

		errno = 0;
		*ret = strtoll(at + length + 1, &end, 10);
		return errno == 0 && end != at + length + 1 && (*end == ',' || *end == '\0');
	}
	return false;
}

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
	int64_t bits = 0;

	if (!parameter(types_parameters(types, type), "bits", &bits) || bits < 0 ||
		bits > HIST_BITS_MAX)
		return error_new(EINVAL, "a histogram's bits are not given");
	aggregate->bits = (uint32_t)bits;
	return read_buckets(types, type, hist_bucket_count(aggregate->bits), aggregate);
}

static struct error *read_lhist(
	const struct types *types, uint32_t type, struct aggregate *aggregate)
{
	const char *list = types_parameters(types, type);
	struct lhist_range *range = &aggregate->range;

	if (!parameter(list, "min", &range->min) || !parameter(list, "max", &range->max) ||
		!parameter(list, "step", &range->step) || range->min < 0 ||
		range->max <= range->min || range->step <= 0)
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

/* The buckets to show: begin..end without end, and the largest counter of all. */
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

/* --- text --- */

static void append_plain(struct str *out, uint64_t bound)
{
	number_append(out, bound, false);
}

static void append_with_unit(struct str *out, uint64_t bound)
{
	static const char units[] = "KMGTPE";
	const char *unit = NULL;

	for (; bound && bound % 1024 == 0; bound /= 1024)
		unit = unit ? unit + 1 : units;
	number_append(out, bound, false);
	if (unit)
		str_append_char(out, *unit);
}

typedef void append_fn(struct str *out, uint64_t bound);

/* "(..., 0)", "[5]", "[8, 16)" or "[10, ...)": the upper bound shown is excluded. */
static void append_label(struct str *out, struct bounds bounds, append_fn *append)
{
	if (bounds.no_low) {
		str_append(out, "(..., ");
		append(out, (uint64_t)bounds.high + 1);
		str_append_char(out, ')');
		return;
	}
	str_append_char(out, '[');
	append(out, (uint64_t)bounds.low);
	if (bounds.no_high) {
		str_append(out, ", ...)");
		return;
	}
	if (bounds.single) {
		str_append_char(out, ']');
		return;
	}
	str_append(out, ", ");
	append(out, (uint64_t)bounds.high + 1);
	str_append_char(out, ')');
}

static void append_bar(struct str *out, uint64_t count, uint64_t largest)
{
	size_t filled = (size_t)((unsigned __int128)count * BAR_WIDTH / largest);

	str_append(out, " |");
	str_append_repeat(out, '@', filled);
	str_append_repeat(out, ' ', BAR_WIDTH - filled);
	str_append(out, "|\n");
}

static void append_lines(const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor,
	bounds_fn *bounds, append_fn *append, struct str *out)
{
	struct extent shown = extent(aggregate, value);

	for (size_t i = shown.begin; i < shown.end; i++) {
		size_t start = out->length;

		append_label(out, bounds(aggregate, i), append);

		size_t length = out->length - start;

		if (length < LABEL_WIDTH)
			str_append_repeat(out, ' ', LABEL_WIDTH - length);
		str_printf(out, "%8" PRIu64, number_divide(value[i], false, divisor));
		append_bar(out, value[i], shown.largest);
	}
}

static void hist_text(
	const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor, struct str *out)
{
	append_lines(aggregate, value, divisor, hist_bounds, append_with_unit, out);
}

static void lhist_text(
	const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor, struct str *out)
{
	append_lines(aggregate, value, divisor, lhist_bounds, append_plain, out);
}

/* --- JSON --- */

static void append_objects(const struct aggregate *aggregate, const uint64_t *value,
	uint64_t divisor, bounds_fn *bounds, struct str *out)
{
	struct extent shown = extent(aggregate, value);

	str_append_char(out, '[');
	for (size_t i = shown.begin; i < shown.end; i++) {
		struct bounds its = bounds(aggregate, i);

		str_append(out, i > shown.begin ? ", {" : "{");
		if (!its.no_low)
			str_printf(out, "\"min\": %" PRId64 ", ", its.low);
		if (!its.no_high)
			str_printf(out, "\"max\": %" PRId64 ", ", its.high);
		str_printf(out, "\"count\": %" PRIu64 "}", number_divide(value[i], false, divisor));
	}
	str_append_char(out, ']');
}

static void hist_json(
	const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor, struct str *out)
{
	append_objects(aggregate, value, divisor, hist_bounds, out);
}

static void lhist_json(
	const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor, struct str *out)
{
	append_objects(aggregate, value, divisor, lhist_bounds, out);
}

const struct aggregate_row hist_row = {
	.kind = "hist",
	.block = true,
	.read = read_hist,
	.merge = aggregate_add,
	.order = order,
	.text = hist_text,
	.json = hist_json,
};

const struct aggregate_row lhist_row = {
	.kind = "hist",
	.block = true,
	.read = read_lhist,
	.merge = aggregate_add,
	.order = order,
	.text = lhist_text,
	.json = lhist_json,
};
