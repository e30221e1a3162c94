/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors that the event loop waits for on behalf of other code, such as sockets to helper
 * processes: an epoll instance, which can be read while one of them can. */
#pragma once

#include "libcommon/base/arena.h"
#include "libcommon/base/error.h"

struct fd_watch {
	int fd; /* of the epoll instance; -1: not open */
};

/* Opens the instance; before any descriptor is added. The caller closes ret->fd. */
struct error *fd_watch_open(struct fd_watch *ret) _must_check_;

/* Makes fd_watch_dispatch call readable(context) whenever fd can be read or has reached its end,
 * until it is removed or closed. What that takes is in arena. */
struct error *fd_watch_add(const struct fd_watch *fd_watch, int fd, void (*readable)(void *context),
	void *context, struct arena *arena) _must_check_;
void fd_watch_remove(const struct fd_watch *fd_watch, int fd);

/* Makes one such call, if there is one to be made. */
void fd_watch_dispatch(const struct fd_watch *fd_watch);
