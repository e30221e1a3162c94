/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"
#include "libcommon/base/attributes.h"
#include "libcommon/base/log.h"
#include "libcommon/confine/confine.h"

enum {
	PATIENCE_MS = 1000, /* before anything is shown */
	REFRESH_MS = 250,
	NESTED_MOST = 4,
	LOCK_TRIES = 10000, /* a stopped process that has the lock must not block the other */
};

static const char wipe[] = "\r\033[K";

struct activity {
	char what[48];
	uint64_t done, total;
};

/* Shared by both processes; the lock is held while writing to the terminal and while changing it.
 */
struct shared {
	atomic_flag lock;
	bool shown;
	uint32_t serial;      /* of the activity that began last */
	uint32_t depth;       /* 0: no activity */
	struct activity note; /* shown instead of the activities; without a text: none */
	struct activity activities[NESTED_MOST];
};

static struct shared *shared;
static struct helper_process helper;

static void lock(void)
{
	for (int i = 0; i < LOCK_TRIES && atomic_flag_test_and_set(&shared->lock); i++)
		sched_yield();
}

static void unlock(void)
{
	atomic_flag_clear(&shared->lock);
}

/* A write to a stopped terminal (Ctrl-S) would block. */
static void put(const char *text, size_t size)
{
	struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (poll(&fd, 1, 0) == 1 && write(STDERR_FILENO, text, size) < 0)
		return;
}

static bool is_idle(void)
{
	return !shared->depth && !shared->note.what[0];
}

/* --- the process --- */

static void show(void)
{
	const struct activity *activity =
		shared->note.what[0]
			? &shared->note
			: &shared->activities[MIN(shared->depth, (uint32_t)NESTED_MOST) - 1];
	char line[160];
	int size = snprintf(line, sizeof(line), "%s%s", wipe, activity->what);

	if (activity->total)
		size += snprintf(line + size, sizeof(line) - (size_t)size,
			" %" PRIu64 " of %" PRIu64, activity->done, activity->total);
	size += snprintf(line + size, sizeof(line) - (size_t)size, "...");
	shared->shown = true;
	put(line, (size_t)size);
}

/* Shows what goes on if that has not changed; returns how long to wait for a change, -1: as long as
 * it takes. */
static int refresh(uint32_t *serial)
{
	int wait = -1;

	lock();
	if (!is_idle() && *serial == shared->serial) {
		show();
		wait = REFRESH_MS;
	} else if (!is_idle()) {
		*serial = shared->serial;
		wait = PATIENCE_MS;
	}
	unlock();
	return wait;
}

/* Each message is the begin of an activity. */
static void serve(void *context _unused_, int fd)
{
	uint32_t serial = 0;
	int wait = -1;
	char bytes[64];

	helper_close_others(fd);
	helper_ignore_signals();
	if (confine_process(SANDBOX_PROGRESS, 0, true))
		return;
	for (;;) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

		if (poll(&poll_fd, 1, wait) > 0) {
			if (read(fd, bytes, sizeof(bytes)) <= 0)
				break;
			/* A step does not begin anything that is not waited for already. */
			if (wait == -1)
				wait = refresh(&serial);
			continue;
		}
		wait = refresh(&serial);
	}
	progress_hide();
}

/* --- this process --- */

void progress_start(void)
{
	const char *terminal = getenv("TERM");

	if (!isatty(STDERR_FILENO) || (terminal && strcmp(terminal, "dumb") == 0))
		return;
	void *memory = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return;
	shared = memory;

	_cleanup_error_ struct error *error = helper_start(serve, NULL, &helper);

	if (error) {
		munmap(shared, sizeof(*shared));
		shared = NULL;
		return;
	}
	fcntl(helper.fd, F_SETFL, O_NONBLOCK);
	log_settings.before = progress_hide;
}

uint64_t progress_now(void)
{
	struct timespec now;

	if (!shared)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void progress_stop(void)
{
	if (!shared)
		return;
	progress_hide();
	helper_stop(&helper);
	munmap(shared, sizeof(*shared));
	shared = NULL;
	log_settings.before = NULL;
}

/* With the lock, before anything begins; the result is for wake. */
static bool begins(void)
{
	bool first = is_idle();

	shared->serial += first;
	return first;
}

/* Wakes the process that draws the line. A send that fails since the socket is full is ignored:
 * there is a message that wakes it already. */
static void wake(bool first)
{
	if (first)
		(void)helper_request(&helper, "", 1);
}

void progress_begin(const char *what, uint64_t total)
{
	if (!shared)
		return;
	lock();
	bool first = begins();

	if (shared->depth < NESTED_MOST) {
		struct activity *activity = &shared->activities[shared->depth];

		*activity = (struct activity){.total = total};
		snprintf(activity->what, sizeof(activity->what), "%s", what);
	}
	shared->depth++;
	unlock();
	wake(first);
}

void progress_step(uint64_t done)
{
	if (shared && shared->depth && shared->depth <= NESTED_MOST)
		shared->activities[shared->depth - 1].done = done;
}

static void hide(void)
{
	if (shared->shown)
		put(wipe, sizeof(wipe) - 1);
	shared->shown = false;
}

void progress_end(void)
{
	if (!shared)
		return;
	lock();
	if (shared->depth)
		shared->depth--;
	if (is_idle())
		hide();
	unlock();
}

void progress_note(const char *text)
{
	if (!shared)
		return;
	lock();
	bool first = text && begins();

	snprintf(shared->note.what, sizeof(shared->note.what), "%s", text ? text : "");
	if (is_idle())
		hide();
	unlock();
	wake(first);
}

void progress_hide(void)
{
	if (!shared)
		return;
	lock();
	hide();
	unlock();
}
