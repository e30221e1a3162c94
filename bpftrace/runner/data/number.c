/* SPDX-License-Identifier: Apache-2.0 */
#include "number.h"

#include <string.h>

#include "libcommon/base/format.h"

void number_append_address(struct str *out, uint64_t value)
{
	static const struct format_item address = {
		.conversion = CONVERSION_POINTER, .letter = 'p', .bytes = 8, .precision = -1};

	format_integer(&address, value, out);
}

uint64_t number_divide(uint64_t value, bool is_signed, uint64_t divisor)
{
	if (divisor <= 1)
		return value;
	if (is_signed && (int64_t)value < 0)
		return -(-value / divisor);
	return value / divisor;
}

uint64_t number_order(uint64_t value, bool is_signed)
{
	return is_signed ? value ^ UINT64_C(1) << 63 : value;
}

uint64_t number_read(const void *data, size_t size, bool is_signed)
{
	uint64_t value = 0;

	memcpy((char *)&value + (__BYTE_ORDER == __BIG_ENDIAN ? 8 - size : 0), data, size);
	if (!is_signed || size == sizeof(value))
		return value;

	unsigned unused = 64 - 8 * (unsigned)size;

	return (uint64_t)((int64_t)(value << unused) >> unused);
}
