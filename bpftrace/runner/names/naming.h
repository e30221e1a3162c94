/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of stacks, in the process that finds symbols. */
#pragma once

#include "frame_texts.h"
#include "libcommon/symbols/kallsyms.h"
#include "libcommon/symbols/kernel_lines.h"
#include "libcommon/symbols/symbolizer.h"
#include "symbols.h"

struct naming {
	const struct host *host;
	struct symbolizer *symbolizer;
	int kallsyms_fd;                  /* -1: names of the kernel are not wanted */
	struct kallsyms *kallsyms;        /* NULL: not read, or hidden */
	int64_t kallsyms_time;            /* when they were read, in seconds; 0: never */
	struct frame_texts *kernel_texts; /* of the kernel itself, which do not change */
	bool demangles;
	bool has_lines; /* files and lines of frames, and functions that were inlined */
	int vmlinux_fd; /* the kernel's file that the user names; -1 */
	struct kernel_lines *kernel_lines; /* looked for when they are asked for first; NULL */
	bool has_read_kernel_lines;
};

/* Reads the symbols of the kernel ahead, unless that was done. */
void naming_prepare(struct naming *naming);

/* Appends the text of a stack and a NUL. */
void naming_append(struct naming *naming, const struct symbols_stack *stack, struct str *out);
