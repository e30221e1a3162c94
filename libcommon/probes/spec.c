/* SPDX-License-Identifier: Apache-2.0 */
/* Attach points as text: their parts, numbers and wildcards. */
#include "rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One part up to the next colon outside of quotes, which are left out; NULL when a quote does not
 * end. */
static char *next_part(struct arena *arena, const char **text)
{
	const char *at = *text;
	char *part = arena_alloc(arena, strlen(at) + 1);
	size_t length = 0;
	bool quoted = false;

	for (; *at && (quoted || *at != ':'); at++) {
		if (*at == '"')
			quoted = !quoted;
		else
			part[length++] = *at;
	}
	*text = at;
	return quoted ? NULL : part;
}

struct error *probe_spec_parse(struct arena *arena, const char *text, struct probe_spec *ret)
{
	VEC(const char *) parts = {};
	const char *at = text;

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
		error = error_new(EINVAL, "'%s' names no probe type", text);
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

bool spec_is_wildcard(const char *text)
{
	return strchr(text, '*') != NULL;
}

/* text * base + the digits; false when that does not fit or one is no digit of the base. */
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

bool probe_number(const char *text, uint64_t *ret)
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

bool probe_wildcard(const char *pattern, const char *text)
{
	const char *star = NULL, *after = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			after = text;
			if (*pattern == '\0')
				return true;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			/* The last star takes one character more. */
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
