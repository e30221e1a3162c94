/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process of our own that does what this one may not do any more once it is confined. It is
 * forked before, waits for requests, and ends when this one does, however that comes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "libcommon/base/error.h"
#include "libcommon/base/str.h"

struct servant {
	pid_t pid; /* 0: there is none */
	int fd;    /* a socket that keeps messages apart */
};

enum { SERVANT_MESSAGE = 64 << 10 }; /* the most bytes of a message */

/* Forks a process that has no descriptors but 0 to 2 and the socket, ignores what a terminal sends
 * to its group, calls serve, and ends when that returns, as it must when a read yields nothing. */
struct error *servant_start(void (*serve)(int fd), struct servant *ret);

/* Sends a message; false when it is too long or nobody takes it. */
bool servant_ask(const struct servant *servant, const void *message, size_t size);

/* Waits for a message and appends it; false when the servant is gone. */
bool servant_answer(const struct servant *servant, struct str *out);

/* Lets it end and takes note of its end; does nothing when there is none. */
void servant_stop(struct servant *servant);
