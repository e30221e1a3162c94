/* SPDX-License-Identifier: Apache-2.0 */
/* The headers that C leaves to the compiler, so that none of this machine's are needed. */
#pragma once

#include <stddef.h>

/* The directory that they are in; no file system has it. */
#define OWN_HEADERS "/bpftrace/include"

struct own_header {
	const char *path;
	const char *text;
};

extern const struct own_header own_headers[];
extern const size_t own_header_count;
