/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop alternates between draining both rings and waiting. Draining keeps the program order per
 * CPU although data and control records travel apart: each control record carries the data ring's
 * position at its moment. The data ring's end is read first, then the control records are taken up
 * to the control ring's end, each after the data up to its position, then the data up to the end
 * read first. Whatever was sent before that data is then among the control records taken; so data
 * is left alone while the control ring's next record is incomplete.
 *
 * Waiting has two kinds. Idle: both positions are published, so that the kernel wakes us at the
 * next completed record (edge-triggered: an incomplete one does not wake us again and again). Busy:
 * when wake-ups follow each other closely, a nap instead; the positions published then lag by a
 * record, which keeps the kernel from waking anybody.
 */
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>

#include "clock.h"
#include "dispatch.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "mapread.h"
#include "ring.h"
#include "packets.h"
#include "show/show.h"
#include "take.h"

enum {
	NAP_MS = 1,
	SLICE = 4 << 20,     /* bytes of data between two looks at signals */
	PARTS = 8,           /* of a ring: how much is consumed before the space is given back */
	NAP_PARTS = 4,       /* of a ring: how much may come during a nap */
	LAST_NAPS = 20,      /* how long records under way are waited for at the end */
	LOST_INTERVAL_S = 1, /* between two reports of lost records */
	DOUBLE_MS = 300,     /* what comes so soon after a signal belongs to it */
};

/* What stopped a drain. */
enum drained {
	DRAINED_ALL,     /* what was there when it began */
	DRAINED_SLICE,   /* enough for now, there is more */
	DRAINED_DATA,    /* a data record that is incomplete */
	DRAINED_CONTROL, /* a control record that is incomplete */
	DRAINED_EXIT,    /* exit() */
};

struct run {
	struct session *session;
	struct dispatch dispatch;
	struct ring_reader data, control; /* all zero when there is none */
	struct packets *packets;          /* NULL when there are none */
	uint64_t waited_at;               /* position of data when waiting ended last */
	uint64_t woken_at;                /* nanoseconds */
	uint64_t lost_shown_at;
	uint64_t signalled_at; /* when the end was first asked for by a signal, 0: not yet */
	bool signalled;        /* that was while something else was waited for */
	bool maps_asked;       /* by a signal while the output was waited for */
	bool hurried;          /* the last two wake-ups were less than a nap apart */
	bool exiting;  /* the end has come: what is still there is handled to the last record */
	int all_fd;    /* epoll: the rings and others_fd */
	int others_fd; /* epoll: signals, child, output, clock */
	int signal_fd;
	int clock_fd; /* -1 when no program uses how far CLOCK_TAI is ahead */
	sigset_t old_mask;
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* --- draining --- */

/* Gives the space back, but for the last record: see ring_publish. */
static void consumed(struct ring_reader *ring, uint64_t before)
{
	if (ring->position - ring->published >= ring->size / PARTS)
		ring_publish(ring, before);
}

/* Hands the data up to a position to its sites; false when one of the records is incomplete. */
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
			dispatch_record(&run->dispatch, RING_DATA, record, size);
		ring_advance(ring, head);
		consumed(ring, before);
	}
	return true;
}

static enum drained take_control(struct run *run, const void *record, size_t size)
{
	const struct control_head *head = record;

	if (size >= sizeof(*head) && !consume_data(run, head->data_position))
		return DRAINED_DATA;
	dispatch_record(&run->dispatch, RING_CONTROL, record, size);
	return run->session->exited && !run->exiting ? DRAINED_EXIT : DRAINED_ALL;
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
			drained = take_control(run, record, size);
		if (drained == DRAINED_DATA)
			return drained;
		ring_advance(ring, head);
		consumed(ring, before);
		if (drained == DRAINED_EXIT)
			return drained;
	}
	return DRAINED_ALL;
}

static enum drained drain(struct run *run)
{
	packets_drain(run->packets);

	uint64_t end = run->data.data ? ring_end(&run->data) : 0;
	enum drained drained = drain_control(run);
	uint64_t slice = run->data.position + SLICE;

	if (drained != DRAINED_ALL)
		return drained;
	if (!consume_data(run, MIN(end, slice)))
		return DRAINED_DATA;
	return slice < end ? DRAINED_SLICE : DRAINED_ALL;
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

/* Makes sure that the kernel wakes us for what the drain left; false when it need not, since there
 * is something to do already. */
static bool settle(struct run *run, enum drained drained)
{
	if (run->data.data)
		ring_settle(&run->data);
	if (run->control.data)
		ring_settle(&run->control);
	switch (drained) {
	case DRAINED_DATA: return is_incomplete(&run->data);
	case DRAINED_CONTROL: return is_incomplete(&run->control);
	case DRAINED_ALL: return is_empty(&run->data) && is_empty(&run->control);
	default: return false;
	}
}

bool run_drain(struct run *run)
{
	enum drained drained = drain(run);

	for (int i = 0; i < LAST_NAPS && drained != DRAINED_ALL && drained != DRAINED_EXIT; i++) {
		struct epoll_event event;

		if (settle(run, drained))
			epoll_wait(run->all_fd, &event, 1, NAP_MS);
		drained = drain(run);
	}
	output_flush(run->session->output);
	if (run->session->exited)
		run->exiting = true;
	return drained == DRAINED_EXIT;
}

/* --- signals, the child, the output, the clock --- */

/* The number of a signal that has come; 0: none. */
static int next_signal(struct run *run)
{
	struct signalfd_siginfo info;

	if (read(run->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	if (info.ssi_signo != SIGUSR1 && !run->signalled_at)
		run->signalled_at = now();
	return (int)info.ssi_signo;
}

static bool take_signal(struct run *run, enum run_end *ret)
{
	int number = next_signal(run);

	if (number == SIGUSR1)
		show_maps(run->session);
	if (number == 0 || number == SIGUSR1)
		return false;
	*ret = RUN_SIGNAL;
	return true;
}

static void take_step(struct run *run)
{
	clock_watch_again(run->clock_fd);
	run->session->state->tai_offset = clock_tai_offset();
}

/* Waits for anything but records; true when the run is to end. */
static bool wait_others(struct run *run, int timeout, enum run_end *ret)
{
	struct epoll_event event;

	if (epoll_wait(run->others_fd, &event, 1, timeout) != 1)
		return false;
	if (event.data.fd == run->signal_fd)
		return take_signal(run, ret);
	if (event.data.fd == run->clock_fd) {
		take_step(run);
		return false;
	}
	*ret = event.data.fd == run->session->child_pidfd ? RUN_CHILD : RUN_OUTPUT;
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
	run->hurried = woken_at - run->woken_at < NAP_MS * UINT64_C(1000000);
	run->woken_at = woken_at;
	return end;
}

bool run_wait(struct run *run, int fd)
{
	struct pollfd fds[] = {
		{.fd = fd, .events = POLLIN},
		{.fd = run->signal_fd, .events = POLLIN},
	};
	enum run_end end;

	for (;;) {
		bool any = poll(fds, ARRAY_SIZE(fds), -1) > 0;

		if (any && fds[1].revents && take_signal(run, &end)) {
			run->signalled = true;
			return false;
		}
		if (any && fds[0].revents)
			return true;
	}
}

bool run_interrupted(const struct run *run)
{
	return run->signalled;
}

/* A signal for the end that is not the double of the first, as some programs send them: from now on
 * signals end the process. */
static bool insists(struct run *run)
{
	if (now() - run->signalled_at < DOUBLE_MS * UINT64_C(1000000))
		return false;
	sigprocmask(SIG_SETMASK, &run->old_mask, NULL);
	return true;
}

/* For the output: its reader may pause for as long as it likes, until a signal for the end comes
 * a second time. */
static bool wait_for_reader(struct run *run)
{
	struct pollfd fds[] = {
		{.fd = run->session->output->fd, .events = POLLOUT},
		{.fd = run->signal_fd, .events = POLLIN},
	};

	while (poll(fds, ARRAY_SIZE(fds), -1) <= 0 || !fds[0].revents) {
		int number = fds[1].revents ? next_signal(run) : 0;

		if (number == SIGUSR1)
			run->maps_asked = true;
		else if (number && insists(run))
			return false;
		else if (number && !run->exiting)
			run->signalled = true;
	}
	return true;
}

/* --- the loop --- */

/* Lost records are reported as soon as somebody has time, but not all the time. */
static void report_lost(struct run *run)
{
	const volatile struct state *state = run->session->state;

	if (!state || state->lost + state->lost_control == run->session->output->lost)
		return;

	uint64_t time = now();

	if (time - run->lost_shown_at < LOST_INTERVAL_S * UINT64_C(1000000000))
		return;
	run->lost_shown_at = time;
	show_lost(run->session);
}

/* Whether to nap: records keep coming, but not so many that the ring would fill up meanwhile. */
static bool may_nap(const struct run *run, enum drained drained)
{
	uint64_t moved = run->data.position - run->waited_at;

	return run->hurried && drained == DRAINED_ALL && moved &&
	       moved < run->data.size / NAP_PARTS;
}

static void show_asked(struct run *run)
{
	if (run->maps_asked)
		show_maps(run->session);
	run->maps_asked = false;
}

/* True when the run is to end. */
static bool wait_for_more(struct run *run, enum drained drained, enum run_end *ret)
{
	bool nap = may_nap(run, drained);
	bool settled = !nap && settle(run, drained);
	bool end;

	show_asked(run);
	if (nap || settled) {
		report_lost(run);
		output_flush(run->session->output);
	}
	if (run->signalled) {
		*ret = RUN_SIGNAL;
		return true;
	}
	if (run->session->output->failed) {
		*ret = RUN_OUTPUT;
		return true;
	}
	end = settled ? wait_all(run, ret) : wait_others(run, nap ? NAP_MS : 0, ret);
	run->waited_at = run->data.position;
	return end;
}

/* Those that came twice, as some programs send them, are not meant for the commands of END. */
static void forget_signals(struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->signal_fd, &info, sizeof(info)) > 0)
		;
}

/* What the programs sent until now is handled in the light of the signal; what END sends is not. */
static void finish_interrupted(struct run *run)
{
	run->session->state->stopped = 1;
	run_drain(run);
	run->signalled = false;
}

enum run_end run_loop(struct run *run)
{
	enum run_end end = RUN_EXIT;

	while (!run->session->exited) {
		enum drained drained = drain(run);

		if (drained == DRAINED_EXIT || wait_for_more(run, drained, &end))
			break;
	}
	run->exiting = true;
	if (run->signalled)
		finish_interrupted(run);
	forget_signals(run);
	output_flush(run->session->output);
	return end;
}

/* --- opening --- */

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
	sigset_t taken, blocked;

	sigemptyset(&taken);
	sigaddset(&taken, SIGINT);
	sigaddset(&taken, SIGTERM);
	sigaddset(&taken, SIGUSR1);
	blocked = taken;
	sigaddset(&blocked, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &blocked, &run->old_mask);
	run->signal_fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
	if (run->signal_fd < 0)
		return error_system(errno, "cannot listen to signals");
	return watch(run->others_fd, run->signal_fd, EPOLLIN);
}

static struct error *open_clock(struct run *run)
{
	if (!run->session->bundle.manifest.follows_tai)
		return NULL;

	struct error *error = clock_watch(&run->clock_fd);

	return error ? error : watch(run->others_fd, run->clock_fd, EPOLLIN);
}

/* Errors of a pipe tell that its reader is gone; regular files cannot be watched. */
static void watch_output(struct run *run)
{
	error_free(watch(run->others_fd, run->session->output->fd, 0));
}

static struct error *open_all(struct run *run)
{
	struct session *session = run->session;
	struct error *error;

	/* The zone: later its file may be out of reach. */
	tzset();
	run->all_fd = epoll_create1(EPOLL_CLOEXEC);
	run->others_fd = epoll_create1(EPOLL_CLOEXEC);
	if (run->all_fd < 0 || run->others_fd < 0)
		return error_system(errno, "epoll");
	error = watch(run->all_fd, run->others_fd, EPOLLIN);
	if (!error)
		error = open_ring(run, session->data_ring_fd, &run->data);
	if (!error)
		error = open_ring(run, session->control_ring_fd, &run->control);
	if (!error && session->child_pidfd >= 0)
		error = watch(run->others_fd, session->child_pidfd, EPOLLIN);
	if (!error && !session->map_layouts)
		error = map_layouts_find(session);
	if (!error)
		error = take_open(session);
	if (!error)
		error = dispatch_init(session, &run->dispatch);
	if (!error)
		error = open_packets(run);
	if (!error)
		error = open_signals(run);
	if (!error)
		error = open_clock(run);
	if (!error)
		watch_output(run);
	if (!error) {
		session->output->wait = wait_for_reader;
		session->output->run = run;
	}
	return error;
}

struct error *run_open(struct session *session, struct run **ret)
{
	struct run *run = xcalloc(1, sizeof(*run));
	struct error *error;

	*run = (struct run){
		.session = session,
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

void run_report(struct run *run)
{
	dispatch_end(&run->dispatch);
	if (run->dispatch.dropped)
		log_warning(
			"%" PRIu64 " records from the kernel made no sense", run->dispatch.dropped);
}

void run_close(struct run *run)
{
	if (!run)
		return;
	run->session->output->wait = NULL;
	packets_close(run->packets);
	ring_close(&run->data);
	ring_close(&run->control);
	cleanup_close(&run->clock_fd);
	cleanup_close(&run->signal_fd);
	cleanup_close(&run->others_fd);
	cleanup_close(&run->all_fd);
	sigprocmask(SIG_SETMASK, &run->old_mask, NULL);
	free(run);
}
