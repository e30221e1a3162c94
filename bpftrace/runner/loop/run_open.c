/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens what the loop waits for. Rings and packets are in one epoll set, all else in another, so
 * that a busy loop can sleep without waking for records.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "bpftrace/runner/data/clock.h"
#include "bpftrace/runner/data/mapread.h"
#include "bpftrace/runner/data/swap.h"
#include "bpftrace/runner/process/fd_watch.h"
#include "bpftrace/runner/show/show.h"
#include "libcommon/base/alloc.h"
#include "run_state.h"
#include "signals.h"

static struct error *watch(int epoll_fd, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
		return error_system(errno, "cannot watch a descriptor");
	return NULL;
}

static struct error *open_ring(struct run *run, int fd, struct ring_reader *ring)
{
	if (fd < 0)
		return NULL;

	struct error *error = ring_open(fd, ring);

	return error ? error : watch(run->all_fd, fd, EPOLLIN | EPOLLET);
}

static struct error *open_packets(struct run *run)
{
	struct error *error = packets_open(&run->dispatch, &run->packets);
	int fd = -1;

	for (size_t i = 0; !error && (fd = packets_fd(run->packets, i)) >= 0; i++)
		error = watch(run->all_fd, fd, EPOLLIN);
	return error;
}

static struct error *open_signals(struct run *run)
{
	sigset_t children;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &children, &run->old_mask);
	struct error *error = signals_open(run_quit, run, &run->signal_fd);

	return error ? error : watch(run->others_fd, run->signal_fd, EPOLLIN);
}

static struct error *open_clock(struct run *run)
{
	if (!run->actions->traced->bundle.manifest.follows_tai)
		return NULL;

	struct error *error = clock_watch(&run->clock_fd);

	return error ? error : watch(run->others_fd, run->clock_fd, EPOLLIN);
}

/* A pipe reports an error when its reader is gone; regular files cannot be watched. */
static void watch_output(struct run *run)
{
	error_free(watch(run->others_fd, run->actions->output->fd, 0));
}

static struct error *open_all(struct run *run)
{
	struct traced *traced = run->actions->traced;
	struct error *error;

	/* Reads the file of the time zone, which may not be opened later. */
	tzset();
	run->all_fd = epoll_create1(EPOLL_CLOEXEC);
	run->others_fd = epoll_create1(EPOLL_CLOEXEC);
	if (run->all_fd < 0 || run->others_fd < 0)
		return error_system(errno, "epoll");
	error = watch(run->all_fd, run->others_fd, EPOLLIN);
	if (!error)
		error = open_ring(run, traced->data_ring_fd, &run->data);
	if (!error)
		error = open_ring(run, traced->control_ring_fd, &run->control);
	if (!error && run->sources.child_pidfd >= 0)
		error = watch(run->others_fd, run->sources.child_pidfd, EPOLLIN);
	if (!error && !traced->map_layouts)
		error = map_layouts_find(traced);
	if (!error)
		error = swap_open(traced);
	if (!error)
		error = dispatch_init(run->actions, &run->dispatch);
	if (!error)
		error = open_packets(run);
	if (!error)
		error = fd_watch_open(run->sources.fd_watch);
	if (!error)
		error = watch(run->others_fd, run->sources.fd_watch->fd, EPOLLIN);
	if (!error)
		error = open_signals(run);
	if (!error)
		error = open_clock(run);
	if (!error)
		watch_output(run);
	if (!error)
		run->actions->output->waiter = run->actions->waiter = &run->waiter;
	return error;
}

struct error *run_open(struct actions *actions, const struct run_sources *sources, struct run **ret)
{
	struct run *run = xcalloc(1, sizeof(*run));
	struct error *error;

	*run = (struct run){
		.actions = actions,
		.sources = *sources,
		.waiter = {.readable = run_wait,
			.writable = run_wait_for_reader,
			.interrupted = run_interrupted,
			.context = run},
		.all_fd = -1,
		.others_fd = -1,
		.signal_fd = -1,
		.clock_fd = -1,
	};
	sigprocmask(SIG_BLOCK, NULL, &run->old_mask);
	error = open_all(run);
	if (error) {
		run_close(run);
		return error;
	}
	*ret = run;
	return NULL;
}

void run_close(struct run *run)
{
	if (!run)
		return;
	run->actions->output->waiter = run->actions->waiter = NULL;
	packets_close(run->packets);
	ring_close(&run->data);
	ring_close(&run->control);
	cleanup_close(&run->clock_fd);
	signals_close();
	cleanup_close(&run->others_fd);
	cleanup_close(&run->all_fd);
	sigprocmask(SIG_SETMASK, &run->old_mask, NULL);
	free(run);
}
