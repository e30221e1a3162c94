/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The watcher is a fork that keeps a few privileges and system calls: it waits for addresses from
 * the function's entry (watch_entry.c), opens breakpoints there for the process's threads, and lets
 * the process go on. Through a pipe it hears which addresses are to be forgotten; the pipe's end is
 * its own end. Whatever comes from the entry after that only lets the process go on.
 */
#include "watcher.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "libcommon/base/log.h"
#include "perf_event.h"
#include "watch_entry.h"

struct watch {
	uint64_t address;
	struct attachment events;
};

struct watcher {
	struct session *session;
	const struct manifest_probe *probe;
	struct perf_event_attr attr;
	int program_fd;
	int command_fd;
	struct watch_entry entry;
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

	/* Also one that cannot be watched need not be told again. */
	watch_entry_know(&watcher->entry, address, true);
	if (address == 0 || find(watcher, address))
		return;
	attr.bp_addr = address;

	int number = perf_event_attach_process(watcher->session->host, &attr,
		session_process(watcher->session), watcher->program_fd, watcher->probe->cookie,
		&watch.events);

	if (number) {
		warn(watcher, address, number);
		attachment_deinit(&watch.events);
		return;
	}
	vec_push(&watcher->watches, watch);
}

static int take_entry(void *context, void *data, size_t size)
{
	struct watcher *watcher = context;
	uint64_t address;

	if (size >= sizeof(address) && !watcher->ended) {
		memcpy(&address, data, sizeof(address));
		start(watcher, address);
	}
	if (watcher->probe->stops)
		pidfd_send_signal(watcher->session->child_pidfd, SIGCONT, NULL, 0);
	return 0;
}

/* False at the end of commands. */
static bool take_command(struct watcher *watcher)
{
	uint64_t address = 0;
	ssize_t got = read(watcher->command_fd, &address, sizeof(address));

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

static void loop(struct watcher *watcher, struct ring_buffer *ring)
{
	struct pollfd fds[] = {
		{.fd = ring_buffer__epoll_fd(ring), .events = POLLIN},
		{.fd = watcher->command_fd, .events = POLLIN},
	};

	while (!watcher->ended) {
		poll(fds, ARRAY_SIZE(fds), -1);
		ring_buffer__consume(ring);
		if (fds[1].revents && !take_command(watcher))
			watcher->ended = true;
	}

	/* Nobody is to wait for this process any more, which letting go of the entry takes. */
	close_range(STDIN_FILENO, STDERR_FILENO, 0);
	attachment_deinit(&watcher->entry.link);
	ring_buffer__consume(ring);
}

static capability_set needs(const struct session *session)
{
	return CAPABILITY(CAP_BPF) | CAPABILITY(CAP_PERFMON) | CAPABILITY(CAP_KILL) |
	       perf_event_needs(session);
}

_noreturn_ static void watch(struct watcher *watcher)
{
	struct ring_buffer *ring =
		ring_buffer__new(watcher->entry.ring_fd, take_entry, watcher, NULL);
	struct error *error = NULL;

	if (watcher->session->child_gate >= 0)
		close(watcher->session->child_gate);
	if (!ring)
		error = error_system(errno, "cannot read the ring of %s", watcher->probe->name);
	if (!error)
		error = privilege_keep(needs(watcher->session));
	if (!error)
		error = sandbox_install(SANDBOX_WATCHER, 0);
	if (error)
		log_error("%s", error->message);
	else
		loop(watcher, ring);
	_exit(error ? 1 : 0);
}

struct error *watcher_start(struct session *session, const struct manifest_probe *probe,
	const struct perf_event_attr *attr, int program_fd, struct attachment *ret)
{
	struct watcher watcher = {.session = session,
		.probe = probe,
		.attr = *attr,
		.program_fd = program_fd,
		.entry = {.ring_fd = -1, .known_fd = -1}};
	int pipe_fds[2];
	struct error *error = watch_entry_attach(session, probe, &watcher.entry);

	if (!error && pipe2(pipe_fds, O_CLOEXEC) != 0)
		error = error_system(errno, "cannot make a pipe for %s", probe->name);
	if (error) {
		watch_entry_deinit(&watcher.entry);
		return error;
	}

	pid_t pid = fork();

	if (pid == 0) {
		close(pipe_fds[1]);
		watcher.command_fd = pipe_fds[0];
		watch(&watcher);
	}
	if (pid < 0)
		error = error_system(errno, "cannot start a process for %s", probe->name);
	close(pipe_fds[0]);
	attachment_add(ret, pipe_fds[1]);
	watch_entry_deinit(&watcher.entry);
	return error;
}

void watcher_forget(const struct attachment *attachment, uint64_t address)
{
	ssize_t written =
		attachment->count ? write(attachment->fds[0], &address, sizeof(address)) : 0;

	/* A watcher that is gone watches nothing. */
	(void)written;
}
