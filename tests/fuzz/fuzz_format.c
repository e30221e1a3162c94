/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a format; what parses is printed with values made of the input itself. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "libcommon/base/format.h"

static void print(const struct format_item *item, const uint8_t *data, size_t size, struct str *out)
{
	uint64_t value = 0;

	memcpy(&value, data + size - (size < sizeof(value) ? size : sizeof(value)),
		size < sizeof(value) ? size : sizeof(value));
	switch (item->conversion) {
	case CONVERSION_NONE: break;
	case CONVERSION_STRING: format_text(item, (const char *)data, size, out); break;
	case CONVERSION_BUFFER: format_buffer(item, data, size, out); break;
	default: format_integer(item, value, out); break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct format format = {};
	struct error *error = format_parse((const char *)data, size, size % 8, &format);
	const struct format_item *item;
	size_t arguments = 0, end = 0;

	if (error) {
		require(error->message[0] && !format.items.items);
		error_free(error);
		return 0;
	}
	vec_for_each (&format.items, item) {
		_cleanup_str_ struct str out = STR_INIT;

		print(item, data, size, &out);
		require(out.length >= (size_t)item->width);
		require(strlen(item->literal) <= item->literal_length);
		require(item->begin >= end && item->end <= size);
		end = item->end;
		arguments += item->conversion != CONVERSION_NONE;
	}
	require(arguments == format.arguments);
	format_deinit(&format);
	return 0;
}
