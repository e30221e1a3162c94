/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "utf8.h"

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
		size_t length = utf8_sequence(bytes + i, size - i);

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

/* Bytes of the control character above U+001F (DEL, C1) that text begins with, else 0. */
static size_t high_control(const unsigned char *text, size_t left)
{
	if (text[0] == 0x7f)
		return 1;
	return left > 1 && text[0] == 0xc2 && text[1] < 0xa0 ? 2 : 0;
}

/* jansson escapes those below; a terminal interprets all of them. Outside of strings there are
 * none. */
static int append(const char *data, size_t size, void *out)
{
	const unsigned char *text = (const unsigned char *)data;
	size_t begin = 0, i = 0;

	while (i < size) {
		size_t length = high_control(text + i, size - i);

		if (!length) {
			i++;
			continue;
		}
		str_append_bytes(out, data + begin, i - begin);
		str_printf(out, "\\u%04X", text[i + length - 1]);
		begin = i += length;
	}
	str_append_bytes(out, data + begin, size - begin);
	return 0;
}

void json_append(const json_t *json, struct str *out)
{
	json_dump_callback(json, append, out, JSON_ENCODE_ANY);
}
