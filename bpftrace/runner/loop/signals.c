/* SPDX-License-Identifier: Apache-2.0 */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "bpftrace/runner/process/long_work.h"
#include "libcommon/base/attributes.h"

/* A second signal for the end within this time is the same one: some programs send it to a process
 * and to its group. */
enum { DOUBLE_MS = 100 };

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

static struct {
	int fd;
	void (*quit)(void *context);
	void *context;
	volatile uint64_t
		first; /* signal for the end, in milliseconds of CLOCK_MONOTONIC; 0: none */
	volatile sig_atomic_t end, maps;
	bool held;
	sigset_t handled, old_mask;
	struct sigaction old[ARRAY_SIZE(numbers)];
} state = {.fd = -1};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static void note(int number)
{
	int saved = errno;
	uint64_t one = 1;

	if (number == SIGUSR1) {
		state.maps = 1;
	} else if (!state.first) {
		state.first = now();
		long_work_cancel();
	} else if (now() - state.first < DOUBLE_MS || long_work_cancel()) {
		return;
	} else {
		state.quit(state.context);
	}
	if (number != SIGUSR1)
		state.end = 1;
	if (write(state.fd, &one, sizeof(one)) < 0)
		errno = saved; /* full: readable already */
	errno = saved;
}

struct error *signals_open(void (*quit)(void *context), void *context, int *ret_fd)
{
	struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};

	state.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (state.fd < 0)
		return error_system(errno, "cannot watch for signals");
	state.quit = quit;
	state.context = context;
	state.first = 0;
	state.end = state.maps = 0;
	sigemptyset(&state.handled);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaddset(&state.handled, numbers[i]);
	action.sa_mask = state.handled;
	sigprocmask(SIG_BLOCK, NULL, &state.old_mask);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		sigaction(numbers[i], NULL, &state.old[i]);
		if (numbers[i] != SIGHUP || state.old[i].sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
	signals_hold(false);
	*ret_fd = state.fd;
	return NULL;
}

void signals_close(void)
{
	if (state.fd < 0)
		return;
	signals_hold(true);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaction(numbers[i], &state.old[i], NULL);
	sigprocmask(SIG_SETMASK, &state.old_mask, NULL);
	cleanup_close(&state.fd);
	state.fd = -1;
}

void signals_hold(bool hold)
{
	sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &state.handled, NULL);
	state.held = hold;
}

struct signals signals_take(void)
{
	struct signals arrived;
	uint64_t count;

	if (state.held) {
		signals_hold(false);
		signals_hold(true);
	}
	arrived = (struct signals){.end = state.end, .maps = state.maps};
	if (arrived.end)
		state.end = 0;
	if (arrived.maps)
		state.maps = 0;
	if ((arrived.end || arrived.maps) && read(state.fd, &count, sizeof(count)) < 0)
		return arrived;
	return arrived;
}

uint64_t signals_elapsed(void)
{
	return state.first ? now() - state.first : 0;
}
