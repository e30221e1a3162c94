/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A format becomes a list of items, each a literal text followed by one conversion. The converting
 * functions append to a buffer and run once per printed value, millions of times a second, so they
 * write digits themselves and have a fast path without width and precision.
 */
#include "format.h"

#include <errno.h>
#include <string.h>

#include "alloc.h"

enum { WIDTH_MAX = 1 << 16 };

void format_deinit(struct format *format)
{
	struct format_item *item;

	vec_for_each (&format->items, item)
		free(item->literal);
	vec_deinit(&format->items);
	format->arguments = 0;
}

/* What is left to read. */
struct cursor {
	const char *text;
	size_t at;
	size_t length;
};

static char peek(const struct cursor *cursor)
{
	return cursor->at < cursor->length ? cursor->text[cursor->at] : '\0';
}

static bool accept(struct cursor *cursor, const char *word)
{
	size_t length = strlen(word);

	if (cursor->length - cursor->at < length ||
		memcmp(cursor->text + cursor->at, word, length) != 0)
		return false;
	cursor->at += length;
	return true;
}

static void parse_flags(struct cursor *cursor, struct format_item *item)
{
	for (;; cursor->at++) {
		switch (peek(cursor)) {
		case '-': item->left = true; break;
		case '0': item->zero = true; break;
		case '+': item->plus = true; break;
		case ' ': item->space = true; break;
		case '#': item->alternate = true; break;
		default: return;
		}
	}
}

/* Digits, possibly none; the number is at most WIDTH_MAX + 1. False for a '*'. */
static bool parse_number(struct cursor *cursor, int *ret)
{
	int number = 0;

	if (accept(cursor, "*"))
		return false;
	for (char c; c = peek(cursor), c >= '0' && c <= '9'; cursor->at++)
		number = MIN(number * 10 + (c - '0'), WIDTH_MAX + 1);
	*ret = number;
	return true;
}

static unsigned parse_length(struct cursor *cursor)
{
	static const struct {
		const char *letters;
		unsigned bytes;
	} lengths[] = {
		{"hh", 1},
		{"h", 2},
		{"ll", 8},
		{"l", 8},
		{"j", 8},
		{"z", 8},
		{"t", 8},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		if (accept(cursor, lengths[i].letters))
			return lengths[i].bytes;
	}
	return 0;
}

/* The conversion stays CONVERSION_NONE where no letter of one follows. */
static void parse_letter(struct cursor *cursor, struct format_item *item)
{
	item->letter = peek(cursor);
	switch (item->letter) {
	case 'd':
	case 'i': item->conversion = CONVERSION_SIGNED; break;
	case 'u':
	case 'x':
	case 'X':
	case 'o': item->conversion = CONVERSION_UNSIGNED; break;
	case 'c': item->conversion = CONVERSION_CHAR; break;
	case 'p': item->conversion = CONVERSION_POINTER; break;
	case 's': item->conversion = CONVERSION_STRING; break;
	case 'r': item->conversion = CONVERSION_BUFFER; break;
	case 'g':
		if (!accept(cursor, "gr"))
			return;
		item->conversion = CONVERSION_FLAGS;
		return;
	default: return;
	}
	cursor->at++;
	if (item->letter == 'r')
		item->buffer_style = accept(cursor, "h") ? 'h' : accept(cursor, "x") ? 'x' : 0;
}

static struct error *check_number(bool is_number, int number, const char *what)
{
	if (!is_number)
		return error_new(EINVAL, "'*' as a %s is not supported", what);
	if (number > WIDTH_MAX)
		return error_new(EINVAL, "the %s is larger than %d", what, WIDTH_MAX);
	return NULL;
}

/* Reads what follows a '%' up to the end of the conversion, or up to where there is none. */
static struct error *parse_conversion(struct cursor *cursor, struct format_item *item)
{
	bool has_width, has_precision = true;
	struct error *error;

	item->begin = cursor->at - 1;
	item->precision = -1;
	parse_flags(cursor, item);
	has_width = parse_number(cursor, &item->width);
	if (accept(cursor, "."))
		has_precision = parse_number(cursor, &item->precision);
	item->bytes = parse_length(cursor);
	parse_letter(cursor, item);
	item->end = cursor->at;
	item->plain = item->letter != 'p' && !item->zero && !item->plus && !item->space &&
		      !item->alternate && item->precision < 0;
	if (item->conversion == CONVERSION_NONE)
		return NULL;
	error = check_number(has_width, item->width, "width");
	return error ? error : check_number(has_precision, item->precision, "precision");
}

/* Whether "% d" and the like are conversions, or a percent sign and a word behind it. */
enum blanks {
	BLANKS_CONVERT,
	BLANKS_SEPARATE,
};

static bool is_conversion(
	const struct cursor *cursor, const struct format_item *item, enum blanks blanks)
{
	if (item->conversion == CONVERSION_NONE)
		return false;
	return blanks == BLANKS_CONVERT || cursor->text[item->begin + 1] != ' ';
}

/* Back behind a '%' that is text. */
static void take_stray(struct cursor *cursor, const struct format_item *item, struct format *format)
{
	bool has_letter = item->end < cursor->length && cursor->text[item->end] > ' ' &&
			  cursor->text[item->end] != '%' && item->conversion == CONVERSION_NONE;

	if (!format->strays++) {
		format->stray_begin = item->begin;
		format->stray_end = item->end + has_letter;
	}
	cursor->at = item->begin + 1;
}

static void take_literal(struct str *literal, struct format_item *item)
{
	item->literal_length = literal->length;
	item->literal = str_take(literal);
}

static struct error *parse_items(struct cursor *cursor, enum blanks blanks, struct format *format)
{
	_cleanup_str_ struct str literal = STR_INIT;

	while (cursor->at < cursor->length) {
		char c = cursor->text[cursor->at++];

		if (c != '%' || accept(cursor, "%")) {
			str_append_char(&literal, c);
			continue;
		}

		struct format_item item = {};
		struct error *error = parse_conversion(cursor, &item);

		if (error)
			return error;
		if (!is_conversion(cursor, &item, blanks)) {
			str_append_char(&literal, c);
			take_stray(cursor, &item, format);
			continue;
		}
		take_literal(&literal, &item);
		vec_push(&format->items, item);
		format->arguments++;
	}
	if (literal.length) {
		struct format_item *item = vec_add(&format->items);

		item->precision = -1;
		item->begin = item->end = cursor->length;
		take_literal(&literal, item);
	}
	return NULL;
}

static struct error *parse(const char *text, size_t length, enum blanks blanks, struct format *ret)
{
	struct cursor cursor = {.text = text, .length = length};
	struct format format = {};
	struct error *error = parse_items(&cursor, blanks, &format);

	if (error) {
		format_deinit(&format);
		return error;
	}
	*ret = format;
	return NULL;
}

struct error *format_parse(const char *text, size_t length, size_t supplied, struct format *ret)
{
	struct format format = {}, fewer = {};
	struct error *error = parse(text, length, BLANKS_CONVERT, &format);

	if (error)
		return error;
	if (format.arguments > supplied) {
		error_free(parse(text, length, BLANKS_SEPARATE, &fewer));
		if (fewer.arguments == supplied) {
			format_deinit(&format);
			format = fewer;
			fewer = (struct format){};
		}
		format_deinit(&fewer);
	}
	*ret = format;
	return NULL;
}

bool format_reads_signed(const struct format_item *item, size_t size, bool is_signed)
{
	return item->conversion == CONVERSION_SIGNED && (is_signed || size >= sizeof(int32_t));
}

/* Pads what was appended since start to the item's width. */
static void pad(const struct format_item *item, struct str *out, size_t start)
{
	size_t length = out->length - start;
	size_t width = (size_t)item->width;

	if (length >= width)
		return;
	str_append_repeat(out, ' ', width - length);
	if (item->left)
		return;
	memmove(out->data + start + width - length, out->data + start, length);
	memset(out->data + start, ' ', width - length);
}

static uint64_t truncate_value(const struct format_item *item, uint64_t value)
{
	bool is_signed = item->conversion == CONVERSION_SIGNED;

	switch (item->bytes) {
	case 1: return is_signed ? (uint64_t)(int64_t)(int8_t)value : (uint8_t)value;
	case 2: return is_signed ? (uint64_t)(int64_t)(int16_t)value : (uint16_t)value;
	default: return value;
	}
}

/* Two digits a step: divisions are what decimal digits cost. */
static char *write_decimal(uint64_t value, char *end)
{
	static const char pairs[] = "0001020304050607080910111213141516171819"
				    "2021222324252627282930313233343536373839"
				    "4041424344454647484950515253545556575859"
				    "6061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";

	for (; value >= 10; value /= 100) {
		end -= 2;
		memcpy(end, &pairs[value % 100 * 2], 2);
	}
	if (value)
		*--end = (char)('0' + value);
	return end;
}

/* Writes the digits so that they end before end and returns where they begin; none for zero. */
static char *write_digits(char letter, uint64_t value, char *end)
{
	const char *digits = letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";

	switch (letter) {
	case 'x':
	case 'X':
	case 'p':
		for (; value; value >>= 4)
			*--end = digits[value & 15];
		return end;
	case 'o':
		for (; value; value >>= 3)
			*--end = digits[value & 7];
		return end;
	default: return write_decimal(value, end);
	}
}

/* What stands before the digits: a sign or "0x". */
static const char *number_prefix(const struct format_item *item, bool negative, uint64_t value)
{
	if (negative)
		return "-";
	switch (item->letter) {
	case 'd':
	case 'i': return item->plus ? "+" : item->space ? " " : "";
	case 'p': return "0x";
	case 'x': return item->alternate && value ? "0x" : "";
	case 'X': return item->alternate && value ? "0X" : "";
	default: return "";
	}
}

/* "%d", "%lx" and the like: nothing but a sign and digits. */
static void append_plain(char letter, uint64_t value, bool negative, struct str *out)
{
	char buffer[24];
	char *end = buffer + sizeof(buffer);
	char *digits = write_digits(letter, negative ? -value : value, end);

	if (digits == end)
		*--digits = '0';
	if (negative)
		*--digits = '-';
	str_append_bytes(out, digits, (size_t)(end - digits));
}

static void append_number(
	const struct format_item *item, uint64_t value, bool negative, struct str *out)
{
	char buffer[24];
	char *end = buffer + sizeof(buffer);
	char *digits = write_digits(item->letter, negative ? -value : value, end);
	size_t count = (size_t)(end - digits);
	size_t wanted = item->precision < 0 ? 1 : (size_t)item->precision;
	const char *prefix = number_prefix(item, negative, value);
	size_t prefix_length = strlen(prefix);

	if (item->letter == 'o' && item->alternate && wanted <= count)
		wanted = count + 1;
	if (item->zero && !item->left && item->precision < 0 && prefix_length < (size_t)item->width)
		wanted = MAX(wanted, (size_t)item->width - prefix_length);

	str_append_bytes(out, prefix, prefix_length);
	if (wanted > count)
		str_append_repeat(out, '0', wanted - count);
	str_append_bytes(out, digits, count);
}

void format_integer(const struct format_item *item, uint64_t value, struct str *out)
{
	size_t start = out->length;

	if (item->conversion == CONVERSION_CHAR) {
		str_append_char(out, (char)value);
		pad(item, out, start);
		return;
	}
	value = truncate_value(item, value);

	bool negative = item->conversion == CONVERSION_SIGNED && (int64_t)value < 0;

	if (item->plain)
		append_plain(item->letter, value, negative, out);
	else
		append_number(item, value, negative, out);
	pad(item, out, start);
}

void format_decimal(uint64_t value, bool is_signed, struct str *out)
{
	append_plain('u', value, is_signed && (int64_t)value < 0, out);
}

void format_text(const struct format_item *item, const char *text, size_t length, struct str *out)
{
	size_t start = out->length;

	if (item->precision >= 0)
		length = MIN(length, (size_t)item->precision);
	str_append_bytes(out, text, length);
	pad(item, out, start);
}

void format_buffer(const struct format_item *item, const void *data, size_t size, struct str *out)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *bytes = data;
	size_t start = out->length;

	if (item->precision >= 0)
		size = MIN(size, (size_t)item->precision);
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = bytes[i];
		const char pair[2] = {hex[byte >> 4], hex[byte & 15]};

		if (item->buffer_style == 0 && byte >= 32 && byte <= 126) {
			str_append_char(out, (char)byte);
			continue;
		}
		if (item->buffer_style == 'h')
			str_append(out, i ? " " : "");
		else
			str_append(out, "\\x");
		str_append_bytes(out, pair, sizeof(pair));
	}
	pad(item, out, start);
}
