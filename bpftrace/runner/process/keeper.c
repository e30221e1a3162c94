/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper is the subreaper of what the command starts (prctl(2)): whatever loses its parent
 * becomes a child of the keeper, so that ending the children until none is left ends them all. A
 * descendant with a session of its own is a daemon and left alone, and so is all that a command
 * leaves behind that has ended by itself. The command shares the process group of the runner, and
 * so the terminal with all that it sends.
 *
 * The gate is a pair of sockets: a byte lets the command go on to execve, end-of-file ends it
 * before its program was ever run.
 *
 * The keeper is two processes (guard.h), both subreapers. The inner one is the parent of the
 * command; when it is killed, all that it had becomes the outer one's, which ends it. When both are
 * killed at once, the kernel kills the command (death_signal.h), but not what that has started.
 */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "death_signal.h"
#include "guard.h"
#include "libcommon/base/attributes.h"
#include "libcommon/base/log.h"
#include "libcommon/base/startup.h"
#include "libcommon/base/vec.h"
#include "libcommon/confine/confine.h"

enum {
	STATUS_NOT_RUN = 127, /* as shells have it */
	GRACE_MS = 1000,      /* between SIGTERM and SIGKILL */
	KILL_MS = 1000,       /* for what was killed to be gone */
	TICK_MS = 20,         /* between two checks of what is left */
	START_MS = 10000,     /* for the keeper to start */
};

struct keeper {
	pid_t command;
	pid_t session; /* the runner's */
	int gate;
	int fd;       /* to the runner; -1: closed */
	int guard_fd; /* end-of-file: the other process of the two has ended */
	int signal_fd;
	int children_fd;    /* the list of this process's children; -1: the kernel has none */
	bool reaped;        /* the command */
	bool ending;        /* all of it is to end */
	uint64_t ending_at; /* milliseconds */
	VEC(pid_t) asked;   /* by SIGTERM */
};

static uint64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* --- the command --- */

_noreturn_ static void wait_and_run(pid_t keeper, int gate, const struct keeper_command *command)
{
	char byte;
	ssize_t got;

	/* The command does not hold the runner's descriptors until execve. */
	helper_close_others(gate);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != keeper || write(gate, "", 1) != 1)
		_exit(0);
	do
		got = read(gate, &byte, 1);
	while (got < 0 && errno == EINTR);
	if (got != 1)
		_exit(0);
	signal(SIGUSR1, SIG_DFL);
	startup_undo();
	execv(command->path, command->words);
	log_error("failed to run '%s': %s", command->path, strerror(errno));
	_exit(STATUS_NOT_RUN);
}

/* Returns once the command waits: what it calls before is not to be traced. */
static bool start_command(struct keeper *keeper, const struct keeper_command *command)
{
	pid_t self = getpid();
	int ends[2];
	char byte;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return false;
	keeper->command = fork();
	if (keeper->command == 0)
		wait_and_run(self, ends[0], command);
	keeper->gate = ends[1];
	close(ends[0]);
	return keeper->command > 0 && TEMP_FAILURE_RETRY(read(keeper->gate, &byte, 1)) == 1;
}

/* --- the end of it --- */

static void begin_end(struct keeper *keeper)
{
	cleanup_close(&keeper->gate);
	keeper->gate = -1;
	if (keeper->ending)
		return;
	keeper->ending = true;
	keeper->ending_at = now_ms();
}

/* A command that a signal has ended takes its descendants with it; those of one that has exited may
 * go on. The runner gets the signal, unless the end was requested. */
static void command_ended(struct keeper *keeper, const siginfo_t *info)
{
	keeper->reaped = true;
	if (info->si_code == CLD_EXITED)
		return;
	if (!keeper->ending)
		(void)!write(keeper->fd, &info->si_status, sizeof(info->si_status));
	begin_end(keeper);
}

static void reap(struct keeper *keeper)
{
	siginfo_t info = {};

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid) {
		if (info.si_pid == keeper->command)
			command_ended(keeper, &info);
		info.si_pid = 0;
	}
}

static bool was_asked(const struct keeper *keeper, pid_t pid)
{
	const pid_t *asked;

	vec_for_each (&keeper->asked, asked) {
		if (*asked == pid)
			return true;
	}
	return false;
}

/* Children are reaped by this process alone, so no other process can have the number. */
static void end_child(struct keeper *keeper, pid_t pid)
{
	if (now_ms() >= keeper->ending_at + GRACE_MS) {
		kill(pid, SIGKILL);
	} else if (!was_asked(keeper, pid)) {
		vec_push(&keeper->asked, pid);
		kill(pid, SIGTERM);
		/* A stopped process does not handle SIGTERM. */
		kill(pid, SIGCONT);
	}
}

static bool belongs(const struct keeper *keeper, pid_t pid)
{
	pid_t session = getsid(pid);

	return pid == keeper->command || session == keeper->session || session == keeper->command;
}

static void list_children(const struct keeper *keeper, struct str *out)
{
	enum { PIECE = 4096 };
	ssize_t got;

	if (keeper->children_fd < 0 && !keeper->reaped)
		str_printf(out, "%d", keeper->command);
	while ((got = pread(keeper->children_fd, str_reserve(out, PIECE), PIECE,
			(off_t)out->length)) > 0)
		str_truncate(out, out->length + (size_t)got);
}

/* True when none is left. */
static bool end_children(struct keeper *keeper)
{
	_cleanup_str_ struct str list = STR_INIT;
	bool none = true;
	char *rest;

	list_children(keeper, &list);
	str_append_char(&list, '\0');
	for (char *at = list.data;; at = rest) {
		pid_t pid = (pid_t)strtol(at, &rest, 10);

		if (rest == at)
			return none;
		if (!belongs(keeper, pid))
			continue;
		none = false;
		end_child(keeper, pid);
	}
}

/* --- the process --- */

static void handle_request(struct keeper *keeper)
{
	char request = 0;

	if (read(keeper->fd, &request, 1) == 1 && request == KEEPER_GO) {
		(void)!write(keeper->gate, "", 1);
		close(TAKE_FD(keeper->gate));
		return;
	}
	if (request == 0)
		keeper->fd = -1;
	/* The runner may notice the command's end first. */
	reap(keeper);
	if (!keeper->reaped)
		begin_end(keeper);
}

static bool is_done(struct keeper *keeper)
{
	if (!keeper->ending)
		return keeper->reaped;
	return (end_children(keeper) && keeper->reaped) ||
	       now_ms() > keeper->ending_at + GRACE_MS + KILL_MS;
}

static void keep(struct keeper *keeper)
{
	struct signalfd_siginfo info;

	for (;;) {
		struct pollfd fds[] = {
			{.fd = keeper->fd, .events = POLLIN},
			{.fd = keeper->signal_fd, .events = POLLIN},
			{.fd = keeper->guard_fd, .events = POLLIN},
		};

		reap(keeper);
		if (is_done(keeper))
			return;
		poll(fds, ARRAY_SIZE(fds), keeper->ending ? TICK_MS : -1);
		if (fds[0].revents)
			handle_request(keeper);
		if (fds[1].revents)
			(void)!read(keeper->signal_fd, &info, sizeof(info));
		if (fds[2].revents) {
			keeper->guard_fd = -1;
			begin_end(keeper);
		}
	}
}

static void open_all(struct keeper *keeper)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	keeper->signal_fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	keeper->children_fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* A command of the same user may be signalled without the capability. */
static struct error *confine(void)
{
	capability_set kill = privilege_effective() & CAPABILITY(CAP_KILL);

	return confine_process(SANDBOX_KEEPER, kill, kill != 0);
}

/* Detaches from the runner, like the other helpers. */
static struct error *settle(struct keeper *keeper)
{
	helper_ignore_signals();
	helper_detach("keeper");
	open_all(keeper);
	/* The terminal and pipes are the command's. */
	close_range(STDIN_FILENO, STDERR_FILENO, 0);
	return confine();
}

/* Shared by the two processes. */
struct pair {
	const struct keeper_command *command;
	struct keeper outer;
	pid_t *pid; /* of the command, in shared memory; 0: not started */
};

static void work(void *context, int fd, int guard_fd)
{
	struct pair *pair = context;
	struct keeper keeper = {
		.session = getsid(0), .gate = -1, .fd = fd, .guard_fd = guard_fd, .signal_fd = -1};
	struct death_signal death_signal = DEATH_SIGNAL_INIT;

	if (!start_command(&keeper, pair->command))
		return;
	*pair->pid = keeper.command;
	/* Otherwise there is only the parent death signal, which a change of the user clears. */
	error_free(death_signal_arm(keeper.command, SIGKILL, &death_signal));
	if (settle(&keeper))
		_exit(1);
	(void)!write(fd, &keeper.command, sizeof(keeper.command));
	keep(&keeper);
}

/* In the outer process, while the inner one works. */
static void stand_by(void *context)
{
	struct pair *pair = context;

	/* Unconfined is better than no guard. */
	error_free(settle(&pair->outer));
}

/* Ends what the inner process has left, and itself in the same way, which the runner reports. */
_noreturn_ static void end_after_guarded(struct pair *pair, const siginfo_t *end)
{
	siginfo_t info;

	pair->outer.command = *pair->pid;
	pair->outer.reaped = waitid(P_PID, (id_t)*pair->pid, &info, WEXITED | WNOHANG | WNOWAIT);
	begin_end(&pair->outer);
	keep(&pair->outer);
	if (end->si_code == CLD_KILLED)
		raise(end->si_status);
	_exit(1);
}

static void serve(void *context, int fd)
{
	struct pair pair = {
		.command = context,
		.outer = {.session = getsid(0), .gate = -1, .fd = -1, .guard_fd = -1},
		.pid = mmap(NULL, sizeof(pid_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0),
	};
	siginfo_t end;

	if (pair.pid == MAP_FAILED)
		return;
	helper_close_others(fd);
	guard_run(work, stand_by, &pair, fd, &end);
	if (end.si_pid && *pair.pid && !guard_is_done(&end))
		end_after_guarded(&pair, &end);
}

struct error *keeper_start(
	struct keeper_command *command, struct helper_process *ret, pid_t *ret_pid)
{
	_cleanup_str_ struct str answer = STR_INIT;
	struct error *error = helper_start(serve, command, ret);

	if (error)
		return error;
	if (helper_receive(ret, START_MS, &answer) != HELPER_ANSWERED ||
		answer.length != sizeof(*ret_pid)) {
		helper_kill(ret);
		return error_new(0, "failed to fork child");
	}
	memcpy(ret_pid, answer.data, sizeof(*ret_pid));
	return NULL;
}
