/* SPDX-License-Identifier: Apache-2.0 */
#include "servant.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libcommon/base/attributes.h"

_noreturn_ static void be_servant(void (*serve)(int fd), int fd)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};

	if (fd > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0U, 0);
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
	serve(fd);
	_exit(0);
}

struct error *servant_start(void (*serve)(int fd), struct servant *ret)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return error_system(errno, "cannot make a pair of sockets");

	pid_t pid = fork();

	if (pid == 0)
		be_servant(serve, fds[1]);

	int number = errno;

	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return error_system(number, "cannot start a process");
	}
	*ret = (struct servant){.pid = pid, .fd = fds[0]};
	return NULL;
}

bool servant_ask(const struct servant *servant, const void *message, size_t size)
{
	return servant->pid && size <= SERVANT_MESSAGE &&
	       write(servant->fd, message, size) == (ssize_t)size;
}

bool servant_answer(const struct servant *servant, struct str *out)
{
	char *room = str_reserve(out, SERVANT_MESSAGE);
	ssize_t size;

	do
		size = servant->pid ? read(servant->fd, room, SERVANT_MESSAGE) : 0;
	while (size < 0 && errno == EINTR);
	if (size <= 0)
		return false;
	room[size] = '\0';
	out->length += (size_t)size;
	return true;
}

void servant_stop(struct servant *servant)
{
	siginfo_t info;

	if (!servant->pid)
		return;
	close(servant->fd);
	waitid(P_PID, (id_t)servant->pid, &info, WEXITED);
	*servant = (struct servant){};
}
