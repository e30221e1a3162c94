/* SPDX-License-Identifier: Apache-2.0 */
#include "fd_watch.h"

#include <errno.h>
#include <sys/epoll.h>

struct watch {
	void (*readable)(void *context);
	void *context;
};

struct error *fd_watch_open(struct fd_watch *ret)
{
	ret->fd = epoll_create1(EPOLL_CLOEXEC);
	return ret->fd < 0 ? error_system(errno, "epoll") : NULL;
}

struct error *fd_watch_add(const struct fd_watch *fd_watch, int fd, void (*readable)(void *context),
	void *context, struct arena *arena)
{
	struct watch *watch = arena_new(arena, struct watch);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};

	*watch = (struct watch){.readable = readable, .context = context};
	if (epoll_ctl(fd_watch->fd, EPOLL_CTL_ADD, fd, &event) != 0)
		return error_system(errno, "cannot watch a descriptor");
	return NULL;
}

void fd_watch_remove(const struct fd_watch *fd_watch, int fd)
{
	epoll_ctl(fd_watch->fd, EPOLL_CTL_DEL, fd, NULL);
}

void fd_watch_dispatch(const struct fd_watch *fd_watch)
{
	struct epoll_event event;

	if (epoll_wait(fd_watch->fd, &event, 1, 0) != 1)
		return;

	const struct watch *watch = event.data.ptr;

	watch->readable(watch->context);
}
