/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/str.h"

struct wire wire_start(const json_t *json, const char *what, struct arena *arena)
{
	struct wire wire = {.object = json, .what = what, .arena = arena};

	if (!json_is_object(json))
		wire_fail(&wire, "is not an object");
	return wire;
}

void wire_fail(struct wire *wire, const char *format, ...)
{
	_cleanup_str_ struct str message = STR_INIT;
	va_list args;

	if (wire->error)
		return;
	va_start(args, format);
	str_vprintf(&message, format, args);
	va_end(args);
	wire->error = error_new(EINVAL, "%s: %s", wire->what, str_text(&message));
}

static const json_t *member(struct wire *wire, const char *key)
{
	if (wire->error)
		return NULL;

	const json_t *json = json_object_get(wire->object, key);

	if (!json)
		wire_fail(wire, "'%s' is missing", key);
	return json;
}

uint64_t wire_bits(struct wire *wire, const char *key)
{
	const json_t *json = member(wire, key);

	if (!json)
		return 0;
	if (!json_is_integer(json)) {
		wire_fail(wire, "'%s' is not an integer", key);
		return 0;
	}
	return (uint64_t)json_integer_value(json);
}

uint64_t wire_number(struct wire *wire, const char *key, uint64_t least, uint64_t most)
{
	uint64_t value = wire_bits(wire, key);

	if (wire->error || (value >= least && value <= most))
		return value;
	wire_fail(wire, "'%s' is not between %" PRIu64 " and %" PRIu64, key, least, most);
	return 0;
}

bool wire_bool(struct wire *wire, const char *key)
{
	const json_t *json = member(wire, key);

	if (json && !json_is_boolean(json))
		wire_fail(wire, "'%s' is not a boolean", key);
	return json_is_true(json);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* NULL when json is no {"hex": "…"}. */
static const char *hex_decode(struct arena *arena, const json_t *json, size_t *ret_length)
{
	const json_t *hex = json_object_get(json, "hex");
	size_t length = json_string_length(hex) / 2;

	if (!json_is_string(hex) || json_string_length(hex) % 2)
		return NULL;

	const char *digits = json_string_value(hex);
	char *bytes = arena_alloc(arena, length + 1);

	for (size_t i = 0; i < length; i++) {
		int high = hex_digit(digits[2 * i]), low = hex_digit(digits[2 * i + 1]);

		if (high < 0 || low < 0)
			return NULL;
		bytes[i] = (char)(high << 4 | low);
	}
	*ret_length = length;
	return bytes;
}

static const char *decode(
	struct wire *wire, const json_t *json, const char *what, size_t *ret_length)
{
	const char *bytes = NULL;
	size_t length = 0;

	if (json_is_string(json)) {
		length = json_string_length(json);
		bytes = arena_memdup(wire->arena, json_string_value(json), length + 1);
	} else if (json_is_object(json)) {
		bytes = hex_decode(wire->arena, json, &length);
	}
	if (!bytes) {
		wire_fail(wire, "'%s' is not a string", what);
		return "";
	}
	*ret_length = length;
	return bytes;
}

const char *wire_bytes(struct wire *wire, const char *key, size_t *ret_length)
{
	const json_t *json = member(wire, key);

	return json ? decode(wire, json, key, ret_length) : "";
}

const char *wire_text_of(struct wire *wire, const json_t *json, const char *what)
{
	size_t length = 0;
	const char *text = decode(wire, json, what, &length);

	if (memchr(text, '\0', length)) {
		wire_fail(wire, "'%s' contains a NUL byte", what);
		return "";
	}
	return text;
}

const char *wire_text(struct wire *wire, const char *key)
{
	const json_t *json = member(wire, key);

	return json ? wire_text_of(wire, json, key) : "";
}

const char *wire_optional_text(struct wire *wire, const char *key)
{
	if (wire->error || !json_object_get(wire->object, key))
		return NULL;
	return wire_text(wire, key);
}

const json_t *wire_array(struct wire *wire, const char *key, size_t limit)
{
	const json_t *json = member(wire, key);

	if (json && !json_is_array(json))
		wire_fail(wire, "'%s' is not an array", key);
	else if (json_array_size(json) > limit)
		wire_fail(wire, "'%s' has more than %zu elements", key, limit);
	return wire->error ? NULL : json;
}

const json_t *wire_object(struct wire *wire, const char *key)
{
	const json_t *json = member(wire, key);

	if (json && !json_is_object(json))
		wire_fail(wire, "'%s' is not an object", key);
	return wire->error ? NULL : json;
}

json_t *wire_text_to_json(const void *data, size_t size)
{
	_cleanup_str_ struct str hex = STR_INIT;
	const unsigned char *bytes = data;
	json_t *json = json_stringn(size ? data : "", size);

	if (json)
		return json;
	for (size_t i = 0; i < size; i++)
		str_printf(&hex, "%02x", bytes[i]);
	json = json_pack("{s:s%}", "hex", str_text(&hex), hex.length);
	if (!json)
		alloc_refused();
	return json;
}
