/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "libcommon/base/attributes.h"

enum {
	STOP_MS = 2500,    /* for a helper to exit */
	KILL_MS = 1000,    /* for a killed one to end */
	STOPPED_MS = 1000, /* for a stopped one to be continued */
};

void helper_ignore_signals(void)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};

	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
}

/* Closes the descriptors between two. */
static void close_between(int low, int high)
{
	if (high > low + 1)
		close_range((unsigned)low + 1, (unsigned)high - 1, 0);
}

void helper_close_but(int fd, int other)
{
	bool keeps_other = other > STDERR_FILENO;
	int low = keeps_other ? MIN(fd, other) : fd, high = keeps_other ? MAX(fd, other) : fd;

	close_between(STDERR_FILENO, low);
	close_between(low, high);
	close_range((unsigned)high + 1, ~0U, 0);
}

void helper_close_others(int fd)
{
	helper_close_but(fd, -1);
}

void helper_detach(const char *name)
{
	setsid();
	(void)prctl(PR_SET_NAME, name);
}

struct error *helper_start(
	void (*serve)(void *context, int fd), void *context, struct helper_process *ret)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return error_system(errno, "cannot make a pair of sockets");

	sigset_t mask;

	children_hold(&mask);
	pid_t pid = fork();

	if (pid == 0) {
		children_release(&mask);
		close(fds[0]);
		children_close_all();
		serve(context, fds[1]);
		_exit(0);
	}

	int number = errno;

	if (pid > 0) {
		*ret = (struct helper_process){.pid = pid,
			.pidfd = pidfd_open(pid, 0),
			.fd = fds[0],
			.wake = DEATH_SIGNAL_INIT};
		error_free(death_signal_arm(pid, SIGCONT, &ret->wake));
		children_add(
			&(struct child_process){.pid = pid, .pidfd = ret->pidfd, .fd = ret->fd});
	}
	children_release(&mask);
	close(fds[1]);
	if (pid > 0)
		return NULL;
	close(fds[0]);
	return error_system(number, "cannot start a process");
}

bool helper_request(const struct helper_process *helper, const void *message, size_t size)
{
	return helper->pid && size <= HELPER_MESSAGE &&
	       write(helper->fd, message, size) == (ssize_t)size;
}

bool helper_offer(const struct helper_process *helper, const void *message, size_t size)
{
	return helper->pid && size <= HELPER_MESSAGE &&
	       send(helper->fd, message, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size;
}

/* Waits until fd can be read; false when the limit comes first. */
static bool wait_for(int fd, int limit_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	int count;

	do
		count = poll(&poll_fd, 1, limit_ms);
	while (count < 0 && errno == EINTR);
	return count > 0;
}

/* Whether a signal has stopped it. */
static bool is_stopped(const struct helper_process *helper)
{
	siginfo_t info = {};

	return waitid(P_PID, (id_t)helper->pid, &info, WSTOPPED | WNOWAIT | WNOHANG) == 0 &&
	       info.si_pid != 0;
}

/* Waits for a message, or its end: HELPER_ANSWERED for both. */
static enum helper_state wait_for_message(const struct helper_process *helper, int limit_ms)
{
	bool was_stopped = false;

	for (; limit_ms > STOPPED_MS; limit_ms -= STOPPED_MS) {
		if (wait_for(helper->fd, STOPPED_MS))
			return HELPER_ANSWERED;

		bool stopped = is_stopped(helper);

		if (stopped && was_stopped)
			return HELPER_STOPPED;
		was_stopped = stopped;
	}
	return wait_for(helper->fd, limit_ms) ? HELPER_ANSWERED : HELPER_TIMEOUT;
}

enum helper_state helper_receive(const struct helper_process *helper, int limit_ms, struct str *out)
{
	char *room = str_reserve(out, HELPER_MESSAGE);
	ssize_t size;

	enum helper_state state = helper->pid ? wait_for_message(helper, limit_ms) : HELPER_ENDED;

	if (state != HELPER_ANSWERED)
		return state;
	/* The first read from a helper that ended before it read all requests fails by ECONNRESET;
	 * what it had written can still be read. */
	do
		size = helper->pid ? read(helper->fd, room, HELPER_MESSAGE) : 0;
	while (size < 0 && (errno == EINTR || errno == ECONNRESET));
	if (size <= 0)
		return HELPER_ENDED;
	room[size] = '\0';
	out->length += (size_t)size;
	return HELPER_ANSWERED;
}

bool helper_describe_end(const struct helper_process *helper, int limit_ms, struct str *out)
{
	siginfo_t info = {};

	if (!helper->pid || !wait_for(helper->pidfd, limit_ms) ||
		waitid(P_PID, (id_t)helper->pid, &info, WEXITED | WNOWAIT) != 0)
		return false;
	if (info.si_code == CLD_EXITED)
		str_printf(out, "ended with status %d", info.si_status);
	else
		str_printf(
			out, "ended by signal %d (%s)", info.si_status, strsignal(info.si_status));
	return true;
}

static void close_socket(struct helper_process *helper)
{
	children_closed(helper->pid);
	close(TAKE_FD(helper->fd));
}

void helper_kill(struct helper_process *helper)
{
	siginfo_t info;

	if (!helper->pid)
		return;
	if (helper->fd >= 0)
		close_socket(helper);
	(void)pidfd_send_signal(helper->pidfd, SIGKILL, NULL, 0);
	if (wait_for(helper->pidfd, KILL_MS))
		waitid(P_PID, (id_t)helper->pid, &info, WEXITED);
	children_remove(helper->pid);
	cleanup_close(&helper->pidfd);
	death_signal_send(&helper->wake); /* it has ended; and disarming takes more privileges */
	*helper = (struct helper_process){};
}

void helper_stop(struct helper_process *helper)
{
	if (!helper->pid)
		return;
	close_socket(helper);
	/* A stopped process does not see end-of-file. */
	(void)pidfd_send_signal(helper->pidfd, SIGCONT, NULL, 0);
	wait_for(helper->pidfd, STOP_MS);
	helper_kill(helper);
}
