/* SPDX-License-Identifier: Apache-2.0 */
#include "json_writer.h"

#include <math.h>

#include "format.h"
#include "utf8.h"

static void separate(struct json_writer *writer)
{
	if (writer->has_before)
		str_append(writer->out, ", ");
	writer->has_before = true;
}

void json_write_begin(struct json_writer *writer, char bracket)
{
	separate(writer);
	str_append_char(writer->out, bracket);
	writer->has_before = false;
}

void json_write_end(struct json_writer *writer, char bracket)
{
	str_append_char(writer->out, bracket);
	writer->has_before = true;
}

/* DEL and C1, which terminals interpret. */
static bool is_high_control(const unsigned char *text, size_t length)
{
	return text[0] == 0x7f || (length == 2 && text[0] == 0xc2 && text[1] < 0xa0);
}

static void append_ascii(struct str *out, unsigned char character)
{
	static const char letters[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

	if (character < sizeof(letters) && letters[character])
		str_printf(out, "\\%c", letters[character]);
	else if (character == '"' || character == '\\')
		str_printf(out, "\\%c", character);
	else
		str_printf(out, "\\u%04X", character);
}

static bool is_plain(unsigned char character)
{
	return character >= ' ' && character < 0x7f && character != '"' && character != '\\';
}

/* Appends the sequence that text begins with, and returns how many bytes it has. */
static size_t append_sequence(struct str *out, const unsigned char *text, size_t left)
{
	size_t length = utf8_sequence(text, left);

	if (length == 0) {
		str_append(out, "\xef\xbf\xbd");
		return 1;
	}
	if (length == 1 || is_high_control(text, length))
		append_ascii(out, text[length - 1]);
	else
		str_append_bytes(out, text, length);
	return length;
}

static void append_quoted(struct str *out, const unsigned char *text, size_t size)
{
	str_append_char(out, '"');
	for (size_t i = 0, begin; i < size;) {
		for (begin = i; i < size && is_plain(text[i]); i++)
			;
		str_append_bytes(out, text + begin, i - begin);
		if (i < size)
			i += append_sequence(out, text + i, size - i);
	}
	str_append_char(out, '"');
}

void json_write_name(struct json_writer *writer, const void *name, size_t size)
{
	separate(writer);
	append_quoted(writer->out, name, size);
	str_append(writer->out, ": ");
	writer->has_before = false;
}

void json_write_string(struct json_writer *writer, const void *data, size_t size)
{
	separate(writer);
	append_quoted(writer->out, data, size);
}

void json_write_integer(struct json_writer *writer, uint64_t value, bool is_signed)
{
	separate(writer);
	format_decimal(value, is_signed, writer->out);
}

void json_write_boolean(struct json_writer *writer, bool value)
{
	separate(writer);
	str_append(writer->out, value ? "true" : "false");
}

void json_write_real(struct json_writer *writer, double value)
{
	separate(writer);
	if (isfinite(value))
		str_printf(writer->out, "%g", value);
	else
		str_append(writer->out, "null");
}
