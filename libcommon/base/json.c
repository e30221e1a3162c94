/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <errno.h>
#include <string.h>

#include "alloc.h"

/* Bytes of the UTF-8 sequence at text (RFC 3629: shortest form, no surrogates), 0 if invalid. */
static size_t sequence_length(const unsigned char *text, size_t left)
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

/* jansson returns NULL only when memory ran out. */
static json_t *checked(json_t *json)
{
	if (!json)
		alloc_refused();
	return json;
}

json_t *json_text(const void *data, size_t size)
{
	_cleanup_str_ struct str clean = STR_INIT;
	const unsigned char *bytes = data;
	size_t begin = 0, i = 0;

	while (i < size) {
		size_t length = sequence_length(bytes + i, size - i);

		if (length) {
			i += length;
			continue;
		}
		str_append_bytes(&clean, bytes + begin, i - begin);
		str_append(&clean, "\xef\xbf\xbd");
		begin = ++i;
	}
	if (begin == 0)
		return checked(json_stringn_nocheck(size ? data : "", size));
	str_append_bytes(&clean, bytes + begin, size - begin);
	return checked(json_stringn_nocheck(clean.data, clean.length));
}

struct error *json_parse(const void *data, size_t size, json_t **ret)
{
	json_error_t error;
	json_t *json = json_loadb(
		data, size, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);

	if (!json)
		return error_new(
			EINVAL, "line %d, column %d: %s", error.line, error.column, error.text);
	*ret = json;
	return NULL;
}

static int append(const char *data, size_t size, void *out)
{
	str_append_bytes(out, data, size);
	return 0;
}

void json_append(const json_t *json, struct str *out)
{
	json_dump_callback(json, append, out, JSON_ENCODE_ANY);
}
