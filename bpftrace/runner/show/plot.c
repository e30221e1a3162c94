/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A time series as a block of lines: the bounds of its values, and for each interval a point
 * between them.
 *
 *	             11                                                 23
 *	hh:mm:ss.ms  |___________________________________________________|
 *	19:27:47.600 *                                                   | 11
 *	19:27:47.700 |                *                                  | 15
 *	             v___________________________________________________v
 *	             11                                                 23
 */
#include "plot.h"

#include <inttypes.h>

#include "bpftrace/runner/data/wallclock.h"
#include "libcommon/base/attributes.h"
#include "libcommon/base/format.h"

enum {
	WIDTH = 51, /* between the borders */
	RIGHT = WIDTH + 1,
};

struct plot {
	int64_t low, high;
	const char *time_format, *time_header;
	unsigned digits; /* behind the second */
	size_t indent;   /* in front of the left border */
};

/* Times have as many digits as the interval needs. */
static void choose_times(struct plot *plot, uint64_t interval)
{
	static const struct {
		uint64_t unit;
		const char *header;
		unsigned digits;
	} precisions[] = {
		{1000000000, "hh:mm:ss", 0},
		{1000000, "hh:mm:ss.ms", 3},
		{1000, "hh:mm:ss.us", 6},
		{1, "hh:mm:ss.ns", 9},
	};
	size_t i = 0;

	while (interval % precisions[i].unit)
		i++;
	plot->time_header = precisions[i].header;
	plot->digits = precisions[i].digits;
	plot->indent = strlen("hh:mm:ss") + (plot->digits ? plot->digits + 1 : 0) + 1;
}

/* A single value is drawn in the middle. */
static struct plot plot_of(const struct series *series)
{
	struct plot plot = {.low = INT64_MAX, .high = INT64_MIN};

	for (size_t i = 0; i < series->count; i++) {
		const struct series_point *point = &series->points[i];

		if (!point->has_value)
			continue;
		plot.low = MIN(plot.low, point->value);
		plot.high = MAX(plot.high, point->value);
	}
	if (plot.low == plot.high) {
		plot.low -= plot.low > INT64_MIN;
		plot.high += plot.high < INT64_MAX;
	}
	choose_times(&plot, series->interval);
	return plot;
}

/* From 0, the left border, to RIGHT. */
static size_t column_of(const struct plot *plot, int64_t value)
{
	unsigned __int128 from_low = (uint64_t)value - (uint64_t)plot->low;
	uint64_t range = (uint64_t)plot->high - (uint64_t)plot->low;

	return (size_t)(from_low * RIGHT / range);
}

static void append_bounds(struct str *out, const struct plot *plot)
{
	_cleanup_str_ struct str low = STR_INIT, high = STR_INIT;
	size_t used;

	str_printf(&low, "%" PRId64, plot->low);
	str_printf(&high, "%" PRId64, plot->high);
	used = low.length + high.length;
	str_append_repeat(out, ' ', plot->indent);
	str_append(out, str_text(&low));
	str_append_repeat(out, ' ', used < RIGHT + 1 ? RIGHT + 1 - used : 1);
	str_append(out, str_text(&high));
	str_append_char(out, '\n');
}

static void append_border(struct str *out, char border)
{
	str_append_char(out, border);
	str_append_repeat(out, '_', WIDTH);
	str_append_char(out, border);
	str_append_char(out, '\n');
}

void plot_append_time(struct str *out, struct timespec when, unsigned digits)
{
	char fraction[16];

	wallclock_format("%H:%M:%S", when, out);
	if (!digits)
		return;
	snprintf(fraction, sizeof(fraction), "%09ld", when.tv_nsec);
	str_append_char(out, '.');
	str_append_bytes(out, fraction, digits);
}

static void append_row(struct str *out, const struct plot *plot, const struct series_point *point)
{
	bool crosses_zero = plot->low < 0 && plot->high > 0;
	size_t zero = crosses_zero ? column_of(plot, 0) : 0;
	size_t star = point->has_value ? column_of(plot, point->value) : RIGHT + 1;

	plot_append_time(out, point->begin, plot->digits);
	str_append_char(out, ' ');
	for (size_t i = 0; i <= RIGHT; i++) {
		bool is_border = i == 0 || i == RIGHT;

		str_append_char(out, i == star                   ? '*'
				     : is_border                 ? '|'
				     : crosses_zero && i == zero ? '.'
								 : ' ');
	}
	if (point->has_value)
		str_printf(out, " %" PRId64, point->value);
	str_append_char(out, '\n');
}

void plot_append(struct str *out, const struct series *series)
{
	struct plot plot = plot_of(series);

	if (!series->count)
		return;
	append_bounds(out, &plot);
	str_append(out, plot.time_header);
	str_append_repeat(out, ' ', plot.indent - strlen(plot.time_header));
	append_border(out, '|');
	for (size_t i = 0; i < series->count; i++)
		append_row(out, &plot, &series->points[i]);
	str_append_repeat(out, ' ', plot.indent);
	append_border(out, 'v');
	append_bounds(out, &plot);
}
