/* SPDX-License-Identifier: Apache-2.0 */
/* A picture of histograms: for each key its name, and a bar for each bucket. The largest come
 * first. */
#include <inttypes.h>
#include <stdlib.h>

#include "flame_svg.h"
#include "libcommon/base/alloc.h"

enum {
	CHARTS_MAX = 100,
	LABELS = 150, /* where those of the bars end */
	BARS = 400,   /* the longest */
};

struct chart {
	const struct flame_frame *key; /* the last frame of it */
	const struct flame_frame *buckets;
	size_t count;
};

struct bars {
	const struct flame_picture *picture;
	struct flame_layout layout;
	VEC(struct chart) charts;
	double y;
};

static const struct flame_name *name_of(const struct bars *bars, const struct flame_frame *frame)
{
	return frame->depth ? &bars->picture->tree->names.items[frame->name] : NULL;
}

static bool is_bucket(const struct bars *bars, const struct flame_frame *frame)
{
	const struct flame_name *name = name_of(bars, frame);

	return name && name->kind == FRAME_BUCKET;
}

/* Buckets call nothing, so all of a chart stand behind its key. */
static void find_charts(struct bars *bars)
{
	const struct flame_frame *frame = bars->layout.frames.items;

	for (size_t i = 1; i < bars->layout.frames.count; i++) {
		if (!is_bucket(bars, &frame[i]))
			continue;
		if (!is_bucket(bars, &frame[i - 1]))
			vec_push(&bars->charts, ((struct chart){&frame[i - 1], &frame[i], 0}));
		vec_last(&bars->charts)->count++;
	}
}

/* Frames of one layout stand in its order. */
static int compare_charts(const void *a, const void *b)
{
	const struct chart *first = a, *second = b;

	if (first->key->total != second->key->total)
		return first->key->total > second->key->total ? -1 : 1;
	return (first->key > second->key) - (first->key < second->key);
}

/* The key's parts with commas between them: the frames that lead to it. */
static void append_key(struct str *out, const struct bars *bars, const struct chart *chart)
{
	const struct flame_frame *path[64] = {};
	uint32_t wanted = chart->key->depth;

	for (const struct flame_frame *frame = chart->key; wanted; frame--) {
		if (frame->depth != wanted)
			continue;
		if (wanted <= ARRAY_SIZE(path))
			path[wanted - 1] = frame;
		wanted--;
	}
	for (size_t i = 0; i < ARRAY_SIZE(path) && path[i]; i++) {
		if (i)
			str_append(out, ", ");
		str_append(out, name_of(bars, path[i])->text);
	}
}

static void append_bar(struct str *out, const struct bars *bars, const struct flame_frame *bucket,
	uint64_t largest)
{
	const struct flame_name *name = name_of(bars, bucket);
	double width = (double)bucket->total / (double)MAX(largest, UINT64_C(1)) * BARS;

	str_printf(out, "<text class=\"number\" x=\"%d\" y=\"%g\">", LABELS, bars->y + 13);
	svg_append_text(out, name->text);
	str_printf(out,
		"</text><rect class=\"b2\" x=\"%d\" y=\"%g\" width=\"%.1f\" height=\"%d\" "
		"rx=\"2\"><title>",
		LABELS + 10, bars->y + 1, bucket->total ? MAX(width, 1.0) : 0.0, SVG_ROW - 3);
	svg_append_text(out, name->text);
	str_printf(out, ": %" PRIu64 "</title></rect><text x=\"%.1f\" y=\"%g\">", bucket->total,
		LABELS + 18 + width, bars->y + 13);
	svg_append_count(out, bucket->total);
	str_append(out, "</text>\n");
}

static void append_chart(struct str *out, struct bars *bars, const struct chart *chart)
{
	enum { TITLE = 24, GAP = 14 };
	_cleanup_str_ struct str key = STR_INIT;
	uint64_t largest = 0;

	append_key(&key, bars, chart);
	str_printf(out, "<text class=\"title\" x=\"%d\" y=\"%g\">", SVG_MARGIN, bars->y + 14);
	svg_append_fitting(out, str_text(&key), SVG_WIDTH - 2 * SVG_MARGIN);
	str_append(out, "</text>\n");
	bars->y += TITLE;
	for (size_t i = 0; i < chart->count; i++)
		largest = MAX(largest, chart->buckets[i].total);
	for (size_t i = 0; i < chart->count; i++) {
		append_bar(out, bars, &chart->buckets[i], largest);
		bars->y += SVG_ROW;
	}
	bars->y += GAP;
}

static void append_rest(struct str *out, struct bars *bars)
{
	if (bars->charts.count <= CHARTS_MAX)
		return;
	str_printf(out,
		"<text class=\"quiet\" x=\"%d\" y=\"%g\">%zu smaller histograms are not "
		"drawn.</text>\n",
		SVG_MARGIN, bars->y + 14, bars->charts.count - CHARTS_MAX);
	bars->y += SVG_ROW;
}

double flame_bars_append(struct str *out, const struct flame_picture *picture)
{
	struct bars bars = {
		.picture = picture,
		.layout = flame_tree_layout(picture->tree, true),
		.y = SVG_TOP,
	};

	find_charts(&bars);
	if (bars.charts.count)
		qsort(bars.charts.items, bars.charts.count, sizeof(*bars.charts.items),
			compare_charts);
	str_append(out, ">\n");
	svg_append_title(out, picture->title,
		bars.layout.frames.count ? bars.layout.frames.items[0].total : 0);
	for (size_t i = 0; i < MIN(bars.charts.count, (size_t)CHARTS_MAX); i++)
		append_chart(out, &bars, &bars.charts.items[i]);
	append_rest(out, &bars);
	vec_deinit(&bars.charts);
	flame_layout_deinit(&bars.layout);
	return bars.y;
}
