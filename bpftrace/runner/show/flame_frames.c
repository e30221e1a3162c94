/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A picture of frames, in two forms. What is seen at first is drawn: of the same colour all frames
 * are one path of thick lines. All frames, for the script, are numbers: a stack that counted, in
 * the order in which the picture has them, is how many frames of the one before it are left, how
 * many follow, their names, and its count.
 */
#include <stdlib.h>

#include "flame_svg.h"
#include "libcommon/base/alloc.h"

enum {
	DRAWN_MAX = 8000, /* frames and texts that are drawn; more only by the script */
	TEXTS_MAX = 2000,
	CHARACTERS_WIDTH = 30, /* of a text that is worth it */
};

struct frames {
	const struct flame_picture *picture;
	struct flame_layout layout;
	double scale;
	uint32_t *order;  /* names of the tree, those of most frames first */
	uint32_t *number; /* where each stands in it */
	size_t names;     /* that have frames */
};

static const struct flame_name *name_of(
	const struct frames *frames, const struct flame_frame *frame)
{
	return frame->depth ? &frames->picture->tree->names.items[frame->name] : NULL;
}

static double width_of(const struct frames *frames, const struct flame_frame *frame)
{
	return (double)frame->total * frames->scale;
}

/* --- drawn frames --- */

/* The width, from least on, that so many frames have at most. */
static double width_limit(const struct frames *frames, double least, size_t most)
{
	const struct flame_frame *frame;
	size_t count;

	while (true) {
		count = 0;
		vec_for_each (&frames->layout.frames, frame)
			count += width_of(frames, frame) >= least;
		if (count <= most)
			return least;
		least *= 1.25;
	}
}

static double top_of(const struct frames *frames, const struct flame_frame *frame)
{
	return SVG_TOP + (frames->layout.depth - frame->depth) * SVG_ROW;
}

static double left_of(const struct frames *frames, const struct flame_frame *frame)
{
	return SVG_MARGIN + (double)frame->begin * frames->scale;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A line of a path behind the name of its class. */
static char *line_of(const struct frames *frames, const struct flame_frame *frame)
{
	struct str line = STR_INIT;
	double width = width_of(frames, frame);

	svg_append_style(&line, name_of(frames, frame));
	str_printf(&line, "M%.1f %gh%.1f", left_of(frames, frame),
		top_of(frames, frame) + (SVG_ROW - 1) / 2.0, width > 3 ? width - 0.5 : width);
	return str_take(&line);
}

static void append_paths(struct str *out, char *const *lines, size_t count)
{
	enum { CLASS = 2 };

	qsort((void *)lines, count, sizeof(*lines), compare_texts);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strncmp(lines[i], lines[i - 1], CLASS) != 0)
			str_printf(out, "%s<path class=\"%.*s\" d=\"", i ? "\"/>\n" : "", CLASS,
				lines[i]);
		str_append(out, lines[i] + CLASS);
	}
	if (count)
		str_append(out, "\"/>\n");
}

static void append_boxes(struct str *out, const struct frames *frames)
{
	double least = width_limit(frames, 1, DRAWN_MAX);
	const struct flame_frame *frame;
	VEC(char *) lines = {};
	char **line;

	vec_for_each (&frames->layout.frames, frame) {
		if (width_of(frames, frame) >= least)
			vec_push(&lines, line_of(frames, frame));
	}
	append_paths(out, lines.items, lines.count);
	vec_for_each (&lines, line)
		free(*line);
	vec_deinit(&lines);
}

static void append_texts(struct str *out, const struct frames *frames)
{
	double least = width_limit(frames, CHARACTERS_WIDTH, TEXTS_MAX);
	const struct flame_frame *frame;

	vec_for_each (&frames->layout.frames, frame) {
		const struct flame_name *name = name_of(frames, frame);
		double width = width_of(frames, frame);

		if (width < least)
			continue;
		str_printf(out, "<text x=\"%.1f\" y=\"%g\">", left_of(frames, frame) + 3,
			top_of(frames, frame) + 13);
		svg_append_fitting(out, name ? name->text : "all", width);
		str_append(out, "</text>\n");
	}
}

/* --- frames as numbers --- */

/* Digits that need no escape; those from BASE on say that another one follows. */
static void append_number(struct str *out, uint64_t number)
{
	static const char digits[] = "()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`"
				     "abcdefghijklmnopqrstuvwxyz{|}~";
	enum { BASE = (sizeof(digits) - 1) / 2 };

	for (; number >= BASE; number /= BASE)
		str_append_char(out, digits[BASE + number % BASE]);
	str_append_char(out, digits[number]);
}

static void append_stack(
	struct str *out, const struct frames *frames, size_t begin, size_t end, uint32_t depth)
{
	const struct flame_frame *frame = frames->layout.frames.items;

	append_number(out, begin < end ? depth + 1 - frame[begin].depth : 0);
	append_number(out, end - begin);
	for (size_t i = begin; i < end; i++)
		append_number(out, frames->number[frame[i].name]);
	append_number(out, frame[end - 1].self);
}

/* Begins of stacks that did not count by themselves belong to the next one. */
static void append_stacks(struct str *out, const struct frames *frames)
{
	const struct flame_frame *frame = frames->layout.frames.items;
	size_t begin = 1;
	uint32_t depth = 0;

	for (size_t i = 0; i < frames->layout.frames.count; i++) {
		if (!frame[i].self)
			continue;
		append_stack(out, frames, begin, i + 1, depth);
		begin = i + 1;
		depth = frame[i].depth;
	}
}

static void append_names(struct str *out, const struct frames *frames)
{
	for (size_t i = 0; i < frames->names; i++) {
		const struct flame_name *name =
			&frames->picture->tree->names.items[frames->order[i]];

		if (i)
			str_append_char(out, '\n');
		svg_append_style(out, name);
		svg_append_text(out, name->text);
	}
}

/* The most frequent ones have the shortest numbers. */
static int compare_counts(const void *a, const void *b, void *context)
{
	const uint32_t *counts = context;
	uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;

	if (counts[first] != counts[second])
		return counts[first] > counts[second] ? -1 : 1;
	return (first > second) - (first < second);
}

static void number_names(struct frames *frames)
{
	size_t count = frames->picture->tree->names.count;
	_cleanup_free_ uint32_t *counts = xcalloc(count + 1, sizeof(*counts));
	const struct flame_frame *frame;

	frames->order = xcalloc(count + 1, sizeof(*frames->order));
	frames->number = xcalloc(count + 1, sizeof(*frames->number));
	vec_for_each (&frames->layout.frames, frame)
		counts[frame->name] += frame->depth > 0;
	for (size_t i = 0; i < count; i++) {
		frames->order[i] = (uint32_t)i;
		frames->names += counts[i] > 0;
	}
	qsort_r(frames->order, count, sizeof(*frames->order), compare_counts, counts);
	for (size_t i = 0; i < count; i++)
		frames->number[frames->order[i]] = (uint32_t)i;
}

/* --- the picture --- */

/* A box and a word for each kind that there is, ended by the margin. */
static void append_legend(struct str *out, const struct frames *frames)
{
	static const char *const words[] = {[FRAME_KEY] = "key",
		[FRAME_USER] = "user",
		[FRAME_KERNEL] = "kernel",
		[FRAME_BUCKET] = "bucket"};
	TABLE_COMPLETE(words, NR_FRAME_KINDS);
	static const char *const styles[] = {[FRAME_KEY] = "k1",
		[FRAME_USER] = "u2",
		[FRAME_KERNEL] = "r2",
		[FRAME_BUCKET] = "b2"};
	TABLE_COMPLETE(styles, NR_FRAME_KINDS);
	enum { GAP = 14 };
	_cleanup_str_ struct str legend = STR_INIT;
	const struct flame_name *name;
	unsigned kinds = 0;
	int x = 0;

	vec_for_each (&frames->picture->tree->names, name)
		kinds |= 1u << name->kind;
	for (size_t i = 0; i < NR_FRAME_KINDS; i++) {
		if (!(kinds >> i & 1))
			continue;
		str_printf(&legend,
			"<rect class=\"%s\" x=\"%d\" y=\"8\" width=\"12\" height=\"12\" rx=\"2\"/>"
			"<text class=\"quiet\" x=\"%d\" y=\"18\">%s</text>\n",
			styles[i], x, x + 17, words[i]);
		x += 17 + 8 * (int)strlen(words[i]) + GAP;
	}
	x -= GAP;
	str_printf(out,
		"<g class=\"legend\" data-width=\"%d\" transform=\"translate(%d 0)\">\n%s</g>\n", x,
		SVG_WIDTH - SVG_MARGIN - x, str_text(&legend));
}

static void append_frames(struct str *out, const struct frames *frames)
{
	str_append(out, "<g class=\"static frames\">\n");
	append_boxes(out, frames);
	append_texts(out, frames);
	str_append(out, "</g>\n<metadata class=\"names\">");
	append_names(out, frames);
	str_append(out, "</metadata>\n<metadata class=\"stacks\">");
	append_stacks(out, frames);
	str_append(out, "</metadata>\n");
}

double flame_frames_append(struct str *out, const struct flame_picture *picture)
{
	struct frames frames = {
		.picture = picture, .layout = flame_tree_layout(picture->tree, false)};
	uint64_t total = frames.layout.frames.count ? frames.layout.frames.items[0].total : 0;
	double height = SVG_TOP + (frames.layout.depth + 1) * SVG_ROW;

	frames.scale = (SVG_WIDTH - 2 * SVG_MARGIN) / (double)MAX(total, UINT64_C(1));
	str_printf(out, " data-rows=\"%u\">\n", frames.layout.depth + 1);
	svg_append_title(out, picture->title, total);
	append_legend(out, &frames);
	number_names(&frames);
	append_frames(out, &frames);
	flame_layout_deinit(&frames.layout);
	free(frames.order);
	free(frames.number);
	return height;
}
