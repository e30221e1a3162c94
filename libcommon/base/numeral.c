/* SPDX-License-Identifier: Apache-2.0 */
#include "numeral.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attributes.h"

static const struct {
	const char *name;
	uint64_t nanoseconds;
} units[] = {
	{"ns", 1},
	{"us", 1000},
	{"ms", 1000000},
	{"s", 1000000000},
	{"m", 60000000000},
	{"h", 3600000000000},
	{"d", 86400000000000},
};

const char *numeral_unit(const char *name, size_t length, uint64_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strlen(units[i].name) != length || memcmp(units[i].name, name, length) != 0)
			continue;
		*ret = units[i].nanoseconds;
		return units[i].name;
	}
	return NULL;
}

static bool is_octal(const char *digits, size_t length)
{
	return digits[0] == '0' && length > 1 && strspn(digits, "01234567") == length;
}

/* The digits with their prefix, as 0x, take length bytes. */
static bool parse(const char *text, size_t length, bool *ret_minus, uint64_t *ret)
{
	bool minus = length && *text == '-';
	const char *digits = minus ? text + 1 : text, *end = text + length;
	bool is_hex = digits + 1 < end && digits[0] == '0' && (digits[1] | 0x20) == 'x';
	int base = is_hex ? 16 : is_octal(digits, (size_t)(end - digits)) ? 8 : 10;
	const char *first = is_hex ? digits + 2 : digits;
	const char *allowed = is_hex ? "0123456789abcdefABCDEF" : "0123456789";

	if (first == end || first + strspn(first, allowed) < end)
		return false;
	errno = 0;

	uint64_t value = strtoull(first, NULL, base);

	if (errno != 0 || (minus && value > (uint64_t)INT64_MAX + 1))
		return false;
	*ret_minus = minus;
	*ret = minus ? 0 - value : value;
	return true;
}

bool numeral_parse(const char *text, bool *ret_minus, uint64_t *ret)
{
	return parse(text, strlen(text), ret_minus, ret);
}

bool numeral_parse_duration(const char *text, bool *ret_minus, uint64_t *ret)
{
	size_t length = strspn(text, "-0123456789");
	uint64_t factor = 1, value = 0, most = UINT64_MAX;

	if (!text[length] || !numeral_unit(text + length, strlen(text + length), &factor))
		return numeral_parse(text, ret_minus, ret);
	if (!parse(text, length, ret_minus, &value))
		return false;

	uint64_t amount = *ret_minus ? 0 - value : value;

	if (*ret_minus)
		most = (uint64_t)INT64_MAX + 1;
	if (amount > most / factor)
		return false;
	*ret = value * factor;
	return true;
}
