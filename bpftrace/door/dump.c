/* SPDX-License-Identifier: Apache-2.0 */
#include "dump.h"

#include <stdint.h>
#include <string.h>

void dump_close(struct str *out, size_t dump_size)
{
	uint64_t size = dump_size;

	str_append_bytes(out, &size, sizeof(size));
}

bool dump_split(const void *data, size_t size, struct slice *ret_dump, struct slice *ret_answer)
{
	const char *begin = data;
	uint64_t dump_size;

	if (size < sizeof(dump_size))
		return false;
	size -= sizeof(dump_size);
	memcpy(&dump_size, begin + size, sizeof(dump_size));
	if (dump_size > size)
		return false;
	*ret_dump = (struct slice){begin, dump_size};
	*ret_answer = (struct slice){begin + dump_size, size - dump_size};
	return true;
}
