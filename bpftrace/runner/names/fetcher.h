/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process that fetches debug files, which the symbol helper, without a network, asks for by
 * build ids. It is started when DEBUGINFOD_URLS is set, has no capability, and is of the user who
 * has called the program, also by sudo(8): the files are kept in that user's cache.
 * Fetching is long work (process/long_work.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "bpftrace/runner/process/helper.h"

/* Whether the environment asks for it. */
bool fetcher_is_wanted(void);

/* Starts it. *ret is owned by the caller: helper_stop; *ret_fd, for fetcher_ask of another process,
 * is closed by the caller. */
struct error *fetcher_start(struct helper_process *ret, int *ret_fd);

/*
 * Asks for the file of a build id; wait(context, fd, limit) returns whether fd could be read within
 * so many milliseconds. Returns a descriptor of a file of any content, owned by the caller, or -1.
 * When no more will come *fd is closed and -1.
 */
int fetcher_ask(int *fd, const unsigned char *build_id, size_t size,
	bool (*wait)(void *context, int fd, int limit_ms), void *context);
