/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of stacks, in the process that finds symbols. */
#pragma once

#include "libcommon/symbols/kallsyms.h"
#include "libcommon/symbols/symbolizer.h"
#include "symbols.h"

struct naming {
	struct symbolizer *symbolizer;
	int kallsyms_fd;           /* -1: names of the kernel are not wanted */
	struct kallsyms *kallsyms; /* read when an address of the kernel is named first */
	bool has_read_kallsyms;
	bool demangles;
	bool has_lines; /* files and lines of frames, and functions that were inlined */
};

/* Appends the text of a stack and a NUL. */
void naming_append(struct naming *naming, const struct symbols_stack *stack, struct str *out);
