/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request holds stacks, one behind the other; the answer are messages with their texts, until
 * there is one for each stack.
 */
#include "symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bpftrace/runner/process/long_work.h"
#include "bpftrace/runner/process/progress.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "libcommon/confine/confine.h"
#include "libcommon/symbols/symbolizer.h"
#include "fetcher.h"
#include "mapping_events.h"
#include "naming.h"

enum {
	ANSWER_MS = 30000, /* for one message: the files of a large program are read */
	FIRST_STEP_MS = 250,
	STEP_MS = 3000, /* between two looks at what is fetched */
	READY_MS = 10000,
	IDLE_MS = 500,
	PRIORITY = -10, /* files of programs that live for a moment are to be opened */
};

enum {
	MAPPINGS_MAX = 500000, /* 24 MB */
	OPEN_FILES_LEAST = 4,
	OPEN_FILES_MAX = 4000,
	MEMORY_MAX = 256 << 20, /* bytes of symbols */
	LINES_MAX = 1 << 30,    /* bytes of debug information */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* The helper's own state. */
struct symbols {
	struct host_opener opener; /* first, so that it is its symbols */
	struct host host;          /* of its own: descriptors of the runner are closed */
	struct symbols_needs needs;
	int fd;
	struct mapping_events events;
	struct naming naming;
};

/* --- waiting --- */

/*
 * Waits until fd is ready for one of the events, and reads meanwhile what is mapped: it may be of
 * programs that live for a moment. Ends the process when the runner has ended. False at the limit;
 * -1: there is none.
 */
static bool wait_for(struct symbols *symbols, int fd, short events, int limit_ms)
{
	size_t count = symbols->events.rings.count;
	_cleanup_free_ struct pollfd *fds = xcalloc(2 + count, sizeof(*fds));
	int64_t end = now_ms() + limit_ms, left = -1;

	fds[0] = (struct pollfd){.fd = fd, .events = events};
	fds[1] = (struct pollfd){.fd = symbols->fd};
	mapping_events_poll(&symbols->events, fds + 2);
	while (limit_ms < 0 || (left = end - now_ms()) > 0) {
		if (poll(fds, 2 + count, (int)left) < 0 && errno != EINTR)
			return false;
		if (fds[1].revents)
			_exit(0);
		mapping_events_read(&symbols->events, symbols->naming.symbolizer);
		if (fds[0].revents)
			return true;
	}
	return false;
}

/* --- files that are fetched --- */

static bool wait_for_file(void *context, int fd, int limit_ms)
{
	return wait_for(context, fd, POLLIN, limit_ms);
}

static int fetch_debug_file(
	const struct host_opener *opener, const unsigned char *build_id, size_t size)
{
	struct symbols *symbols = (struct symbols *)(uintptr_t)opener;

	return fetcher_ask(&symbols->needs.fetcher_fd, build_id, size, wait_for_file, symbols);
}

/* --- the helper --- */

/* A stack at the begin of size bytes; NULL when they are no stack. */
static const struct symbols_stack *stack_at(const void *data, size_t size)
{
	const struct symbols_stack *stack = data;

	if (size < sizeof(*stack) || stack->count > STACK_FRAMES_MOST ||
		size - sizeof(*stack) < stack->count * sizeof(uint64_t))
		return NULL;
	return stack;
}

static size_t stack_size(const struct symbols_stack *stack)
{
	return sizeof(*stack) + stack->count * sizeof(uint64_t);
}

/* Sends a message, even if the runner takes its time to read those before. */
static bool send_message(struct symbols *symbols, const char *data, size_t size)
{
	ssize_t sent;

	do
		sent = send(symbols->fd, data, size, MSG_DONTWAIT);
	while (sent < 0 && (errno == EINTR || (errno == EAGAIN && wait_for(symbols, symbols->fd,
									  POLLOUT, -1))));
	return sent == (ssize_t)size;
}

static bool send_all(struct symbols *symbols, const struct str *text)
{
	for (size_t at = 0; at < text->length;) {
		size_t size = MIN(text->length - at, (size_t)HELPER_MESSAGE);

		if (!send_message(symbols, text->data + at, size))
			return false;
		at += size;
	}
	return true;
}

static bool answer(struct symbols *symbols, const char *request, size_t size)
{
	_cleanup_str_ struct str text = STR_INIT;
	const struct symbols_stack *stack;

	while ((stack = stack_at(request, size))) {
		/* Naming may take longer than the rings of events have room for. */
		mapping_events_read(&symbols->events, symbols->naming.symbolizer);
		naming_append(&symbols->naming, stack, &text);
		request += stack_size(stack);
		size -= stack_size(stack);
	}
	return send_all(symbols, &text);
}

/* Whether the kernel reports what processes map. */
static bool is_following(const struct symbols *symbols)
{
	return symbols->events.rings.count > 0;
}

/* Answers a request; false when there will be no more. */
static bool serve_request(struct symbols *symbols)
{
	_cleanup_free_ uint64_t *request = xmalloc(HELPER_MESSAGE);
	ssize_t size = TEMP_FAILURE_RETRY(read(symbols->fd, request, HELPER_MESSAGE));

	/* What was mapped when the last request came may not be any more. */
	if (!is_following(symbols))
		symbolizer_forget_processes(symbols->naming.symbolizer);
	return size > 0 && answer(symbols, (const char *)request, (size_t)size);
}

/* What runs already has mapped its files before they are reported. What is reported meanwhile does
 * not wait: it may be of programs that live for a moment. */
static void read_processes(struct symbols *symbols)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	host_names names = {};
	const char **name;
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	error_free(host_read_dir(&symbols->host, "/proc", &arena, &names));
	vec_for_each (&names, name) {
		mapping_events_read(&symbols->events, symbols->naming.symbolizer);
		int32_t pid = (int32_t)strtol(*name, NULL, 10);

		if (pid > 0)
			symbolizer_read_process(symbols->naming.symbolizer, pid,
				(uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec);
	}
	vec_deinit(&names);
}

/* Descriptors are needed for other things, too. */
static size_t most_open_files(void)
{
	struct rlimit limit = {};
	size_t most;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return OPEN_FILES_LEAST;
	most = (size_t)MIN(limit.rlim_cur, (rlim_t)2 * OPEN_FILES_MAX) / 2;
	return MAX(most, (size_t)OPEN_FILES_LEAST);
}

static struct symbolizer *make_symbolizer(const struct symbols *symbols)
{
	struct symbolizer_limits limits = {
		.mappings = MAPPINGS_MAX,
		.images =
			{
				.open_files = most_open_files(),
				.memory = MEMORY_MAX,
				.lines = LINES_MAX,
			},
	};

	if (symbols->needs.keeps_little)
		limits.images.memory = limits.images.lines = 0;
	return symbolizer_new(&symbols->host, &limits);
}

/* Where perf events are not permitted, as in containers, what is known of processes is in /proc. */
static void open_events(struct symbols *symbols)
{
	_cleanup_error_ struct error *error = mapping_events_open(&symbols->host, &symbols->events);

	if (!error)
		return;
	mapping_events_close(&symbols->events);
	log_warning("addresses of processes that have exited are shown without names: %s",
		error->message);
}

/* The user may name a file that only root may read. */
static struct error *open_vmlinux(struct symbols *symbols)
{
	struct error *error = host_open_named(
		&symbols->host, symbols->needs.vmlinux, &symbols->naming.kernel.vmlinux_fd);

	return error ? error_prefix(error, "BPFTRACE_VMLINUX") : NULL;
}

static struct error *open_sources(struct symbols *symbols)
{
	struct error *error = host_open_root("/", &symbols->host);

	symbols->opener.debug_file = fetch_debug_file;
	if (symbols->needs.fetcher_fd >= 0)
		symbols->host.opener = &symbols->opener;
	symbols->naming.symbolizer = make_symbolizer(symbols);
	symbols->naming.demangles = symbols->needs.demangle;
	symbols->naming.has_lines = symbols->needs.lines;
	symbols->naming.kernel.host = &symbols->host;
	if (!error && symbols->needs.kernel)
		error = host_open(&symbols->host, "/proc/kallsyms", O_RDONLY,
			&symbols->naming.kernel.kallsyms_fd);
	if (!error && symbols->needs.kernel)
		error_free(host_open(&symbols->host, "/proc/modules", O_RDONLY,
			&symbols->naming.kernel.modules_fd));
	if (!error && symbols->needs.kernel && symbols->needs.lines && symbols->needs.vmlinux)
		error = open_vmlinux(symbols);
	if (!error && symbols->needs.processes)
		open_events(symbols);
	if (!error)
		error = confine_process(SANDBOX_SYMBOLS,
			symbols->needs.processes
				? CAPABILITY(CAP_SYS_PTRACE) | CAPABILITY(CAP_DAC_READ_SEARCH) |
					  CAPABILITY(CAP_CHECKPOINT_RESTORE)
				: 0,
			true);
	return error;
}

/* Symbols of the kernel are read while there is nothing else to do: at the end of a run that would
 * take longer than all the rest. */
static int wait_ms(const struct symbols *symbols)
{
	return symbols->needs.kernel && !symbols->naming.kernel.time ? IDLE_MS : -1;
}

static void loop(struct symbols *symbols)
{
	size_t count = symbols->events.rings.count;
	struct pollfd *fds = xcalloc(1 + count, sizeof(*fds));

	fds[0] = (struct pollfd){.fd = symbols->fd, .events = POLLIN};
	mapping_events_poll(&symbols->events, fds + 1);
	do {
		int ready = TEMP_FAILURE_RETRY(poll(fds, 1 + count, wait_ms(symbols)));

		if (ready < 0)
			break;
		if (ready == 0)
			kernel_names_prepare(&symbols->naming.kernel);
		mapping_events_read(&symbols->events, symbols->naming.symbolizer);
	} while (!fds[0].revents || serve_request(symbols));
	free(fds);
}

static void serve(void *context, int fd)
{
	struct symbols *symbols = context;

	helper_ignore_signals();
	helper_close_but(fd, symbols->needs.fetcher_fd);
	helper_detach("symbols");
	(void)setpriority(PRIO_PROCESS, 0, PRIORITY);
	symbols->fd = fd;

	_cleanup_error_ struct error *error = open_sources(symbols);

	/* The first answer says that all is open, or why not. */
	const char *message = error ? error->message : "";

	if (write(fd, message, strlen(message) + 1) < 0 || error)
		return;
	if (is_following(symbols))
		read_processes(symbols);
	loop(symbols);
	naming_report(&symbols->naming);
	if (symbolizer_dropped(symbols->naming.symbolizer))
		log_warning("%" PRIu64
			    " reports of what processes mapped were lost or dropped: some "
			    "addresses of processes may be without names",
			symbolizer_dropped(symbols->naming.symbolizer));
}

/* --- the runner's side --- */

struct error *symbols_start(const struct symbols_needs *needs, struct helper_process *ret)
{
	struct symbols symbols = {.host = HOST_INIT,
		.needs = *needs,
		.naming.kernel.kallsyms_fd = -1,
		.naming.kernel.modules_fd = -1,
		.naming.kernel.vmlinux_fd = -1};
	_cleanup_str_ struct str message = STR_INIT;
	struct helper_process helper;
	struct error *error = helper_start(serve, &symbols, &helper);

	if (error)
		return error;
	if (helper_receive(&helper, READY_MS, &message) != HELPER_ANSWERED)
		error = error_new(ECHILD, "the process that finds symbols did not start");
	else if (*str_text(&message))
		error = error_new(EPERM, "%s", str_text(&message));
	if (error)
		helper_stop(&helper);
	else
		*ret = helper;
	return error;
}

static size_t count_stacks(const char *stacks, size_t size)
{
	const struct symbols_stack *stack;
	size_t count = 0;

	for (; (stack = stack_at(stacks, size)); count++) {
		stacks += stack_size(stack);
		size -= stack_size(stack);
	}
	return count;
}

/* Cuts a text that is not complete off. */
static void drop_incomplete(struct str *texts)
{
	size_t length = texts->length;

	while (length > 0 && texts->data[length - 1] != '\0')
		length--;
	str_truncate(texts, length);
}

/* Waits for a message. The time while a file is fetched, which has limits of its own, does not
 * count; that it takes long is shown. */
static enum helper_state receive(const struct helper_process *helper, struct str *out)
{
	enum helper_state state;
	bool is_shown = false;
	int waited = 0, step = FIRST_STEP_MS;

	while ((state = helper_receive(helper, step, out)) == HELPER_TIMEOUT &&
		waited < ANSWER_MS) {
		bool is_fetching = long_work_goes_on();

		waited = is_fetching ? 0 : waited + step;
		step = STEP_MS;
		if (is_fetching && !is_shown)
			progress_begin("fetching debug files; Ctrl-C ends that", 0);
		is_shown |= is_fetching;
	}
	if (is_shown)
		progress_end();
	return state;
}

/* How many bytes of whole stacks, of those that were not sent, fit into one message. */
static size_t fitting(const struct symbols_request *request)
{
	const char *stacks = request->stacks.data + request->sent;
	size_t size = request->stacks.length - request->sent, fit = 0;
	const struct symbols_stack *stack;

	while ((stack = stack_at(stacks + fit, size - fit)) &&
		fit + stack_size(stack) <= HELPER_MESSAGE)
		fit += stack_size(stack);
	return fit;
}

typedef bool (*sender)(const struct helper_process *helper, const void *message, size_t size);

/* Sends one message; false when there is none left or it cannot be sent. */
static bool send_some(
	const struct helper_process *helper, struct symbols_request *request, sender send)
{
	const char *stacks = request->stacks.data + request->sent;
	size_t size = fitting(request);

	if (!size || !send(helper, stacks, size))
		return false;
	request->wanted += count_stacks(stacks, size);
	request->sent += size;
	return true;
}

void symbols_begin(const struct helper_process *helper, struct symbols_request *request)
{
	while (send_some(helper, request, helper_offer))
		;
}

/* Receives a message. The helper reads files of others: more texts than wanted end its service,
 * like a missing answer. */
static bool receive_some(const struct helper_process *helper, struct symbols_request *request)
{
	size_t from = request->texts.length;

	if (receive(helper, &request->texts) != HELPER_ANSWERED)
		return false;
	request->count += str_count(&request->texts, from, '\0');
	if (request->count <= request->wanted)
		return true;
	str_truncate(&request->texts, 0);
	return false;
}

/* The helper may wait until its answers are read: only one that has given all waits for more. */
bool symbols_finish(const struct helper_process *helper, struct symbols_request *request)
{
	bool goes_on = true;

	while (goes_on && (request->count < request->wanted || fitting(request))) {
		symbols_begin(helper, request);
		goes_on = request->count < request->wanted
				  ? receive_some(helper, request)
				  : send_some(helper, request, helper_request);
	}
	drop_incomplete(&request->texts);
	return goes_on;
}

void symbols_request_deinit(struct symbols_request *request)
{
	str_deinit(&request->stacks);
	str_deinit(&request->texts);
	*request = (struct symbols_request){};
}
