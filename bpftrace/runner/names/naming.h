/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of stacks, in the process that finds symbols. */
#pragma once

#include "frame_texts.h"
#include "kernel_names.h"
#include "libcommon/symbols/symbolizer.h"
#include "symbols.h"

struct naming {
	struct symbolizer *symbolizer;
	struct kernel_names kernel;
	struct frame_texts *kernel_texts; /* of the kernel itself, which do not change; NULL */
	bool demangles;
	bool has_lines;       /* files and lines of frames, and functions that were inlined */
	bool has_found_lines; /* of a process */
	char *without_lines;  /* the first file of a process that was asked for lines; NULL */
};

/* Appends the text of a stack and a NUL. */
void naming_append(struct naming *naming, const struct symbols_stack *stack, struct str *out);

/* Warns when no frame of any process had a line, although they were wanted. */
void naming_report(const struct naming *naming);
