/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting that signals can end, for code below the event loop: the loop provides it. A NULL waiter,
 * where there is no loop yet, waits for nothing and is never interrupted.
 */
#pragma once

#include <stdbool.h>

struct waiter {
	/* Waits until fd can be read; false when a signal asks for the end of the run first. */
	bool (*readable)(void *context, int fd);
	/* Waits until the output's fd can be written, however many signals come. */
	void (*writable)(void *context, int fd);
	/* True from the first signal for the end until what had been sent before is handled:
	 * nothing that takes long is to begin. */
	bool (*interrupted)(void *context);
	void *context;
};

static inline bool waiter_interrupted(const struct waiter *waiter)
{
	return waiter && waiter->interrupted(waiter->context);
}
