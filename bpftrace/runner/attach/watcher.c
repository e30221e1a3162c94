/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The watcher is a fork that keeps a few privileges and system calls: it attaches to the function's
 * entry (watch_entry.c), waits for addresses from there, opens breakpoints there for the process's
 * threads, and continues the process. Through a socket it receives the addresses to stop
 * watching, and reports failures; the end of the socket is its own end. Whatever comes from the
 * entry after that only continues the process. Where the process is stopped, the watcher has a
 * guard (watch_guard.h), since either of the two may be killed along with the runner; when all of
 * them are, the kernel sends SIGCONT as it closes a pipe (death_signal.h). SIGCONT must come after
 * the entry is detached. Since the order in which the kernel closes descriptors is not specified,
 * there are two such pipes, one opened before the entry and one after it.
 */
#include "watcher.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "bpftrace/runner/process/death_signal.h"
#include "bpftrace/runner/process/helper.h"
#include "bpftrace/runner/process/fd_watch.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "libcommon/host/pidns.h"
#include "perf_event.h"
#include "watch_entry.h"
#include "watch_guard.h"

enum { START_MS = 30000 }; /* for attaching, which is slow on old kernels */

struct watch {
	uint64_t address;
	struct attachment events;
};

struct watcher {
	struct attachments *attachments;
	const struct manifest_probe *probe;
	struct perf_event_attr attr;
	int program_fd;
	int fd; /* to the runner */
	DIR *threads;
	enum watch_stop stop;
	struct watch_entry entry;
	struct death_signal before, after; /* continue the process */
	bool ended;
	bool warned;
	VEC(struct watch) watches;
};

const char *watcher_refusal(int number)
{
	switch (number) {
	case ENOSPC: return "all hardware breakpoints are in use; a CPU has few, x86 has four";
	case EINVAL:
	case EOPNOTSUPP:
		return "the CPU cannot watch this: the address must be a multiple of the length, "
		       "and the mode one that it has";
	case ENODEV:
	case ENOENT: return "this machine has no hardware breakpoints";
	default: return NULL;
	}
}

static void warn(struct watcher *watcher, uint64_t address, int number)
{
	const char *refusal = watcher_refusal(number);

	/* A process that has ended needs no warning. */
	if (watcher->warned || number == ESRCH)
		return;
	watcher->warned = true;
	log_warning("%s: cannot watch 0x%llx: %s; later addresses may be missing, too",
		watcher->probe->name, (unsigned long long)address,
		refusal ? refusal : strerror(number));
}

static struct watch *find(struct watcher *watcher, uint64_t address)
{
	struct watch *watch;

	vec_for_each (&watcher->watches, watch) {
		if (watch->address == address)
			return watch;
	}
	return NULL;
}

static void start(struct watcher *watcher, uint64_t address)
{
	struct watch watch = {.address = address};
	struct perf_event_attr attr = watcher->attr;

	/* Also one that cannot be watched is sent only once. */
	watch_entry_know(&watcher->entry, address, true);
	if (address == 0 || find(watcher, address))
		return;
	attr.bp_addr = address;

	int number = perf_event_attach_threads(watcher->threads, &attr, watcher->program_fd,
		watcher->probe->cookie, &watch.events);

	if (number) {
		warn(watcher, address, number);
		attachment_deinit(&watch.events);
		return;
	}
	vec_push(&watcher->watches, watch);
}

/* To the runner. */
static void report(struct watcher *watcher, const char *text)
{
	ssize_t written = write(watcher->fd, text, strlen(text) + 1);

	/* The runner may have ended. */
	(void)written;
}

static void continue_process(struct watcher *watcher)
{
	if (watcher->stop == WATCH_STOP_NEVER ||
		pidfd_send_signal(watcher->attachments->tracee->pidfd, SIGCONT, NULL, 0) == 0 ||
		errno == ESRCH)
		return;

	_cleanup_free_ char *text = xasprintf(
		"process %d was stopped for %s and cannot be continued: %s; continue it by kill "
		"-CONT %d",
		tracee_process(watcher->attachments->tracee), watcher->probe->name, strerror(errno),
		tracee_process(watcher->attachments->tracee));

	if (!watcher->ended)
		report(watcher, text);
	watcher->ended = true;
}

static int handle_entry(void *context, void *data, size_t size)
{
	struct watcher *watcher = context;
	uint64_t address;

	if (size >= sizeof(address) && !watcher->ended) {
		memcpy(&address, data, sizeof(address));
		start(watcher, address);
	}
	continue_process(watcher);
	return 0;
}

/* False at end-of-file. */
static bool handle_command(struct watcher *watcher)
{
	uint64_t address = 0;
	ssize_t got = read(watcher->fd, &address, sizeof(address));

	if (got < 0 && errno == EINTR)
		return true;
	if (got != sizeof(address))
		return false;

	struct watch *watch = find(watcher, address);

	watch_entry_know(&watcher->entry, address, false);
	if (!watch)
		return true;
	attachment_deinit(&watch->events);
	*watch = *vec_last(&watcher->watches);
	watcher->watches.count--;
	return true;
}

static void loop(struct watcher *watcher, struct ring_buffer *ring, int guard_fd)
{
	struct pollfd fds[] = {
		{.fd = ring_buffer__epoll_fd(ring), .events = POLLIN},
		{.fd = watcher->fd, .events = POLLIN},
		{.fd = guard_fd, .events = POLLIN},
	};

	while (!watcher->ended) {
		poll(fds, ARRAY_SIZE(fds), -1);
		ring_buffer__consume(ring);
		if (fds[2].revents || (fds[1].revents && !handle_command(watcher)))
			watcher->ended = true;
	}

	/* Detaching the entry takes time, in which no reader of a pipe must wait for this process.
	 */
	close_range(STDIN_FILENO, STDERR_FILENO, 0);
	attachment_deinit(&watcher->entry.link);
	ring_buffer__consume(ring);
	death_signal_disarm(&watcher->before);
	death_signal_disarm(&watcher->after);
}

/* --- the start --- */

static capability_set needs(const struct attachments *attachments)
{
	return CAPABILITY(CAP_BPF) | CAPABILITY(CAP_PERFMON) | CAPABILITY(CAP_KILL) |
	       perf_event_needs(attachments);
}

static bool may_signal(void *pidfd)
{
	return pidfd_send_signal(*(const int *)pidfd, 0, NULL, 0) == 0 || errno == ESRCH;
}

/* Signal 0 is permitted as SIGCONT is, but for the exception within a session, on which nothing
 * may rely: the watcher has one of its own. */
static struct error *choose_stop(struct watcher *watcher)
{
	int pidfd = watcher->attachments->tracee->pidfd;

	if (!watcher->probe->stops)
		watcher->stop = WATCH_STOP_NEVER;
	else if (privilege_effective() & CAPABILITY(CAP_KILL))
		watcher->stop = WATCH_STOP_ALWAYS;
	else
		watcher->stop = WATCH_STOP_OWN_USER;
	if (watcher->stop == WATCH_STOP_NEVER ||
		privilege_try(needs(watcher->attachments), may_signal, &pidfd))
		return NULL;
	return error_new(EPERM,
		"cannot attach %s: process %d is of another user and could not be continued after "
		"a stop without CAP_KILL; async%s stops nothing",
		watcher->probe->name, tracee_process(watcher->attachments->tracee),
		watcher->probe->name);
}

static struct error *arm(const struct watcher *watcher, struct death_signal *ret)
{
	if (watcher->stop == WATCH_STOP_NEVER)
		return NULL;
	return death_signal_arm(tracee_process(watcher->attachments->tracee), SIGCONT, ret);
}

static struct error *prepare(struct watcher *watcher, struct ring_buffer **ret)
{
	struct attachments *attachments = watcher->attachments;
	struct error *error = choose_stop(watcher);

	if (error)
		return error;
	if (!pidns_is_shown(attachments->host))
		return error_new(ENOTSUP,
			"cannot attach %s: /proc is of another pid namespace; mount one of this "
			"(unshare --mount-proc)",
			watcher->probe->name);
	watcher->threads = perf_event_threads(attachments->host, attachments->tracee->shown_pid);
	if (!watcher->threads)
		return error_system(ESRCH, "cannot attach %s", watcher->probe->name);
	error = arm(watcher, &watcher->before);
	if (!error)
		error = watch_entry_attach(
			attachments, watcher->probe, watcher->stop, &watcher->entry);
	if (!error)
		error = arm(watcher, &watcher->after);
	if (error)
		return error;
	*ret = ring_buffer__new(watcher->entry.ring_fd, handle_entry, watcher, NULL);
	if (!*ret)
		return error_system(errno, "cannot read the ring of %s", watcher->probe->name);

	/* By its user a watcher without the capability may continue what is of that user. */
	return confine_process(
		SANDBOX_WATCHER, needs(attachments), privilege_effective() & CAPABILITY(CAP_KILL));
}

/* The first message is the error that prevents it, or empty. */
static void watch(void *context, int fd, int guard_fd)
{
	struct watcher *watcher = context;
	struct ring_buffer *ring = NULL;

	watcher->fd = fd;
	struct error *error = prepare(watcher, &ring);

	report(watcher, error ? error->message : "");
	if (!error)
		loop(watcher, ring, guard_fd);
	_exit(error ? 1 : 0);
}

static void serve(void *context, int fd)
{
	struct watcher *watcher = context;

	helper_ignore_signals();
	helper_detach("watcher");
	if (watcher->probe->stops)
		watch_guard(watch, watcher, fd, watcher->attachments->tracee->pidfd);
	else
		watch(watcher, fd, -1);
}

/* --- for the runner --- */

struct watching {
	const struct fd_watch *fd_watch;
	const char *name;
	struct helper_process helper; /* the attachment's own */
};

static void has_ended(struct watching *watching)
{
	log_warning(
		"%s is not watched any more: the process that sets its breakpoints has ended; if "
		"the traced process stays stopped, continue it by kill -CONT",
		watching->name);
	fd_watch_remove(watching->fd_watch, watching->helper.fd);
}

static void read_message(void *context)
{
	struct watching *watching = context;
	_cleanup_str_ struct str text = STR_INIT;

	if (helper_receive(&watching->helper, 0, &text) == HELPER_ANSWERED)
		log_error("%s", str_text(&text));
	else
		has_ended(watching);
}

static struct error *first_answer(const struct helper_process *helper, const char *name)
{
	_cleanup_str_ struct str text = STR_INIT;

	switch (helper_receive(helper, START_MS, &text)) {
	case HELPER_ANSWERED: break;
	case HELPER_TIMEOUT:
	case HELPER_STOPPED:
		return error_new(ETIMEDOUT,
			"cannot attach %s: the process that sets its breakpoints does not respond",
			name);
	case HELPER_ENDED:
		return error_new(ECHILD,
			"cannot attach %s: the process that sets its breakpoints has ended", name);
	}
	return *str_text(&text) ? error_new(0, "%s", str_text(&text)) : NULL;
}

struct error *watcher_start(struct attachments *attachments, const struct manifest_probe *probe,
	const struct perf_event_attr *attr, int program_fd, struct attachment *ret)
{
	struct watcher watcher = {.attachments = attachments,
		.probe = probe,
		.attr = *attr,
		.program_fd = program_fd,
		.entry = {.ring_fd = -1, .known_fd = -1},
		.before = DEATH_SIGNAL_INIT,
		.after = DEATH_SIGNAL_INIT};
	struct error *error = helper_start(serve, &watcher, &ret->helper);

	if (!error)
		error = first_answer(&ret->helper, probe->name);
	if (error)
		return error;

	struct watching *watching = arena_new(&attachments->traced->arena, struct watching);

	*watching = (struct watching){
		.fd_watch = attachments->fd_watch, .name = probe->name, .helper = ret->helper};
	return fd_watch_add(attachments->fd_watch, ret->helper.fd, read_message, watching,
		&attachments->traced->arena);
}

void watcher_forget(const struct attachment *attachment, uint64_t address)
{
	/* The watcher may have ended. */
	(void)helper_request(&attachment->helper, &address, sizeof(address));
}
