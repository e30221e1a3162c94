/* SPDX-License-Identifier: Apache-2.0 */
#include "flame_svg.h"

#include <inttypes.h>

#include "libcommon/base/utf8.h"

/* --- texts --- */

static void append_escaped(struct str *out, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		switch (text[i]) {
		case '<': str_append(out, "&lt;"); break;
		case '>': str_append(out, "&gt;"); break;
		case '&': str_append(out, "&amp;"); break;
		case '"': str_append(out, "&quot;"); break;
		default: str_append_char(out, text[i]);
		}
	}
}

void svg_append_text(struct str *out, const char *text)
{
	append_escaped(out, text, strlen(text));
}

/* Wide characters are taken for two; the last of the cells is for an ellipsis. */
void svg_append_fitting(struct str *out, const char *text, double width)
{
	const double cell = 7.3;
	int left = (int)((width - 6) / cell);
	size_t size = strlen(text);

	if (left < 3)
		return;
	for (size_t i = 0, length; i < size; i += length) {
		length = utf8_sequence((const unsigned char *)text + i, size - i);
		length = length ? length : 1;
		left -= length > 1 ? 2 : 1;
		if (left < (i + length < size ? 1 : 0)) {
			str_append(out, "\xe2\x80\xa6");
			return;
		}
		append_escaped(out, text + i, length);
	}
}

void svg_append_count(struct str *out, uint64_t count)
{
	if (count >= 1000) {
		svg_append_count(out, count / 1000);
		str_printf(out, ",%03" PRIu64, count % 1000);
	} else {
		str_printf(out, "%" PRIu64, count);
	}
}

/* FNV-1a: a function has the same colour in all pictures. */
static unsigned shade_of(const char *text)
{
	enum { SHADES = 5 };
	uint32_t hash = 2166136261;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619;
	return (hash >> 16) % SHADES;
}

void svg_append_style(struct str *out, const struct flame_name *name)
{
	static const char letters[] = {
		[FRAME_KEY] = 'k', [FRAME_USER] = 'u', [FRAME_KERNEL] = 'r', [FRAME_BUCKET] = 'b'};
	TABLE_COMPLETE(letters, NR_FRAME_KINDS);

	if (name)
		str_printf(out, "%c%u", letters[name->kind], shade_of(name->text));
	else
		str_append(out, "a0");
}

void svg_append_title(struct str *out, const char *title, uint64_t total)
{
	str_printf(out, "<text class=\"title\" x=\"%d\" y=\"18\">", SVG_MARGIN);
	svg_append_text(out, title);
	str_printf(out, "</text>\n<text class=\"details\" aria-live=\"polite\" x=\"%d\" y=\"38\">",
		SVG_MARGIN);
	svg_append_count(out, total);
	str_append(out, " in total</text>\n");
}

/* --- the document --- */

bool flame_has_stacks(const struct flame_tree *tree)
{
	const struct flame_name *name;

	vec_for_each (&tree->names, name) {
		if (name->kind == FRAME_USER || name->kind == FRAME_KERNEL)
			return true;
	}
	return false;
}

/* Returns its height. */
static double append_picture(struct str *out, const struct flame_picture *picture, double y)
{
	bool is_bars = picture->is_histogram && !flame_has_stacks(picture->tree);
	double height;

	str_printf(
		out, "<g class=\"%s\" role=\"group\" aria-label=\"", is_bars ? "bars" : "picture");
	svg_append_text(out, picture->title);
	str_printf(out, "\" transform=\"translate(0 %g)\"", y);
	if (is_bars)
		height = flame_bars_append(out, picture);
	else
		height = flame_frames_append(out, picture);
	str_append(out, "</g>\n");
	return height;
}

static void append_nothing(struct str *out, double y)
{
	str_printf(out,
		"<text class=\"quiet\" x=\"%d\" y=\"%g\">Nothing was recorded: no map held counts "
		"when the run ended.</text>\n",
		SVG_MARGIN, y + 20);
}

/* A section ends where its contents could: "]]>". */
static void append_script(struct str *out)
{
	str_append(out, "<script><![CDATA[\n");
	str_append(out, flame_js);
	str_append(out, "]]></script>\n");
}

static void append_begin(struct str *out, double height)
{
	str_printf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%g\" "
		"viewBox=\"0 0 %d %g\">\n"
		"<title>bpftrace: flame graph</title>\n"
		"<style>\n%s</style>\n"
		"<rect class=\"paper\" width=\"100%%\" height=\"100%%\"/>\n"
		"<text class=\"heading\" x=\"%d\" y=\"28\">Flame graph</text>\n",
		SVG_WIDTH, height, SVG_WIDTH, height, flame_css, SVG_MARGIN);
}

void flame_svg_append(struct str *out, const struct flame_picture *pictures, size_t count)
{
	enum { HEADING = 48, GAP = 26, SENTENCE = 40 };
	_cleanup_str_ struct str body = STR_INIT;
	double y = HEADING;

	for (size_t i = 0; i < count; i++)
		y += append_picture(&body, &pictures[i], y) + GAP;
	if (!count) {
		append_nothing(&body, y);
		y += SENTENCE;
	}
	append_begin(out, y);
	str_append_bytes(out, body.data, body.length);
	append_script(out);
	str_append(out, "</svg>\n");
}
