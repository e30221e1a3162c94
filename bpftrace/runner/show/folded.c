/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folded stacks, for flamegraph.pl, inferno, speedscope and the like: a line for each path of
 * frames, the root first, joined by semicolons, then a blank and the count. Whatever a name holds,
 * a line has as many frames as the path, and one number at its end.
 */
#include "folded.h"

#include <inttypes.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/utf8.h"
#include "profile.h"

/* --- names --- */

/* Line and paragraph separators, at which some readers split lines: U+2028, U+2029. */
static bool is_separator(const unsigned char *text, size_t length)
{
	return length == 3 && memcmp(text, "\xe2\x80", 2) == 0 && (text[2] | 1) == 0xa9;
}

static void append_sequence(struct str *out, const unsigned char *text, size_t length)
{
	if (length == 0)
		str_append(out, "\xef\xbf\xbd");
	else if (*text == ';')
		str_append_char(out, ':');
	else if (is_separator(text, length))
		str_append_char(out, ' ');
	else
		utf8_append_visible(out, text, length, "");
}

void folded_append_name(struct str *out, const char *name, size_t size)
{
	const unsigned char *text = (const unsigned char *)name;
	size_t begin = out->length;

	for (size_t i = 0, length; i < size; i += length ? length : 1) {
		length = utf8_sequence(text + i, size - i);
		append_sequence(out, text + i, length);
	}
	while (out->length > begin && out->data[out->length - 1] == ' ')
		str_truncate(out, out->length - 1);
	if (out->length == begin)
		str_append_char(out, '_');
}

/* --- lines --- */

/* A number at the end that a blank separates would be taken for a count. */
static void join_number(char *text, size_t length)
{
	size_t digits = length;

	while (digits && strchr("0123456789.", text[digits - 1]))
		digits--;
	if (digits && digits < length && text[digits - 1] == ' ')
		text[digits - 1] = '_';
}

void folded_append_line(struct str *out, const struct profile_path *path, uint64_t count)
{
	size_t begin = out->length;

	for (size_t i = 0; i < path->frames.count; i++) {
		const struct path_frame *frame = &path->frames.items[i];

		if (i)
			str_append_char(out, ';');
		folded_append_name(out, path->names.data + frame->name, frame->length);
	}
	join_number(out->data + begin, out->length - begin);
	str_printf(out, " %" PRIu64 "\n", count);
}

/* --- the format --- */

struct folded {
	struct profile profile;
	bool is_shown; /* the map that is being printed */
};

static struct folded *folded_of(struct output *out)
{
	if (!out->state)
		out->state = xcalloc(1, sizeof(struct folded));
	return out->state;
}

static void write_line(void *context, const struct profile_path *path, uint64_t count)
{
	struct output *out = context;

	if (!count)
		return;
	str_truncate(&out->line, 0);
	folded_append_line(&out->line, path, count);
	output_write(out, out->line.data, out->line.length);
}

static void map_begin(struct output *out, struct map_view *map)
{
	struct folded *folded = folded_of(out);

	folded->is_shown = profile_begin(&folded->profile, out, map);
}

static void element(struct output *out, struct map_view *map, const struct map_element *element)
{
	struct folded *folded = folded_of(out);

	if (folded->is_shown)
		profile_element(
			&folded->profile, map, element, out->has_several_profiles, write_line, out);
}

static void close_state(struct output *out)
{
	if (out->state)
		profile_deinit(&folded_of(out)->profile);
	free(out->state);
	out->state = NULL;
}

const struct output_ops output_folded = {
	.name = "folded",
	PROFILE_OPS,
	.map_begin = map_begin,
	.element = element,
	.close = close_state,
};
