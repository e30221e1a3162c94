/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of functions of a kernel module, from its file with debug information. */
#pragma once

#include "libcommon/elf/srclines.h"

struct module_lines;

/* NULL when no such file of the module that is loaded is found. host is borrowed. */
struct module_lines *module_lines_open(const struct host *host, const char *module);
void module_lines_free(struct module_lines *lines); /* NULL-safe */

/* As srclines_find, at a distance from the begin of a function; NULL also when several functions
 * have the name. */
const struct srcline *module_lines_find(
	struct module_lines *lines, const char *function, uint64_t offset, size_t *ret_count);
