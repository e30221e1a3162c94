/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debug files from the servers of DEBUGINFOD_URLS, by libdebuginfod, which is loaded at the first
 * call. To be called by a process of its own: the library has threads, opens connections, and
 * writes files to its cache. Source: debuginfod_find_debuginfo(3).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcommon/base/error.h"

struct debuginfod_limits {
	uint64_t stall_ms; /* without 100 KB more; 0: none */
	uint64_t total_ms; /* for one file */
	uint64_t bytes;    /* of one file */
};

/* Those of the environment (DEBUGINFOD_TIMEOUT, DEBUGINFOD_MAXTIME, DEBUGINFOD_MAXSIZE), or else
 * ours. */
struct debuginfod_limits debuginfod_limits(void);

/*
 * Finds the debug file of a build id in the cache or on a server. is_cancelled is asked about once
 * a second whether to end. Errors: ENOENT when no server has it, ELIBACC when there is no library,
 * ETIME and EFBIG at a limit, ECANCELED, and what the library reports. The caller closes *ret_fd.
 */
struct error *debuginfod_find(
	const unsigned char *build_id, size_t size, bool (*is_cancelled)(void), int *ret_fd);
