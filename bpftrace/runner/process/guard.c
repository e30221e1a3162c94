/* SPDX-License-Identifier: Apache-2.0 */
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libcommon/base/attributes.h"

static void wait_for_end(pid_t child, int pidfd, siginfo_t *ret)
{
	for (;;) {
		siginfo_t info = {};

		if (waitid(P_PID, (id_t)child, &info, WEXITED | WSTOPPED) != 0 && errno != EINTR)
			return;
		if (info.si_code == CLD_STOPPED) {
			(void)pidfd_send_signal(pidfd, SIGCONT, NULL, 0);
		} else if (info.si_pid) {
			*ret = info;
			return;
		}
	}
}

void guard_run(void (*work)(void *context, int fd, int guard_fd), void (*confine)(void *context),
	void *context, int fd, siginfo_t *ret)
{
	int ends[2];

	*ret = (siginfo_t){};
	if (pipe2(ends, O_CLOEXEC) != 0)
		return;

	pid_t child = fork();

	if (child == 0) {
		close(ends[1]);
		work(context, fd, ends[0]);
		_exit(0);
	}
	close(ends[0]);

	_cleanup_close_ int end = ends[1];
	_cleanup_close_ int pidfd = child > 0 ? pidfd_open(child, 0) : -1;

	if (child < 0)
		return;
	(void)prctl(PR_SET_NAME, "guard");
	confine(context);
	wait_for_end(child, pidfd, ret);
}

bool guard_is_done(const siginfo_t *end)
{
	return end->si_code == CLD_EXITED && end->si_status == 0;
}
