/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures of profiles as one SVG document, which needs nothing else and can be used without its
 * script: that draws the frames anew, to zoom and search. Positions and digits of numbers are those
 * of flame.js.
 */
#pragma once

#include "flame_tree.h"

enum {
	SVG_WIDTH = 1200, /* before the script adapts it to the window */
	SVG_MARGIN = 16,
	SVG_TOP = 50, /* of a picture: its title and a line about it */
	SVG_ROW = 18,
};

struct flame_picture {
	const char *title;
	const struct flame_tree *tree;
	bool is_histogram; /* drawn as bars unless it has stacks */
};

/* Appends a document with these pictures; without any, with a sentence about that. */
void flame_svg_append(struct str *out, const struct flame_picture *pictures, size_t count);

/* --- what draws a picture --- */

/* Appends what goes between the tags of a group, from 0 downwards, and returns its height. */
double flame_frames_append(struct str *out, const struct flame_picture *picture);
double flame_bars_append(struct str *out, const struct flame_picture *picture);

/* Whether there is a frame that is no stack's: a histogram by anything else. */
bool flame_has_stacks(const struct flame_tree *tree);

/* Appends a text, escaped for XML; the printable part of one that fits the width; a number with
 * commas; title and subtitle of a picture. */
void svg_append_text(struct str *out, const char *text);
void svg_append_fitting(struct str *out, const char *text, double width);
void svg_append_count(struct str *out, uint64_t count);
void svg_append_title(struct str *out, const char *title, uint64_t total);

/* Appends the name of a class, by which a frame has its colour; NULL: the root. */
void svg_append_style(struct str *out, const struct flame_name *name);

/* flame.css and flame.js */
extern const char flame_css[], flame_js[];
