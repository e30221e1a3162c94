/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop alternates between draining both rings and waiting. Draining keeps the program order per
 * CPU although data and control records are in different rings: each control record carries the
 * position that the data ring had when it was sent. A drain reads the end of the data ring, then
 * handles the control records up to the end of their ring, each after the data up to its position,
 * then the data up to the end that it read first. All control records that were sent before that
 * data have then been handled; therefore no data is handled while the next control record is
 * incomplete.
 *
 * Waiting has two kinds. Idle: the consumer positions of both rings are published, so that the
 * kernel wakes this process at the next completed record (edge-triggered: an incomplete one does
 * not wake it repeatedly). Busy: when wake-ups follow each other closely, a short sleep instead;
 * the published positions then lag by a record, so that the kernel sends no wake-up.
 */
#include "run_state.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "bpftrace/runner/data/clock.h"
#include "bpftrace/runner/data/quiesce.h"
#include "bpftrace/runner/data/ring.h"
#include "bpftrace/runner/process/progress.h"
#include "bpftrace/runner/process/fd_watch.h"
#include "bpftrace/runner/show/show.h"
#include "dispatch.h"
#include "libcommon/base/log.h"
#include "packets.h"
#include "signals.h"

enum {
	NAP_MS = 1,
	SLICE = 4 << 20,   /* bytes of data between two checks of all other events */
	PUBLISH_PARTS = 8, /* space is published whenever this part of a ring was consumed */
	NAP_PARTS = 4,     /* no sleep when more than this part of a ring was sent since the last */
	LAST_NAPS = 20,    /* how often incomplete records are waited for at the end */
	LOST_INTERVAL_S = 1, /* between two reports of lost records */
	BACKLOG_MS = 300, /* after a signal, for slow actions on records that were sent before it */
};

/* What stopped a drain. */
enum drained {
	DRAINED_ALL,     /* all records that had been sent when it began are handled */
	DRAINED_SLICE,   /* the limit is reached, there is more */
	DRAINED_DATA,    /* the next data record is incomplete */
	DRAINED_CONTROL, /* the next control record is incomplete */
	DRAINED_EXIT,    /* exit() was called */
};

/* --- signals --- */

/* Records which signals have arrived since the last call. */
static void poll_signals(struct run *run)
{
	struct signals arrived = signals_take();

	run->maps_requested |= arrived.maps;
	run->signalled |= arrived.end;
	run->end_requested |= arrived.end;
}

bool run_interrupted(void *context)
{
	struct run *run = context;

	poll_signals(run);
	return run->signalled;
}

/* Whether slow actions are skipped: the time that they have after a signal is over. */
static bool is_late(const struct run *run)
{
	return run->signalled && signals_elapsed() > BACKLOG_MS;
}

/* Writes nothing where that would block: standard error may be the terminal that is not read. */
static void write_last_message(const char *message)
{
	struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (poll(&fd, 1, 0) == 1 && write(STDERR_FILENO, message, strlen(message)) < 0)
		return;
}

void run_quit(void *context)
{
	struct run *run = context;

	progress_hide();
	write_last_message(
		run->waits_for_reader
			? "ERROR: output truncated by a second signal: the reader had not taken "
			  "all of it\n"
			: "ERROR: ended by a second signal: what was left to do and to print was "
			  "dropped\n");
	if (run->sources.quit)
		run->sources.quit(run->sources.quit_context);
	_exit(1);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* --- draining --- */

/* Returns space to the kernel, but for the last record: see ring_publish. */
static void publish_consumed(struct ring_reader *ring, uint64_t before)
{
	if (ring->position - ring->published >= ring->size / PUBLISH_PARTS)
		ring_publish(ring, before);
}

static void dispatch(struct run *run, enum ring_kind ring, const void *record, size_t size)
{
	poll_signals(run);
	dispatch_record(&run->dispatch, ring, record, size, is_late(run));
}

/* Dispatches the data up to a position; false when one of the records is incomplete. */
static bool consume_data(struct run *run, uint64_t to)
{
	struct ring_reader *ring = &run->data;
	const void *record = NULL;
	size_t size = 0;

	while (ring->data && ring->position < to) {
		uint64_t before = ring->position;
		enum ring_head head = ring_peek(ring, &record, &size);

		if (head == RING_EMPTY)
			return true;
		if (head == RING_BUSY)
			return false;
		if (head == RING_RECORD)
			dispatch(run, RING_DATA, record, size);
		ring_advance(ring, head);
		publish_consumed(ring, before);
	}
	return true;
}

static enum drained handle_control(struct run *run, const void *record, size_t size)
{
	const struct control_head *head = record;

	if (size >= sizeof(*head) && !consume_data(run, head->data_position))
		return DRAINED_DATA;
	dispatch(run, RING_CONTROL, record, size);
	return run->actions->exited && !run->exiting ? DRAINED_EXIT : DRAINED_ALL;
}

static enum drained drain_control(struct run *run)
{
	struct ring_reader *ring = &run->control;
	uint64_t end = ring->data ? ring_end(ring) : 0;
	const void *record = NULL;
	size_t size = 0;

	while (ring->position < end) {
		uint64_t before = ring->position;
		enum ring_head head = ring_peek(ring, &record, &size);
		enum drained drained = DRAINED_ALL;

		if (head == RING_BUSY)
			return DRAINED_CONTROL;
		if (head == RING_RECORD)
			drained = handle_control(run, record, size);
		if (drained == DRAINED_DATA)
			return drained;
		ring_advance(ring, head);
		publish_consumed(ring, before);
		if (drained == DRAINED_EXIT)
			return drained;
	}
	return DRAINED_ALL;
}

/* Handles at most so many bytes of data, besides the data before control records. */
static enum drained drain(struct run *run, uint64_t most)
{
	packets_drain(run->packets); /* of skboutput(), which pass through neither ring */

	uint64_t end = run->data.data ? ring_end(&run->data) : 0;
	enum drained drained = drain_control(run);
	uint64_t left = end > run->data.position ? end - run->data.position : 0;

	if (drained != DRAINED_ALL)
		return drained;
	if (!consume_data(run, run->data.position + MIN(left, most)))
		return DRAINED_DATA;
	return most < left ? DRAINED_SLICE : DRAINED_ALL;
}

static bool is_incomplete(struct ring_reader *ring)
{
	const void *record;
	size_t size;

	return ring_peek(ring, &record, &size) == RING_BUSY;
}

static bool is_empty(struct ring_reader *ring)
{
	return !ring->data || ring->position == ring_end(ring);
}

/* Arranges that the kernel sends a wake-up for what the drain left; false when there is already
 * more to drain. */
static bool rearm(struct run *run, enum drained drained)
{
	if (run->data.data)
		ring_rearm(&run->data);
	if (run->control.data)
		ring_rearm(&run->control);
	switch (drained) {
	case DRAINED_DATA: return is_incomplete(&run->data);
	case DRAINED_CONTROL: return is_incomplete(&run->control);
	case DRAINED_ALL: return is_empty(&run->data) && is_empty(&run->control);
	default: return false;
	}
}

/* Returns whether the programs are stopped, by exit() or by this process. The control ring may have
 * had no room for the record of exit(): its status is taken from the state. */
static bool check_stopped(const struct run *run)
{
	const volatile struct state *state = run->actions->traced->state;

	if (!state || !state->stopped)
		return false;
	if (!run->actions->exited)
		run->actions->exit_status = (int)state->exit_status;
	return true;
}

bool run_drain(struct run *run)
{
	enum drained drained = drain(run, UINT64_MAX);

	for (int i = 0; i < LAST_NAPS && drained != DRAINED_ALL && drained != DRAINED_EXIT; i++) {
		struct epoll_event event;

		if (rearm(run, drained))
			epoll_wait(run->all_fd, &event, 1, NAP_MS);
		drained = drain(run, UINT64_MAX);
	}
	output_flush(run->actions->output);
	if (run->actions->exited)
		run->exiting = true;
	return drained == DRAINED_EXIT || check_stopped(run);
}

/* --- signals, the child, the output, the clock --- */

static void show_requested(struct run *run)
{
	const struct run_sources *sources = &run->sources;

	if (run->maps_requested && sources->user_signal)
		sources->user_signal(sources->user_signal_context);
	else if (run->maps_requested)
		show_maps(run->actions->output, run->actions->traced);
	run->maps_requested = false;
}

/* True when the run is to end. */
static bool handle_signals(struct run *run, enum run_end *ret)
{
	poll_signals(run);
	show_requested(run);
	if (run->signalled)
		*ret = RUN_SIGNAL;
	return run->signalled;
}

static void handle_clock_change(struct run *run)
{
	clock_watch_again(run->clock_fd);
	run->actions->traced->state->tai_offset = clock_tai_offset();
}

/* Waits for anything but records; true when the run is to end. */
static bool wait_others(struct run *run, int timeout, enum run_end *ret)
{
	struct epoll_event event;

	if (epoll_wait(run->others_fd, &event, 1, timeout) != 1)
		return false;
	if (event.data.fd == run->signal_fd)
		return handle_signals(run, ret);
	if (event.data.fd == run->clock_fd) {
		handle_clock_change(run);
		return false;
	}
	if (event.data.fd == run->sources.fd_watch->fd) {
		fd_watch_dispatch(run->sources.fd_watch);
		return false;
	}
	*ret = event.data.fd == run->sources.child_pidfd ? RUN_CHILD : RUN_OUTPUT;
	return true;
}

/* Waits for anything. */
static bool wait_all(struct run *run, enum run_end *ret)
{
	struct epoll_event events[3];
	bool end = false;
	int count = epoll_wait(run->all_fd, events, ARRAY_SIZE(events), -1);
	uint64_t woken_at = now();

	for (int i = 0; i < count; i++) {
		if (events[i].data.fd == run->others_fd)
			end = wait_others(run, 0, ret);
	}
	run->wakeups_are_frequent = woken_at - run->woken_at < NAP_MS * UINT64_C(1000000);
	run->woken_at = woken_at;
	return end;
}

bool run_wait(void *context, int fd)
{
	struct run *run = context;
	struct pollfd fds[] = {
		{.fd = fd, .events = POLLIN},
		{.fd = run->signal_fd, .events = POLLIN},
	};
	enum run_end end;

	for (;;) {
		bool any = poll(fds, ARRAY_SIZE(fds), -1) > 0;

		if (any && fds[1].revents && handle_signals(run, &end))
			return false;
		if (any && fds[0].revents)
			return true;
	}
}

/* No hint on a terminal that shows the output itself: that is the paused reader. */
static void note_second_signal(const struct run *run)
{
	if (run->end_requested && !isatty(run->actions->output->fd))
		progress_note("writing the output; Ctrl-C drops the rest");
}

void run_wait_for_reader(void *context, int fd)
{
	struct run *run = context;
	struct pollfd fds[] = {
		{.fd = fd, .events = POLLOUT},
		{.fd = run->signal_fd, .events = POLLIN},
	};

	run->waits_for_reader = true;
	do {
		poll_signals(run);
		note_second_signal(run);
	} while (poll(fds, ARRAY_SIZE(fds), -1) <= 0 || !fds[0].revents);
	run->waits_for_reader = false;
}

/* --- the loop --- */

/* Lost records are reported when the loop is idle, at most once per interval. */
static void report_lost(struct run *run)
{
	const volatile struct state *state = run->actions->traced->state;

	if (!state || state->lost + state->lost_control == run->actions->output->lost)
		return;

	uint64_t time = now();

	if (time - run->lost_shown_at < LOST_INTERVAL_S * UINT64_C(1000000000))
		return;
	run->lost_shown_at = time;
	show_lost(run->actions->output, run->actions->traced);
}

/* Whether to sleep instead of waiting for a wake-up: records keep coming, but not so many that the
 * ring would fill up meanwhile. */
static bool may_nap(const struct run *run, enum drained drained)
{
	uint64_t moved = run->data.position - run->waited_at;

	return run->wakeups_are_frequent && drained == DRAINED_ALL && moved &&
	       moved < run->data.size / NAP_PARTS;
}

/* True when the run is to end. */
static bool wait_for_more(struct run *run, enum drained drained, enum run_end *ret)
{
	if (handle_signals(run, ret))
		return true;

	bool nap = may_nap(run, drained);
	bool rearmed = !nap && rearm(run, drained);
	bool end;

	if (nap || rearmed) {
		report_lost(run);
		output_flush(run->actions->output);
	}
	if (run->actions->output->failed) {
		*ret = RUN_OUTPUT;
		return true;
	}
	end = rearmed ? wait_all(run, ret) : wait_others(run, nap ? NAP_MS : 0, ret);
	run->waited_at = run->data.position;
	return end;
}

void run_make_room(struct run *run)
{
	run->exiting = true;
	run_drain(run);
	show_requested(run);
	rearm(run, DRAINED_ALL);
	run->signalled = false; /* records of END are handled whatever has arrived */
}

static void finish_interrupted(struct run *run)
{
	if (run->actions->traced->state)
		run->actions->traced->state->stopped = 1;
	quiesce();
	run_make_room(run);
}

enum run_end run_loop(struct run *run)
{
	enum run_end end = RUN_EXIT;

	while (!run->actions->exited) {
		enum drained drained = drain(run, SLICE);

		if (drained == DRAINED_EXIT || (drained == DRAINED_ALL && check_stopped(run)) ||
			wait_for_more(run, drained, &end))
			break;
	}
	run->exiting = true;
	if (run->signalled)
		finish_interrupted(run);
	output_flush(run->actions->output);
	return end;
}

void run_report(struct run *run)
{
	dispatch_end(&run->dispatch);
	if (run->dispatch.dropped)
		log_warning("malformed records from the kernel, dropped: %" PRIu64,
			run->dispatch.dropped);
}
