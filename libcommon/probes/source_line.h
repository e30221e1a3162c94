/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of source text in the place of functions: "uprobe:PATH@FILE:LINE:COLUMN". */
#pragma once

#include "libcommon/elf/linecode.h"
#include "probe.h"

struct source_line {
	const char *path;      /* of the program, as written */
	const char *file;      /* the end of its path */
	uint32_t line, column; /* column 0: any */
};

/* False when an attach point of a program has not that form; texts are in arena. */
bool source_line_parse(const struct probe_world *world, const struct probe_spec *spec,
	struct arena *arena, struct source_line *ret);

/* Finds the code of the line in the file that match names: an error when there is none. The caller
 * deinits *ret. */
struct error *source_line_find(const struct probe_world *world, const struct probe_match *match,
	const struct source_line *line, struct arena *arena, struct suggestion *suggestion,
	struct linecode *ret);
