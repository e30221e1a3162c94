/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_guard.h"

#include <linux/capability.h>
#include <sys/pidfd.h>
#include <time.h>

#include "bpftrace/runner/process/guard.h"
#include "libcommon/confine/confine.h"

/* As the child ends the kernel detaches what stops the process, but a program that runs then may
 * still be about to do so: how often it is continued, and the time between. */
enum { TIMES = 20, PAUSE_MS = 20 };

static void continue_process(int pidfd)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};

	for (int i = 0; i < TIMES; i++) {
		pidfd_send_signal(pidfd, SIGCONT, NULL, 0);
		nanosleep(&pause, NULL);
	}
}

static void confine(void *context _unused_)
{
	capability_set kill = privilege_effective() & CAPABILITY(CAP_KILL);

	/* Unconfined is better than no guard. */
	error_free(confine_process(SANDBOX_GUARD, kill, kill != 0));
}

void watch_guard(
	void (*work)(void *context, int fd, int guard_fd), void *context, int fd, int pidfd)
{
	siginfo_t end;

	guard_run(work, confine, context, fd, &end);
	if (end.si_pid && !guard_is_done(&end))
		continue_process(pidfd);
}
