/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The request goes through a socket pair: unlike with a pipe, a write after the reader's end fails
 * without a signal, and it also carries the compiler's questions for files (door/opening.h), each a
 * message of its own. The answer comes in a memfd: the compiler writes
 * without waiting for a reader, and once it is sealed no process can change what was checked.
 */
#include "compile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sibling_path.h"
#include "children.h"
#include "libcommon/base/json.h"
#include "libcommon/base/startup.h"
#include "libcommon/base/str.h"

enum {
	SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE,
	CHUNK = 32 << 10, /* bytes of the request in a message, which a socket's buffer holds */
	STATUS_NOT_STARTED = 127, /* of the dynamic linker */
};

static struct error *spawn(
	const char *path, int request_fd, int answer_fd, const sigset_t *mask, pid_t *ret)
{
	char *const argv[] = {(char *)(uintptr_t) "bpftrace-compile", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, request_fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, answer_fd, STDOUT_FILENO);

	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, mask);

	/* The answer is a file to the kernel. */
	startup_unlimit_sizes();
	int number = posix_spawn(&pid, path, &actions, &attributes, argv, environ);

	startup_limit_sizes();
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (number)
		return error_system(number, "cannot start the compiler %s", path);
	*ret = pid;
	return NULL;
}

struct error *compile_start(struct compile *ret)
{
	_cleanup_free_ char *path = sibling_path("compiler/bpftrace-compile", COMPILER_PATH);
	_cleanup_close_ int answer_fd =
		memfd_create("bpftrace-bundle", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int pair[2];
	pid_t pid = 0;

	if (answer_fd < 0)
		return error_system(errno, "cannot make a file in memory");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return error_system(errno, "cannot make a socket pair");

	sigset_t mask;

	children_hold(&mask);
	struct error *error = spawn(path, pair[1], answer_fd, &mask, &pid);

	if (!error) {
		*ret = (struct compile){.pid = pid,
			.pidfd = pidfd_open(pid, 0),
			.socket_fd = pair[0],
			.answer_fd = TAKE_FD(answer_fd)};
		children_add(&(struct child_process){
			.pid = pid, .pidfd = ret->pidfd, .fd = -1, .at_once = true});
	}
	children_release(&mask);
	close(pair[1]);
	if (error)
		close(pair[0]);
	return error;
}

/* Waits until the socket is ready; false when the compiler has ended, though another process may
 * hold its end of the socket. */
static bool await_socket(const struct compile *compile, short events)
{
	struct pollfd fds[] = {
		{.fd = compile->socket_fd, .events = events},
		{.fd = compile->pidfd, .events = POLLIN},
	};

	while (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno == EINTR)
		;
	return !fds[1].revents;
}

struct error *compile_ask(struct compile *compile, const struct request *request)
{
	_cleanup_json_ json_t *json = request_to_json(request);
	_cleanup_str_ struct str text = STR_INIT;
	size_t sent = 0;

	json_append(json, &text);
	str_append_char(&text, REQUEST_END);
	while (sent < text.length && await_socket(compile, POLLOUT)) {
		ssize_t got = send(compile->socket_fd, text.data + sent,
			MIN(text.length - sent, (size_t)CHUNK), MSG_NOSIGNAL | MSG_DONTWAIT);

		if (got > 0)
			sent += (size_t)got;
		else if (errno == EPIPE || errno == ECONNRESET)
			break; /* it has ended: compile_finish returns how */
		else if (errno != EINTR && errno != EAGAIN)
			return error_system(errno, "cannot send the script to the compiler");
	}
	return NULL;
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	children_remove(pid);
	return status;
}

static bool memory_is_limited(void)
{
	static const int limits[] = {RLIMIT_AS, RLIMIT_DATA};
	struct rlimit limit;

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		if (getrlimit(limits[i], &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
			return true;
	}
	return false;
}

/* Whether a process raises the signal itself, by a mistake in it. */
static bool is_fault(int number)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		if (number == faults[i])
			return true;
	}
	return false;
}

/* What most likely ended a compiler by a signal. */
static const char *signal_reason(int number)
{
	if (number == SIGKILL)
		return "the kernel does that when memory or CPU time (ulimit -t) runs out, see "
		       "dmesg";
	if (number == SIGXCPU)
		return "its CPU time is limited (ulimit -t)";
	if (!is_fault(number))
		return "another process sent it";
	if (memory_is_limited())
		return "its memory is limited (ulimit -v or -d), perhaps to less than it needs";
	return "this is a defect, not a mistake in the script";
}

static struct error *error_from_status(int status)
{
	if (WIFSIGNALED(status))
		return error_new(0, "the compiler was ended by signal %d (%s); %s",
			WTERMSIG(status), strsignal(WTERMSIG(status)),
			signal_reason(WTERMSIG(status)));
	if (WEXITSTATUS(status) == STATUS_NOT_STARTED)
		return error_new(0,
			"the compiler could not start: a library is missing, or its memory is "
			"limited (ulimit -v or -d)");
	if (WEXITSTATUS(status) == 1)
		return error_new(ECANCELED, "the script was refused");
	if (WEXITSTATUS(status) != 0)
		return error_new(0, "the compiler ended with status %d", WEXITSTATUS(status));
	return NULL;
}

static struct error *map_answer(int fd, const void **ret_data, size_t *ret_size)
{
	struct stat file;

	if (fcntl(fd, F_ADD_SEALS, SEALS) != 0 || fstat(fd, &file) != 0)
		return error_system(errno, "cannot seal the compiler's answer");
	if (file.st_size == 0) {
		*ret_data = "";
		*ret_size = 0;
		return NULL;
	}

	void *data = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

	if (data == MAP_FAILED)
		return error_system(errno, "cannot map the compiler's answer");
	*ret_data = data;
	*ret_size = (size_t)file.st_size;
	return NULL;
}

struct error *compile_finish(
	struct compile *compile, struct broker *broker, const void **ret_data, size_t *ret_size)
{
	_cleanup_close_ int answer_fd = TAKE_FD(compile->answer_fd);

	while (await_socket(compile, POLLIN) && broker_serve(broker, compile->socket_fd))
		;
	close(TAKE_FD(compile->socket_fd));

	int status = wait_for(compile->pid);
	struct error *error = error_from_status(status);

	compile->pid = 0;
	close(TAKE_FD(compile->pidfd));
	return error ? error : map_answer(answer_fd, ret_data, ret_size);
}

void compile_abandon(struct compile *compile)
{
	if (!compile->pid)
		return;
	kill(compile->pid, SIGKILL);
	(void)wait_for(compile->pid);
	cleanup_close(&compile->pidfd);
	cleanup_close(&compile->socket_fd);
	cleanup_close(&compile->answer_fd);
	*compile = COMPILE_INIT;
}
