/* SPDX-License-Identifier: Apache-2.0 */
#include "maps.h"

#include <stdlib.h>
#include <string.h>

/* The number at *at in that base, and the delimiter behind it, which is skipped. */
static bool next_number(char **at, int base, char delimiter, uint64_t *ret)
{
	char *end;

	*ret = strtoull(*at, &end, base);
	if (end == *at || *end != delimiter)
		return false;
	*at = end + 1;
	return true;
}

static void cut_deleted(char *path)
{
	static const char mark[] = " (deleted)";
	size_t length = strlen(path), size = sizeof(mark) - 1;

	if (length > size && strcmp(path + length - size, mark) == 0)
		path[length - size] = '\0';
}

bool maps_line_parse(char *line, struct maps_line *ret)
{
	uint64_t start, end, offset, major, minor, inode;
	const char *permissions;
	char *at = line;

	if (!next_number(&at, 16, '-', &start) || !next_number(&at, 16, ' ', &end))
		return false;
	permissions = at;
	if (strcspn(at, " ") != 4 || at[4] != ' ')
		return false;
	at += 5;
	if (!next_number(&at, 16, ' ', &offset) || !next_number(&at, 16, ':', &major) ||
		!next_number(&at, 16, ' ', &minor))
		return false;
	inode = strtoull(at, &at, 10);
	at += strspn(at, " ");
	cut_deleted(at);
	*ret = (struct maps_line){
		.start = start,
		.end = end,
		.offset = offset,
		.major = (uint32_t)major,
		.minor = (uint32_t)minor,
		.inode = inode,
		.path = at,
		.is_code = permissions[2] == 'x',
	};
	return start < end;
}
