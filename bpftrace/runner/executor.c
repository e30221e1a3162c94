/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command is a process group of its own with a pipe for its output. It is over when its shell has
 * ended, though something that it left in the background may still hold the pipe. Whoever asked may
 * ask for its end, or vanish; then the group gets SIGTERM, and a moment later SIGKILL.
 */
#include "executor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libcommon/base/attributes.h"
#include "session.h"

enum {
	GRACE_MS = 1000,
	STATUS_NOT_RUN = 127, /* as shells have it */
};

struct command {
	pid_t pid;
	int pidfd;
	int output; /* the pipe's end of ours; -1 when the other is closed */
	int asker;  /* the socket; -1 when nobody listens any more */
	int grace;  /* milliseconds until it is killed; -1: nobody wants it ended */
};

_noreturn_ static void run_shell(const char *text, int output)
{
	static const int restored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1};
	int input = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(restored); i++)
		signal(restored[i], SIG_DFL);
	dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	execl("/bin/sh", "sh", "-c", text, NULL);
	_exit(STATUS_NOT_RUN);
}

static bool start(struct command *command, const char *text)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	fcntl(ends[1], F_SETFL, 0);
	command->pid = fork();
	if (command->pid == 0)
		run_shell(text, ends[1]);
	close(ends[1]);
	command->output = ends[0];
	if (command->pid > 0)
		setpgid(command->pid, command->pid);
	command->pidfd = command->pid > 0 ? pidfd_open(command->pid, 0) : -1;
	return command->pidfd >= 0;
}

static void answer(struct command *command, char *message, size_t size)
{
	if (command->asker >= 0 && write(command->asker, message, size) < 0)
		command->asker = -1;
}

/* Hands on what there is. */
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

static void hear_asker(struct command *command)
{
	char message[SERVANT_MESSAGE];

	if (read(command->asker, message, sizeof(message)) <= 0)
		command->asker = -1;
	kill(-command->pid, SIGTERM);
	command->grace = GRACE_MS;
}

static void wait_for_end(struct command *command)
{
	for (;;) {
		struct pollfd fds[] = {
			{.fd = command->pidfd, .events = POLLIN},
			{.fd = command->output, .events = POLLIN},
			{.fd = command->asker, .events = POLLIN},
		};

		if (poll(fds, ARRAY_SIZE(fds), command->grace) == 0)
			kill(-command->pid, SIGKILL);
		if (fds[2].revents)
			hear_asker(command);
		if (fds[1].revents || (fds[0].revents && command->output >= 0))
			pass_output(command);
		if (fds[0].revents)
			return;
	}
}

/* False when nobody waits for more. */
static bool run(int fd, const char *text)
{
	struct {
		char letter;
		char status[sizeof(int)];
	} end = {.letter = EXECUTOR_END};
	struct command command = {.pidfd = -1, .output = -1, .asker = fd, .grace = -1};
	int status = STATUS_NOT_RUN << 8;

	if (start(&command, text))
		wait_for_end(&command);
	if (command.pid > 0)
		waitpid(command.pid, &status, 0);
	cleanup_close(&command.pidfd);
	cleanup_close(&command.output);
	memcpy(end.status, &status, sizeof(status));
	answer(&command, (char *)&end, sizeof(end));
	return command.asker >= 0;
}

static void serve(int fd)
{
	static char text[SERVANT_MESSAGE + 1];
	ssize_t size;

	while ((size = read(fd, text, SERVANT_MESSAGE)) > 0) {
		text[size] = '\0';
		/* An empty one came too late to end another. */
		if (*text && !run(fd, text))
			return;
	}
}

struct error *executor_start(struct session *session)
{
	return servant_start(serve, &session->executor);
}
