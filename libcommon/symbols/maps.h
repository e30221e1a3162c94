/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of /proc/PID/maps. Source: proc(5); a line is "START-END PERMISSIONS OFFSET MAJOR:MINOR
 * INODE PATH".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct maps_line {
	uint64_t start, end, offset;
	uint32_t major, minor;
	uint64_t inode;
	const char *path; /* "" where there is none; without the mark of a deleted file */
	bool is_code;     /* mapped for execution */
};

/* Parses a line, in which NUL bytes are set; false when it is malformed. */
bool maps_line_parse(char *line, struct maps_line *ret);
