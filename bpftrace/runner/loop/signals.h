/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signals of a run: SIGINT, SIGTERM and SIGHUP request its end, SIGUSR1 the maps. A handler
 * records the first signal for the end; the second ends the process at once, whatever it does.
 * While long work goes on, the next signal ends that, and does not count unless it is the
 * first. A SIGHUP that is ignored at the start, as by nohup(1), stays ignored.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/error.h"

/*
 * Installs the handlers. *ret_fd, which signals_close closes, is readable from a signal until
 * signals_take. The handler of the second signal for the end calls quit(context), which must be
 * async-signal-safe and not return.
 */
struct error *signals_open(void (*quit)(void *context), void *context, int *ret_fd);

/* Restores the signals as they were before signals_open. */
void signals_close(void);

/* Blocks or unblocks the signals, so that system calls are not interrupted; signals_take still
 * returns those that arrive while they are blocked. */
void signals_hold(bool hold);

/* Returns which have arrived since the last call, and resets them. */
struct signals {
	bool end, maps;
};
struct signals signals_take(void);

/* Milliseconds since the first signal for the end; 0 before it. */
uint64_t signals_elapsed(void);
