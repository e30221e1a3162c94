/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of literals. The lexer has found where they end, generously: whatever looks like a number
 * comes here whole, so that one message describes what is wrong with it.
 */
#include "literal.h"

#include <string.h>

#include "libcommon/base/numeral.h"
#include "libcommon/base/str.h"

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* A number being read: at is the rest of its text. */
struct number {
	const char *at;
	const char *end;
	uint64_t value;
	bool overflow;
	const char *problem; /* what is wrong, as the rest of "'1.5' is not an integer: …" */
};

static void multiply(struct number *number, uint64_t factor)
{
	number->overflow |= __builtin_mul_overflow(number->value, factor, &number->value);
}

/* Reads digits of the base, "_" allowed between two of them; at least one is wanted. */
static void read_digits(struct number *number, unsigned base)
{
	const char *begin = number->at;

	for (; number->at < number->end; number->at++) {
		if (*number->at == '_' && number->at > begin)
			continue;

		unsigned digit = (unsigned)digit_value(*number->at);

		if (digit >= base)
			break;
		multiply(number, base);
		number->overflow |= __builtin_add_overflow(number->value, digit, &number->value);
	}
	if (number->at == begin)
		number->problem = "digits are missing";
	else if (number->at[-1] == '_')
		number->problem = "_ stands between digits only";
	else if (base == 8 && number->at < number->end && digit_value(*number->at) < 10)
		number->problem = "a number that begins with 0 has only the digits 0 to 7";
}

static void read_exponent(struct number *number)
{
	struct number exponent = {.at = number->at + 1, .end = number->end};

	if (exponent.at < exponent.end && *exponent.at == '-') {
		number->problem = "negative exponents are not supported";
		return;
	}
	if (exponent.at < exponent.end && *exponent.at == '+')
		exponent.at++;
	read_digits(&exponent, 10);
	number->at = exponent.at;
	number->problem = exponent.problem;
	if (number->value == 0)
		return;
	/* 10^20 does not fit any more, whatever comes after. */
	for (uint64_t i = exponent.overflow ? 20 : MIN(exponent.value, (uint64_t)20); i > 0; i--)
		multiply(number, 10);
}

static bool is_integer_suffix(const char *text, size_t length)
{
	static const char *const suffixes[] = {"u", "l", "ul", "lu", "ll", "ull", "llu"};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (strlen(suffixes[i]) == length && strncasecmp(suffixes[i], text, length) == 0)
			return true;
	}
	return false;
}

static void read_suffix(struct number *number, bool decimal, const char **unit)
{
	size_t length = (size_t)(number->end - number->at);
	uint64_t nanoseconds = 0;

	if (length == 0 || is_integer_suffix(number->at, length))
		return;
	if (decimal)
		*unit = numeral_unit(number->at, length, &nanoseconds);
	if (*unit) {
		multiply(number, nanoseconds);
		return;
	}
	if (*number->at == '.')
		number->problem = "fractions are not supported";
	else
		number->problem = decimal ? "unknown unit of time, units are ns us ms s m h d"
					  : "letters follow the digits";
}

static bool is_octal(const struct number *number)
{
	return number->end - number->at > 1 && number->at[0] == '0' &&
	       (digit_value(number->at[1]) < 10 || number->at[1] == '_');
}

bool literal_integer(struct diags *diags, struct span span, const char *text, uint64_t *ret_value,
	const char **ret_unit)
{
	size_t length = span.end - span.begin;
	struct number number = {.at = text, .end = text + length};
	const char *unit = NULL;
	bool decimal = false;

	if (length > 1 && text[0] == '0' && (text[1] | 0x20) == 'x') {
		number.at += 2;
		read_digits(&number, 16);
	} else if (is_octal(&number)) {
		read_digits(&number, 8);
	} else {
		decimal = true;
		read_digits(&number, 10);
		if (!number.problem && number.at < number.end && (*number.at | 0x20) == 'e')
			read_exponent(&number);
	}
	if (!number.problem)
		read_suffix(&number, decimal, &unit);
	if (!number.problem && number.overflow)
		number.problem = "it does not fit in 64 bits";
	if (number.problem) {
		diag_error(diags, span, "%.*s is not an integer: %s", (int)MIN(length, (size_t)80),
			text, number.problem);
		return false;
	}
	*ret_value = number.value;
	*ret_unit = unit;
	return true;
}

/* Bytes of a literal being read; begin is where at stood in the source when it was 0. */
struct escapes {
	struct diags *diags;
	struct span span;
	const char *text;
	size_t length;
	size_t at;
};

static void bad_escape(struct escapes *in, size_t begin, const char *problem)
{
	struct span span = {
		.source = in->span.source,
		.begin = in->span.begin + 1 + (uint32_t)begin,
		.end = in->span.begin + 1 + (uint32_t)in->at,
	};

	diag_error(in->diags, span, "%s", problem);
	diag_hint(in->diags, "a backslash itself is written \\\\");
}

static int simple_escape(char c)
{
	static const char letters[] = "abefnrtv\\\"'?", values[] = "\a\b\033\f\n\r\t\v\\\"'?";
	const char *found = c ? strchr(letters, c) : NULL;

	return found ? values[found - letters] : -1;
}

/* Digits of an escape; at most most of them. */
static int read_code(struct escapes *in, int base, int most)
{
	int value = 0, count = 0;

	while (count < most && in->at < in->length && digit_value(in->text[in->at]) < base) {
		value = value * base + digit_value(in->text[in->at++]);
		count++;
	}
	return count > 0 ? value : -1;
}

/* Appends the byte of the escape at in->at (behind the backslash). */
static void read_escape(struct escapes *in, struct str *out)
{
	size_t begin = in->at - 1;
	int value;

	if (in->at >= in->length)
		return;

	char c = in->text[in->at];

	if (c == '\n') {
		in->at++;
		return;
	}
	if (c >= '0' && c <= '7') {
		value = read_code(in, 8, 3);
	} else if (c == 'x') {
		in->at++;
		value = read_code(in, 16, 2);
	} else {
		in->at++;
		value = simple_escape(c);
	}
	if (value == -1)
		bad_escape(in, begin,
			c == 'x' ? "\\x needs one or two hexadecimal digits"
				 : "unknown escape sequence");
	else if (value > 255)
		bad_escape(in, begin, "an escape is one byte, at most \\377");
	else
		str_append_char(out, (char)value);
}

static void resolve(struct escapes *in, struct str *out)
{
	while (in->at < in->length) {
		char c = in->text[in->at++];

		if (c == '\\')
			read_escape(in, out);
		else
			str_append_char(out, c);
	}
}

/* The bytes between the quotes; false when an escape was reported. */
static bool resolve_quoted(struct diags *diags, struct span span, const char *text, struct str *out)
{
	struct escapes in = {
		.diags = diags,
		.span = span,
		.text = text + 1,
		.length = span.end - span.begin - 2,
	};
	size_t errors = diags->errors;

	resolve(&in, out);
	return diags->errors == errors;
}

bool literal_character(struct diags *diags, struct span span, const char *text, uint64_t *ret_value)
{
	_cleanup_str_ struct str value = STR_INIT;

	if (!resolve_quoted(diags, span, text, &value))
		return false;
	if (value.length != 1) {
		diag_error(diags, span, "a character is one byte, this is %zu", value.length);
		if (value.length > 1)
			diag_hint(diags, HINT_QUOTES);
		return false;
	}
	*ret_value = (unsigned char)value.data[0];
	return true;
}

bool literal_string(struct arena *arena, struct diags *diags, struct span span, const char *text,
	const char **ret_text, size_t *ret_length)
{
	_cleanup_str_ struct str value = STR_INIT;
	bool good = resolve_quoted(diags, span, text, &value);

	*ret_text = arena_memdup(arena, str_text(&value), value.length + 1);
	*ret_length = value.length;
	return good;
}
