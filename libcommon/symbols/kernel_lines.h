/* SPDX-License-Identifier: Apache-2.0 */
/* Source lines of the running kernel's code, from a vmlinux file with debug information. */
#pragma once

#include "kallsyms.h"
#include "libcommon/elf/srclines.h"

struct kernel_lines;

/*
 * Looks for the file of the running kernel, which its build id identifies: the one that is open as
 * fd, which stays open, or where that is -1 at the places of distributions below host. NULL when
 * there is none with debug information. The caller frees the result.
 */
struct kernel_lines *kernel_lines_open(
	const struct host *host, int fd, const struct kallsyms *kallsyms);
void kernel_lines_free(struct kernel_lines *lines); /* NULL-safe */

/* As srclines_find, of an address of the running kernel but its modules. */
const struct srcline *kernel_lines_find(
	struct kernel_lines *lines, uint64_t address, size_t *ret_count);
