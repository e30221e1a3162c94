/* SPDX-License-Identifier: Apache-2.0 */
/* Attach points as text: their parts, numbers and wildcards. */
#include "rows.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libcommon/base/str.h"

/* Decodes an escape in quotes (\\, \", \n, \x1b) at text; returns its length, 0 when it is none. */
static size_t read_escape(const char *text, char *ret)
{
	char digits[3] = "";

	if (text[1] == '\\' || text[1] == '"' || text[1] == 'n') {
		*ret = text[1] == 'n' ? '\n' : text[1];
		return 2;
	}
	if (text[1] != 'x')
		return 0;
	strncat(digits, text + 2, sizeof(digits) - 1);
	if (strspn(digits, "0123456789abcdefABCDEF") != 2 || strcmp(digits, "00") == 0)
		return 0;
	*ret = (char)strtoul(digits, NULL, 16);
	return 4;
}

/* Reads one part up to the next colon outside of quotes, and removes quotes. Outside of quotes \"
 * is a quote, inside all escapes are decoded; "\*" stays as it is, for wildcard matching. Returns
 * NULL for an unterminated quote. */
static char *next_part(struct arena *arena, const char **text)
{
	const char *at = *text;
	char *part = arena_alloc(arena, strlen(at) + 1);
	size_t length = 0, escape;
	bool quoted = false;

	while (*at && (quoted || *at != ':')) {
		escape = *at == '\\' && (quoted || at[1] == '"') ? read_escape(at, &part[length])
								 : 0;
		if (escape) {
			length++;
			at += escape;
			continue;
		}
		if (*at == '"')
			quoted = !quoted;
		else
			part[length++] = *at;
		at++;
	}
	*text = at;
	return quoted ? NULL : part;
}

/* What follows the name that a script may give a probe: "NAME=interval:s:1". */
static const char *behind_name(const char *text)
{
	size_t length = 0;

	while (isalnum((unsigned char)text[length]) || text[length] == '_')
		length++;
	return length && text[length] == '=' ? text + length + 1 : text;
}

struct error *spec_parse(struct arena *arena, const char *text, struct probe_spec *ret)
{
	VEC(const char *) parts = {};
	const char *at = text = behind_name(text);

	for (bool more = true; more; at++) {
		const char *part = next_part(arena, &at);

		if (!part) {
			vec_deinit(&parts);
			return error_new(EINVAL, "unterminated quote in '%s'", text);
		}
		vec_push(&parts, part);
		more = *at == ':';
	}

	struct error *error = NULL;

	if (*parts.items[0] == '\0')
		error = error_new(EINVAL, "'%s' lacks a probe type", text);
	else
		*ret = (struct probe_spec){
			.text = arena_strdup(arena, text),
			.provider = parts.items[0],
			.parts = arena_memdup(
				arena, parts.items + 1, (parts.count - 1) * sizeof(*parts.items)),
			.count = parts.count - 1,
		};
	vec_deinit(&parts);
	return error;
}

/* Bytes without a special meaning in attach points. */
static bool is_plain(const char *part)
{
	for (const char *at = part; *at; at++) {
		unsigned char byte = (unsigned char)*at;

		if (!isalnum(byte) && !strchr("_-./+@~%", byte) && byte < 0x80)
			return false;
	}
	return true;
}

static void append_escaped(struct str *out, char byte)
{
	if (byte == '\n')
		str_append(out, "\\n");
	else if ((byte > 0 && byte < ' ') || byte == 0x7f)
		str_printf(out, "\\x%02x", (unsigned)byte);
	else
		str_printf(out, strchr("\"\\*", byte) ? "\\%c" : "%c", byte);
}

const char *spec_spell(const char *part, struct arena *arena)
{
	_cleanup_str_ struct str text = STR_INIT;

	if (is_plain(part))
		return part;
	str_append_char(&text, '"');
	for (const char *at = part; *at; at++)
		append_escaped(&text, *at);
	str_append_char(&text, '"');
	return arena_strdup(arena, str_text(&text));
}

/* Whether an escaped '*' begins here. */
static bool is_escaped_star(const char *pattern)
{
	return pattern[0] == '\\' && pattern[1] == '*';
}

bool spec_is_wildcard(const char *text)
{
	for (; *text; text += is_escaped_star(text) ? 2 : 1) {
		if (*text == '*')
			return true;
	}
	return false;
}

const char *spec_literal(const char *part, struct arena *arena)
{
	char *text = arena_strdup(arena, part), *end = text;

	for (const char *at = part; *at; at++) {
		at += is_escaped_star(at);
		*end++ = *at;
	}
	*end = '\0';
	return text;
}

/* Reads digits of the base; false on overflow, or when one is not a digit of it. */
static bool read_digits(const char *text, size_t length, unsigned base, uint64_t *value)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		char lower =
			text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] + 'a' - 'A') : text[i];
		const char *digit = memchr(digits, lower, base);

		if (text[i] == '_')
			continue;
		if (!digit || __builtin_mul_overflow(*value, (uint64_t)base, value) ||
			__builtin_add_overflow(*value, (uint64_t)(digit - digits), value))
			return false;
	}
	return length > 0;
}

bool spec_number(const char *text, uint64_t *ret)
{
	uint64_t value = 0, exponent = 0;

	if (strncmp(text, "0x", 2) == 0) {
		if (!read_digits(text + 2, strlen(text + 2), 16, &value))
			return false;
		*ret = value;
		return true;
	}

	size_t length = strcspn(text, "e");
	const char *power = text + length;

	if (!read_digits(text, length, 10, &value))
		return false;
	if (*power && !read_digits(power + 1, strlen(power + 1), 10, &exponent))
		return false;
	for (; exponent > 0 && value > 0; exponent--) {
		if (__builtin_mul_overflow(value, (uint64_t)10, &value))
			return false;
	}
	*ret = value;
	return true;
}

struct error *spec_number_error(const char *text)
{
	const char *digits = text + (*text == '-');

	if (!*digits || digits[strspn(digits, "0123456789_.")])
		return error_new(EINVAL, "'%s' is not a number", text);
	if (digits != text)
		return error_new(EINVAL, "'%s' is negative", text);
	if (strchr(text, '.'))
		return error_new(EINVAL, "'%s' is not an integer", text);
	return error_new(EINVAL, "'%s' is too large: it does not fit in 64 bits", text);
}

bool spec_wildcard(const char *pattern, const char *text)
{
	const char *star = NULL, *after = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			after = text;
			if (*pattern == '\0')
				return true;
		} else if (is_escaped_star(pattern) && *text == '*') {
			pattern += 2;
			text++;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			/* Backtrack: the last star matches one character more. */
			pattern = star + 1;
			text = ++after;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
