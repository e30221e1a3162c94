/* SPDX-License-Identifier: Apache-2.0 */
#include "lookalike.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "libcommon/base/attributes.h"
#include "libcommon/base/utf8.h"

#define UNSEEN ", which is invisible"

static const struct range {
	uint32_t first, last;
	const char *name;
	const char *remedy; /* NULL: the character of ASCII that is as far behind '!' as this one is
				behind the first */
} ranges[] = {
	{0x00a0, 0x00a0, "a no-break space", "type a space"},
	{0x00ad, 0x00ad, "a soft hyphen", "delete it"},
	{0x00b4, 0x00b4, "an acute accent", "type '"},
	{0x00d7, 0x00d7, "a multiplication sign", "type *"},
	{0x00f7, 0x00f7, "a division sign", "type /"},
	{0x061c, 0x061c, "a mark of text direction", "delete it"},
	{0x1680, 0x1680, "an ogham space mark", "type a space"},
	{0x180e, 0x180e, "a vowel separator", "delete it"},
	{0x2000, 0x200a, "a typographic space", "type a space"},
	{0x200b, 0x200b, "a zero width space", "delete it"},
	{0x200c, 0x200c, "a zero width non-joiner", "delete it"},
	{0x200d, 0x200d, "a zero width joiner", "delete it"},
	{0x200e, 0x200e, "a left-to-right mark", "delete it"},
	{0x200f, 0x200f, "a right-to-left mark", "delete it"},
	{0x2010, 0x2011, "a hyphen", "type -"},
	{0x2012, 0x2012, "a figure dash", "type -"},
	{0x2013, 0x2013, "an en dash", "type -"},
	{0x2014, 0x2014, "an em dash", "type -"},
	{0x2015, 0x2015, "a horizontal bar", "type -"},
	{0x2018, 0x201b, "a typographic quotation mark", "type '"},
	{0x201c, 0x201f, "a typographic quotation mark", "type \""},
	{0x2026, 0x2026, "an ellipsis", "type ..."},
	{0x2028, 0x2028, "a line separator", "begin a new line"},
	{0x2029, 0x2029, "a paragraph separator", "begin a new line"},
	{0x202a, 0x202e, "a mark of text direction", "delete it"},
	{0x202f, 0x202f, "a narrow no-break space", "type a space"},
	{0x2032, 0x2032, "a prime", "type '"},
	{0x2033, 0x2033, "a double prime", "type \""},
	{0x205f, 0x205f, "a mathematical space", "type a space"},
	{0x2060, 0x2060, "a word joiner", "delete it"},
	{0x2061, 0x2064, "an invisible operator", "delete it"},
	{0x2066, 0x206f, "a mark of text direction", "delete it"},
	{0x2192, 0x2192, "an arrow", "type ->"},
	{0x2212, 0x2212, "a minus sign", "type -"},
	{0x2215, 0x2215, "a division slash", "type /"},
	{0x2217, 0x2217, "an asterisk operator", "type *"},
	{0x2223, 0x2223, "a vertical line", "type |"},
	{0x223c, 0x223c, "a tilde operator", "type ~"},
	{0x2260, 0x2260, "a not equal sign", "type !="},
	{0x2264, 0x2264, "a less-than or equal sign", "type <="},
	{0x2265, 0x2265, "a greater-than or equal sign", "type >="},
	{0x3000, 0x3000, "an ideographic space", "type a space"},
	{0xfe00, 0xfe0f, "a variation selector", "delete it"},
	{0xfeff, 0xfeff, "a byte order mark", "delete it"},
	{0xff01, 0xff5e, "a fullwidth character", NULL},
};

/* The code of a valid sequence. */
static uint32_t decode(const unsigned char *text, size_t length)
{
	uint32_t code = length == 1 ? text[0] : text[0] & (0x7fU >> length);

	for (size_t i = 1; i < length; i++)
		code = code << 6 | (text[i] & 0x3f);
	return code;
}

static bool is_deleted(const struct range *range)
{
	return range->remedy && range->remedy[0] == 'd';
}

bool lookalike_name(const char *text, size_t length, struct str *out)
{
	const unsigned char *bytes = (const unsigned char *)text;

	if (length == 0 || utf8_sequence(bytes, length) != length)
		return false;

	uint32_t code = decode(bytes, length);

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		const struct range *range = &ranges[i];

		if (code < range->first || code > range->last)
			continue;
		str_printf(out, "%s (U+%04" PRIX32 ")%s; ", range->name, code,
			is_deleted(range) ? UNSEEN : "");
		if (range->remedy)
			str_append(out, range->remedy);
		else
			str_printf(out, "type %c", (char)('!' + (code - range->first)));
		return true;
	}
	return false;
}

bool lookalike_find(const char *text, struct str *out)
{
	size_t left = strlen(text);

	for (size_t length; left; text += length, left -= length) {
		length = MAX(utf8_sequence((const unsigned char *)text, left), (size_t)1);
		if (lookalike_name(text, length, out))
			return true;
	}
	return false;
}

enum { NUL = 1, ANY = 2, MARK = 4 }; /* no byte order mark has NUL or ANY */

static bool fits(unsigned char wanted, char byte)
{
	if (wanted == ANY)
		return true;
	return (unsigned char)byte == (wanted == NUL ? 0 : wanted);
}

const char *lookalike_encoding(const char *text, size_t length)
{
	static const struct {
		unsigned char bytes[MARK];
		const char *name;
	} rows[] = {
		{{0xff, 0xfe, NUL, NUL}, "UTF-32"},
		{{NUL, NUL, 0xfe, 0xff}, "UTF-32"},
		{{0xff, 0xfe, ANY, ANY}, "UTF-16"},
		{{0xfe, 0xff, ANY, ANY}, "UTF-16"},
		{{ANY, NUL, NUL, NUL}, "UTF-32"},
		{{NUL, NUL, NUL, ANY}, "UTF-32"},
		{{ANY, NUL, ANY, NUL}, "UTF-16"},
		{{NUL, ANY, NUL, ANY}, "UTF-16"},
	};

	static const char zeros[MARK];

	if (length < MARK || memcmp(text, zeros, MARK) == 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t at = 0;

		while (at < MARK && fits(rows[i].bytes[at], text[at]))
			at++;
		if (at == MARK)
			return rows[i].name;
	}
	return NULL;
}
