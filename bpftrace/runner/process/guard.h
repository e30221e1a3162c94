/* SPDX-License-Identifier: Apache-2.0 */
/* Two processes for work that must be completed: the one that survives the other completes it. */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "libcommon/base/error.h"

/*
 * Runs work(context, fd, guard_fd) in a child of this process, which must exit at end-of-file of
 * guard_fd, since then this process has ended. Calls confine(context) in this process, continues
 * the child whenever it is stopped, and returns when it has ended: *ret is how, as of waitid(2);
 * all zero when it could not be started.
 */
void guard_run(void (*work)(void *context, int fd, int guard_fd), void (*confine)(void *context),
	void *context, int fd, siginfo_t *ret);

/* Whether the child has completed the work. */
bool guard_is_done(const siginfo_t *end);
