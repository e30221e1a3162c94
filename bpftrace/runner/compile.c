/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The request goes through a socket pair: unlike a pipe it tells a writer that the reader is gone
 * without a signal. The answer comes in a file in memory: nobody has to read while the compiler
 * writes, and once it is sealed no process can change what was checked.
 */
#include "compile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "beside.h"
#include "libcommon/base/json.h"
#include "libcommon/base/str.h"

enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

static struct error *spawn(const char *path, int request_fd, int answer_fd,
	const struct processes *processes, pid_t *ret)
{
	char *const argv[] = {(char *)(uintptr_t) "bpftrace-compile", NULL};
	posix_spawn_file_actions_t actions;
	const struct process_root *root;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, request_fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, answer_fd, STDOUT_FILENO);
	vec_for_each (&processes->roots, root)
		posix_spawn_file_actions_adddup2(&actions, root->host.root_fd, root->host.root_fd);

	int number = posix_spawn(&pid, path, &actions, NULL, argv, environ);

	posix_spawn_file_actions_destroy(&actions);
	if (number)
		return error_system(number, "cannot start the compiler %s", path);
	*ret = pid;
	return NULL;
}

struct error *compile_start(const struct processes *processes, struct compile *ret)
{
	_cleanup_free_ char *path = beside("compiler/bpftrace-compile", COMPILER_PATH);
	_cleanup_close_ int answer_fd =
		memfd_create("bpftrace-bundle", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int pair[2];
	pid_t pid = 0;

	if (answer_fd < 0)
		return error_system(errno, "cannot make a file in memory");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return error_system(errno, "cannot make a socket pair");

	struct error *error = spawn(path, pair[1], answer_fd, processes, &pid);

	close(pair[1]);
	if (error) {
		close(pair[0]);
		return error;
	}
	*ret = (struct compile){.pid = pid, .request_fd = pair[0], .answer_fd = TAKE_FD(answer_fd)};
	return NULL;
}

struct error *compile_ask(struct compile *compile, const struct request *request)
{
	_cleanup_json_ json_t *json = request_to_json(request);
	_cleanup_str_ struct str text = STR_INIT;
	size_t sent = 0;

	json_append(json, &text);
	while (sent < text.length) {
		ssize_t got = send(
			compile->request_fd, text.data + sent, text.length - sent, MSG_NOSIGNAL);

		if (got > 0)
			sent += (size_t)got;
		else if (errno == EPIPE || errno == ECONNRESET)
			break; /* it has ended: compile_finish tells how */
		else if (errno != EINTR)
			return error_system(errno, "cannot send the script to the compiler");
	}
	/* Closing alone would not end the request while a child of ours has the socket too. */
	shutdown(compile->request_fd, SHUT_WR);
	close(TAKE_FD(compile->request_fd));
	return NULL;
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static struct error *judge(int status)
{
	if (WIFSIGNALED(status))
		return error_new(0,
			"the compiler was ended by signal %d (%s); this is a defect, not a mistake "
			"in the script",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
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

struct error *compile_finish(struct compile *compile, const void **ret_data, size_t *ret_size)
{
	_cleanup_close_ int answer_fd = TAKE_FD(compile->answer_fd);
	int status = wait_for(compile->pid);
	struct error *error = judge(status);

	compile->pid = 0;
	return error ? error : map_answer(answer_fd, ret_data, ret_size);
}

void compile_abandon(struct compile *compile)
{
	if (!compile->pid)
		return;
	kill(compile->pid, SIGKILL);
	(void)wait_for(compile->pid);
	if (compile->request_fd >= 0)
		close(compile->request_fd);
	close(compile->answer_fd);
	*compile = COMPILE_INIT;
}
