/* SPDX-License-Identifier: Apache-2.0 */
#include "utf8.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "attributes.h"

/* Bytes of the UTF-8 sequence at text (RFC 3629: shortest form, no surrogates), 0 if invalid. */
size_t utf8_sequence(const unsigned char *text, size_t left)
{
	static const struct {
		unsigned char first, last, second_low, second_high;
		size_t length;
	} forms[] = {
		{0x00, 0x7f, 0x00, 0x00, 1},
		{0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3},
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (text[0] < forms[i].first || text[0] > forms[i].last)
			continue;
		if (left < forms[i].length)
			return 0;
		if (forms[i].length > 1 &&
			(text[1] < forms[i].second_low || text[1] > forms[i].second_high))
			return 0;
		for (size_t k = 2; k < forms[i].length; k++) {
			if ((text[k] & 0xc0) != 0x80)
				return 0;
		}
		return forms[i].length;
	}
	return 0;
}

static bool is_control(unsigned char byte)
{
	return byte < 0x20 || byte == 0x7f;
}

/* C1 controls, U+0080 to U+009F, which terminals interpret like an escape sequence. */
static bool is_c1(const unsigned char *text, size_t length)
{
	if (length == 2)
		return text[0] == 0xc2 && text[1] < 0xa0;
	return length == 0 && text[0] >= 0x80 && text[0] < 0xa0;
}

/* Marks after which text is shown in another order: U+200E, U+200F, U+202A to U+202E, U+2066 to
 * U+2069. */
static bool turns_direction(const unsigned char *text, size_t length)
{
	if (length != 3 || text[0] != 0xe2)
		return false;
	if (text[1] == 0x80)
		return text[2] == 0x8e || text[2] == 0x8f || (text[2] >= 0xaa && text[2] <= 0xae);
	return text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9;
}

static void append_escaped(struct str *out, const unsigned char *text, size_t length)
{
	static const char letters[] = {['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};

	for (size_t i = 0; i < length; i++) {
		char letter = text[i] < sizeof(letters) ? letters[text[i]] : 0;

		if (letter)
			str_printf(out, "\\%c", letter);
		else
			str_printf(out, "\\x%02x", text[i]);
	}
}

size_t utf8_unfinished(const void *data, size_t size)
{
	const unsigned char *end = (const unsigned char *)data + size;

	for (size_t back = 1; back <= MIN(size, (size_t)3); back++) {
		unsigned char byte = end[-(ptrdiff_t)back];
		size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;

		if (byte >= 0xc0)
			return length > back ? back : 0;
		if (byte < 0x80)
			return 0;
	}
	return 0;
}

void utf8_append_visible(struct str *out, const void *data, size_t size, const char *raw)
{
	const unsigned char *text = data;

	for (size_t i = 0; i < size;) {
		size_t length = utf8_sequence(text + i, size - i);
		bool is_kept = text[i] && strchr(raw, text[i]);
		bool escapes = is_c1(text + i, length) || turns_direction(text + i, length) ||
			       (is_control(text[i]) && !is_kept);

		length = length ? length : 1;
		if (escapes)
			append_escaped(out, text + i, length);
		else
			str_append_bytes(out, text + i, length);
		i += length;
	}
}

void utf8_append_for(struct str *out, int fd, const void *data, size_t size, const char *raw)
{
	if (isatty(fd))
		utf8_append_visible(out, data, size, raw);
	else
		str_append_bytes(out, data, size);
}
