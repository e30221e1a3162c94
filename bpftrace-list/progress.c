/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "libcommon/base/attributes.h"
#include "libcommon/base/log.h"
#include "libcommon/base/utf8.h"

enum {
	TICK_US = 250000,
	DELAY = 4, /* ticks before the line is shown */
};

static const char erase[] = "\r\033[K";

/* Shared with the signal handler. */
static struct {
	volatile sig_atomic_t ticks; /* since the last write */
	volatile sig_atomic_t shown;
	char *volatile line; /* NULL: nothing to show */
} state;

static bool is_started;

static void put(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return;
}

static void tick(int number _unused_)
{
	int before = errno;

	if (state.line && !state.shown && ++state.ticks >= DELAY) {
		state.shown = true;
		put(state.line);
	}
	errno = before;
}

void progress_hide(void)
{
	state.ticks = 0;
	if (!state.shown)
		return;
	state.shown = false;
	put(erase);
}

void progress_start(void)
{
	const char *terminal = getenv("TERM");
	const struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
	const struct itimerval timer = {
		.it_interval.tv_usec = TICK_US, .it_value.tv_usec = TICK_US};

	if (!isatty(STDERR_FILENO) || (terminal && strcmp(terminal, "dumb") == 0))
		return;
	is_started =
		sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &timer, NULL) == 0;
	log_settings.before = progress_hide;
}

void progress_set(const char *what)
{
	_cleanup_str_ struct str line = STR_INIT;
	char *old = state.line;

	if (!is_started)
		return;
	state.line = NULL;
	progress_hide();
	free(old);
	if (!what)
		return;
	str_append(&line, erase);
	utf8_append_visible(&line, what, strlen(what), "");
	str_append(&line, "...");
	state.line = str_take(&line);
}
