/* SPDX-License-Identifier: Apache-2.0 */
/* Where the code of a line of source text begins: from the debug information (DWARF) of a file. */
#pragma once

#include "debuginfo.h"
#include "libcommon/base/suggest.h"
#include "libcommon/base/vec.h"

struct linecode {
	VEC(uint64_t)
	addresses; /* one for each function that has code of the line, also of those
		      that it was inlined into; in order */

	/* Of a search without addresses, for messages. */
	bool has_file;
	struct suggestion near_file; /* among the names of files, without directories */
	uint32_t before, after;      /* the next lines of the file with code; 0: none */
	VEC(uint32_t) columns;       /* at which the line has code */
};

/*
 * Finds the code of a line of the file, a path or the end of one. Column 0 is any. The caller
 * deinits *ret, which refers to file and to texts of info.
 */
void linecode_find(struct debuginfo *info, const char *file, uint32_t line, uint32_t column,
	struct linecode *ret);
void linecode_deinit(struct linecode *code);

#define _cleanup_linecode_ _cleanup_(linecode_deinit)
