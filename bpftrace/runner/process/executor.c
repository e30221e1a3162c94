/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command is a process group with a pipe for its output. It is over when its shell has ended,
 * though a background process of it may still hold the pipe. When the client requests the end, or
 * has ended itself, the group gets SIGTERM, and a second later SIGKILL. When the
 * executor is killed, the kernel kills the group. The executor is the subreaper of what commands
 * start, so that no zombie of theirs is left to a process 1 that does not reap.
 */
#include "executor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "death_signal.h"
#include "libcommon/base/attributes.h"
#include "libcommon/base/startup.h"

enum {
	GRACE_MS = 1000,
	TICK_MS = 10,         /* between two checks of what is left of a group */
	STATUS_NOT_RUN = 127, /* as shells have it */
};

struct command {
	pid_t pid;
	int pidfd;
	int output;    /* the reading end of the pipe; -1: closed */
	int client_fd; /* the socket; -1: the client has ended */
	int grace;     /* milliseconds until it is killed; -1: it is not to end */
	struct death_signal death_signal; /* for the group */
};

/* The parent death signal ends the shell with the executor where no death signal can be armed. */
_noreturn_ static void run_shell(pid_t executor, const char *text, int output)
{
	static const int restored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1};
	int input = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != executor)
		_exit(STATUS_NOT_RUN);
	setpgid(0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(restored); i++)
		signal(restored[i], SIG_DFL);
	startup_undo();
	dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	execl("/bin/sh", "sh", "-c", text, NULL);
	_exit(STATUS_NOT_RUN);
}

static bool start(struct command *command, const char *text)
{
	pid_t executor = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	fcntl(ends[1], F_SETFL, 0);
	command->pid = fork();
	if (command->pid == 0)
		run_shell(executor, text, ends[1]);
	close(ends[1]);
	command->output = ends[0];
	if (command->pid > 0) {
		setpgid(command->pid, command->pid);
		error_free(death_signal_arm(-command->pid, SIGKILL, &command->death_signal));
	}
	command->pidfd = command->pid > 0 ? pidfd_open(command->pid, 0) : -1;
	return command->pidfd >= 0;
}

static void answer(struct command *command, char *message, size_t size)
{
	if (command->client_fd >= 0 && write(command->client_fd, message, size) < 0)
		command->client_fd = -1;
}

/* Sends the output that is there to the client. */
static void pass_output(struct command *command)
{
	char message[32 << 10] = {EXECUTOR_OUTPUT};
	ssize_t got;

	while ((got = read(command->output, message + 1, sizeof(message) - 1)) > 0)
		answer(command, message, (size_t)got + 1);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	close(command->output);
	command->output = -1;
}

static void read_client(struct command *command)
{
	char message[HELPER_MESSAGE];

	if (read(command->client_fd, message, sizeof(message)) <= 0)
		command->client_fd = -1;
	kill(-command->pid, SIGTERM);
	command->grace = GRACE_MS;
}

static void wait_for_end(struct command *command)
{
	for (;;) {
		struct pollfd fds[] = {
			{.fd = command->pidfd, .events = POLLIN},
			{.fd = command->output, .events = POLLIN},
			{.fd = command->client_fd, .events = POLLIN},
		};

		if (poll(fds, ARRAY_SIZE(fds), command->grace) == 0)
			kill(-command->pid, SIGKILL);
		if (fds[2].revents)
			read_client(command);
		if (fds[1].revents || (fds[0].revents && command->output >= 0))
			pass_output(command);
		if (fds[0].revents)
			return;
	}
}

/* Reaps what has ended of the children, those of one group or (-1) of all; false when there are
 * none left. */
static bool reap(pid_t which)
{
	pid_t pid;

	do
		pid = waitpid(which, NULL, WNOHANG);
	while (pid > 0);
	return pid == 0;
}

/* Waits until nothing is left of a group that is to end. */
static void end_group(pid_t group)
{
	const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
	int waited = 0;

	for (; reap(-group) && waited < 2 * GRACE_MS; waited += TICK_MS) {
		if (waited >= GRACE_MS)
			kill(-group, SIGKILL);
		nanosleep(&tick, NULL);
	}
}

/* False when the client has ended. */
static bool run(int fd, const char *text)
{
	struct {
		char letter;
		char status[sizeof(int)];
	} end = {.letter = EXECUTOR_END};
	struct command command = {.pidfd = -1,
		.output = -1,
		.client_fd = fd,
		.grace = -1,
		.death_signal = DEATH_SIGNAL_INIT};
	int status = STATUS_NOT_RUN << 8;

	if (start(&command, text))
		wait_for_end(&command);
	if (command.pid > 0)
		waitpid(command.pid, &status, 0);
	if (command.pid > 0 && command.grace >= 0)
		end_group(command.pid);
	death_signal_disarm(&command.death_signal);
	cleanup_close(&command.pidfd);
	cleanup_close(&command.output);
	memcpy(end.status, &status, sizeof(status));
	answer(&command, (char *)&end, sizeof(end));
	return command.client_fd >= 0;
}

static void serve(void *context _unused_, int fd)
{
	static char text[HELPER_MESSAGE + 1];
	ssize_t size;

	helper_close_others(fd);
	helper_ignore_signals();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	while ((size = read(fd, text, HELPER_MESSAGE)) > 0) {
		text[size] = '\0';
		/* An empty one arrived after the end of the command that it should end. */
		bool is_last = *text && !run(fd, text);

		reap(-1);
		if (is_last)
			return;
	}
}

struct error *executor_start(struct helper_process *ret)
{
	return helper_start(serve, NULL, ret);
}
