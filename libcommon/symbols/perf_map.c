/* SPDX-License-Identifier: Apache-2.0 */
#include "perf_map.h"

#include <string.h>

#include "libcommon/base/attributes.h"

/* Reads a hexadecimal number and the blank behind it; false when there is none. */
static bool read_number(const char **at, const char *end, uint64_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	const char *begin = *at, *digit;
	uint64_t number = 0;

	if (end - begin > 2 && begin[0] == '0' && (begin[1] | 0x20) == 'x')
		begin += 2;

	const char *next = begin;

	while (next < end && *next && (digit = strchr(digits, *next | 0x20))) {
		number = number << 4 | (uint64_t)(digit - digits);
		next++;
	}
	if (next == begin || next - begin > 16 || next == end || *next != ' ')
		return false;
	*at = next + 1;
	*ret = number;
	return true;
}

static void add_line(struct symbol_table *table, const char *line, const char *end)
{
	uint64_t start, size;
	size_t length = 0;

	if (read_number(&line, end, &start) && read_number(&line, end, &size))
		length = strnlen(line, (size_t)(end - line));
	if (length && size)
		symbol_table_add(table, start, (struct alias){.name = line, .size = size}, length);
}

void perf_map_parse(const char *text, size_t size, struct symbol_table *table)
{
	const char *end = text + size;

	table->last_wins = true;
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = newline ? newline : end;

		add_line(table, text, line_end);
		text = line_end + (newline != NULL);
	}
	symbol_table_finish(table, 0);
}
