/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request is a build id, the answer a letter, with a descriptor where the file was found. Servers
 * are trusted with nothing but the time until the limits: what they send is parsed by the process
 * that asks.
 */
#include "fetcher.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpftrace/runner/process/long_work.h"
#include "debuginfod.h"
#include "libcommon/base/attributes.h"
#include "libcommon/base/log.h"
#include "libcommon/confine/confine.h"

enum {
	FOUND = 'f', /* with the descriptor */
	NONE = 'n',
	OVER = 'o', /* nothing will be fetched any more */
};

enum {
	FAILURES_MOST = 3, /* of servers that answer, before it gives up */
	SLACK_MS = 5000,   /* behind the limits, for the library to end */
	BUILD_ID_MOST = 64,
};

bool fetcher_is_wanted(void)
{
	const char *urls = getenv("DEBUGINFOD_URLS");

	return urls && urls[strspn(urls, " \t")];
}

/* --- its user --- */

static bool read_id(const char *name, unsigned *ret)
{
	const char *text = getenv(name);
	char *end;
	unsigned long number = text ? strtoul(text, &end, 10) : 0;

	if (!text || !*text || *end || number == 0 || number >= UINT32_MAX)
		return false;
	*ret = (unsigned)number;
	return true;
}

/* The user of sudo(8), if there is one. */
static void become_user(void)
{
	uid_t user;
	gid_t group;

	if (geteuid() == 0 && read_id("SUDO_UID", &user) && read_id("SUDO_GID", &group))
		error_free(privilege_become(user, group));
}

/* The cache is below the user's home, unless the environment has a place for it. */
static void choose_home(uid_t before)
{
	const char *home = getenv("HOME");
	const struct passwd *entry;

	if (home && *home && getuid() == before)
		return;
	entry = getpwuid(getuid());
	if (entry)
		setenv("HOME", entry->pw_dir, 1);
}

/* --- the process --- */

/* Answers, with the descriptor unless that is -1; false when the other end is closed. */
static bool send_answer(int fd, char letter, int file)
{
	struct iovec bytes = {.iov_base = &letter, .iov_len = 1};
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};

	if (file >= 0) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &file, sizeof(file));
	}
	return TEMP_FAILURE_RETRY(sendmsg(fd, &message, MSG_NOSIGNAL)) == 1;
}

/* Whether to give up after that error. The first one is reported by a warning. */
static bool is_last(const struct error *error, unsigned *failures)
{
	bool is_final =
		error->number == ELIBACC || error->number == ETIME || error->number == ECANCELED;

	if (error->number == ENOENT)
		return false;
	if (is_final)
		log_warning("debug files are not fetched%s: %s",
			error->number == ELIBACC ? "" : " any more", error->message);
	else if (*failures == 0)
		log_warning("a debug file was not fetched: %s", error->message);
	return is_final || ++*failures >= FAILURES_MOST;
}

/* Fetches the file of a request; false when there will be no more. */
static bool serve_request(int fd, const unsigned char *build_id, size_t size, unsigned *failures)
{
	_cleanup_close_ int file = -1;

	long_work_set(true);

	_cleanup_error_ struct error *error =
		debuginfod_find(build_id, size, long_work_is_cancelled, &file);

	long_work_set(false);
	if (!error)
		return send_answer(fd, FOUND, file);
	if (!is_last(error, failures))
		return send_answer(fd, NONE, -1);
	send_answer(fd, OVER, -1);
	return false;
}

/* Ends the process with the runner, also while the library waits for a server. */
static void *follow_runner(void *context)
{
	struct pollfd runner = {.fd = *(int *)context, .events = POLLIN};

	while (poll(&runner, 1, -1) < 0)
		;
	_exit(0);
}

static bool confine(int *fd)
{
	const struct rlimit size = {.rlim_cur = debuginfod_limits().bytes + (1 << 20),
		.rlim_max = debuginfod_limits().bytes + (1 << 20)};
	uid_t before = getuid();
	pthread_t thread;

	unsetenv("DEBUGINFOD_PROGRESS");
	signal(SIGXFSZ, SIG_IGN);
	(void)setrlimit(RLIMIT_FSIZE, &size);
	become_user();
	choose_home(before);

	_cleanup_error_ struct error *error = confine_process(SANDBOX_FETCHER, 0, false);

	return !error && pthread_create(&thread, NULL, follow_runner, fd) == 0;
}

/* context: the socket of requests. */
static void serve(void *context, int fd)
{
	int requests = *(int *)context;
	unsigned char build_id[BUILD_ID_MOST];
	unsigned failures = 0;
	ssize_t size;

	helper_ignore_signals();
	helper_close_but(fd, requests);
	helper_detach("fetcher");
	if (!confine(&fd))
		return;
	do
		size = TEMP_FAILURE_RETRY(read(requests, build_id, sizeof(build_id)));
	while (size > 0 && serve_request(requests, build_id, (size_t)size, &failures));
}

struct error *fetcher_start(struct helper_process *ret, int *ret_fd)
{
	int fds[2];
	struct error *error = long_work_share();

	if (error)
		return error;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return error_system(errno, "cannot make a pair of sockets");
	error = helper_start(serve, &fds[1], ret);
	close(fds[1]);
	if (error)
		close(fds[0]);
	else
		*ret_fd = fds[0];
	return error;
}

/* --- who asks --- */

/* The letter of an answer, and the descriptor that came with it, else -1; OVER for anything else.
 */
static char receive_answer(int fd, int *ret_file)
{
	char letter = OVER;
	struct iovec bytes = {.iov_base = &letter, .iov_len = 1};
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct msghdr message = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};

	*ret_file = -1;
	if (TEMP_FAILURE_RETRY(recvmsg(fd, &message, MSG_CMSG_CLOEXEC)) != 1)
		return OVER;
	if (message.msg_controllen >= CMSG_LEN(sizeof(int)) &&
		control.header.cmsg_type == SCM_RIGHTS)
		memcpy(ret_file, CMSG_DATA(&control.header), sizeof(*ret_file));
	return letter;
}

static int give_up(int *fd)
{
	close(TAKE_FD(*fd));
	return -1;
}

int fetcher_ask(int *fd, const unsigned char *build_id, size_t size,
	bool (*wait)(void *context, int fd, int limit_ms), void *context)
{
	int limit = (int)debuginfod_limits().total_ms + SLACK_MS;
	_cleanup_close_ int file = -1;
	struct stat status;

	if (*fd < 0 || size == 0 || size > BUILD_ID_MOST)
		return -1;
	if (TEMP_FAILURE_RETRY(write(*fd, build_id, size)) != (ssize_t)size)
		return give_up(fd);
	if (!wait(context, *fd, limit)) {
		log_warning("debug files are not fetched any more: a server takes too long");
		return give_up(fd);
	}
	if (receive_answer(*fd, &file) == OVER)
		return give_up(fd);
	return file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode) ? TAKE_FD(file)
										 : -1;
}
