/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of users and of processes. Those of users may come from files, from the network, or from
 * other services, by code that the system's administrator has chosen (nsswitch.conf(5)). That code
 * runs in a helper process without privileges; so are those of processes read, of a process that
 * may be gone or have another one by then. A request is an array of uint32_t, users or processes;
 * the answers are names in the same order, each with its NUL, in as many messages as they need, of
 * whole names. A user without a name is answered by the number, a process without one by "".
 */
#include "users.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bpftrace/runner/process/helper.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "libcommon/confine/confine.h"

enum {
	REQUEST_MAX = 4096, /* users of one request */
	NAME_MAX_SIZE = 4096,
	MESSAGE_SIZE = HELPER_MESSAGE - NAME_MAX_SIZE, /* after which an answer is sent */
	DELAY_MS = 100, /* for which a name may wait for the next ones */
	LOOKUP_S = 10,  /* of one name, before the helper ends itself */
	LIMIT_MS = 1000 + DELAY_MS,
};

/* What a helper process finds. */
struct lookup {
	enum name_kind kind;
	void (*append)(uint32_t number, struct str *out);
	const char *missing; /* for the warning when it is gone */
	struct name_ops ops;
};

/* The source of a kind: where the runner asks. */
struct lookup_source {
	const struct lookup *lookup;
	struct helper_process helper;
};

/* --- the helper process --- */

/* The runner gives up earlier than the alarm comes, but may not be permitted to end this process.
 */
static void append_user(uint32_t user, struct str *out)
{
	alarm(LOOKUP_S);

	const struct passwd *entry = getpwuid(user);

	alarm(0);
	if (entry && *entry->pw_name && strlen(entry->pw_name) < NAME_MAX_SIZE)
		str_append(out, entry->pw_name);
	else
		str_printf(out, "%" PRIu32, user);
	str_append_char(out, '\0');
}

/* proc_pid_comm(5): the name and a line feed. */
static void append_process(uint32_t process, struct str *out)
{
	char path[sizeof("/proc/4294967295/comm")], text[NAME_MAX_SIZE];

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/comm", process);

	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof(text));

	if (size > 0)
		str_append_bytes(out, text, strnlen(text, (size_t)size - 1));
	str_append_char(out, '\0');
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* False when the runner has gone. */
static bool send_names(int fd, struct str *names)
{
	bool sent = write(fd, names->data, names->length) == (ssize_t)names->length;

	str_truncate(names, 0);
	return sent;
}

static bool answer(const struct lookup *lookup, int fd, const uint32_t *numbers, size_t count)
{
	_cleanup_str_ struct str names = STR_INIT;
	int64_t last = now_ms();

	for (size_t i = 0; i < count; i++) {
		lookup->append(numbers[i], &names);

		int64_t now = now_ms();

		if (i + 1 < count && names.length < MESSAGE_SIZE && now - last < DELAY_MS)
			continue;
		if (!send_names(fd, &names))
			return false;
		last = now;
	}
	return true;
}

static void serve(void *context, int fd)
{
	static uint32_t numbers[REQUEST_MAX];
	ssize_t size;

	helper_close_others(fd);
	helper_ignore_signals();
	helper_detach("names");
	if (confine_process(SANDBOX_NAMES, 0, true))
		return;
	do
		size = read(fd, numbers, sizeof(numbers));
	while (size > 0 && answer(context, fd, numbers, (size_t)size / sizeof(*numbers)));
}

/* --- the runner --- */

static void give_up(struct lookup_source *source, enum helper_state state)
{
	struct helper_process *helper = &source->helper;
	_cleanup_str_ struct str fate = STR_INIT;

	if (state == HELPER_TIMEOUT || state == HELPER_STOPPED ||
		!helper_describe_end(helper, LIMIT_MS, &fate))
		str_append(&fate, "does not respond");
	log_warning("%s: the helper process %s", source->lookup->missing, str_text(&fate));
	helper_kill(helper);
}

/* Appends the names of one message and adds their number. The helper runs code of others: anything
 * but whole names, and no more than wanted, ends its service. */
static enum helper_state receive(
	struct helper_process *helper, size_t wanted, size_t *count, struct str *ret)
{
	size_t begin = ret->length;
	enum helper_state state = helper_receive(helper, LIMIT_MS, ret);
	size_t got = 0;

	if (state == HELPER_ANSWERED && ret->data[ret->length - 1] == '\0')
		got = str_count(ret, begin, '\0');
	if (got == 0 || got > wanted - *count) {
		str_truncate(ret, begin);
		return state == HELPER_ANSWERED ? HELPER_TIMEOUT : state;
	}
	*count += got;
	return HELPER_ANSWERED;
}

/* One request; returns how many names came. */
static size_t request(
	struct lookup_source *source, const struct name_key *keys, size_t count, struct str *ret)
{
	struct helper_process *helper = &source->helper;
	_cleanup_free_ uint32_t *users = xcalloc(count, sizeof(*users));
	enum helper_state state = HELPER_ENDED;
	size_t received = 0;

	for (size_t i = 0; i < count; i++)
		users[i] = (uint32_t)keys[i].number;
	if (helper_request(helper, users, count * sizeof(*users))) {
		do
			state = receive(helper, count, &received, ret);
		while (state == HELPER_ANSWERED && received < count);
	}
	if (state != HELPER_ANSWERED)
		give_up(source, state);
	return received;
}

static size_t fetch(void *context, const struct name_key *keys, size_t count, struct str *ret)
{
	struct lookup_source *source = context;
	size_t done = 0;

	while (done < count && source->helper.pid)
		done += request(source, keys + done, MIN(count - done, (size_t)REQUEST_MAX), ret);
	return done;
}

static void close_source(void *context)
{
	struct lookup_source *source = context;

	helper_stop(&source->helper);
	free(source);
}

static const struct lookup users = {
	.kind = NAME_USER,
	.append = append_user,
	.missing = "user names are not available, showing numbers",
	.ops = {.is_cached = true, .fetch = fetch, .close = close_source},
};

static const struct lookup processes = {
	.kind = NAME_PROCESS,
	.append = append_process,
	.missing = "names of processes are not available",
	.ops = {.fetch = fetch, .close = close_source},
};

static struct error *open_lookup(struct names *names, const struct lookup *lookup)
{
	struct lookup_source *source = xcalloc(1, sizeof(*source));
	struct error *error = helper_start(serve, (void *)(uintptr_t)lookup, &source->helper);

	source->lookup = lookup;
	if (error)
		free(source);
	else
		names_add(names, lookup->kind, &lookup->ops, source);
	return error;
}

struct error *users_open(struct names *names)
{
	return open_lookup(names, &users);
}

struct error *users_open_processes(struct names *names)
{
	return open_lookup(names, &processes);
}
