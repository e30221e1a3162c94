/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of users may come from files, from the network, or from other services, by code that the
 * system's administrator has chosen (nsswitch.conf(5)). That code runs in a helper process without
 * privileges. A request is an array of uint32_t, users; the answers are names in the same order,
 * each with its NUL, in as many messages as they need, of whole names. A user without a name is
 * answered by the number.
 */
#include "users.h"

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

/* --- the helper process --- */

/* The runner gives up earlier than the alarm comes, but may not be permitted to end this process.
 */
static void append_name(uint32_t user, struct str *out)
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

static bool answer(int fd, const uint32_t *users, size_t count)
{
	_cleanup_str_ struct str names = STR_INIT;
	int64_t last = now_ms();

	for (size_t i = 0; i < count; i++) {
		append_name(users[i], &names);

		int64_t now = now_ms();

		if (i + 1 < count && names.length < MESSAGE_SIZE && now - last < DELAY_MS)
			continue;
		if (!send_names(fd, &names))
			return false;
		last = now;
	}
	return true;
}

static void serve(void *context _unused_, int fd)
{
	static uint32_t users[REQUEST_MAX];
	ssize_t size;

	helper_close_others(fd);
	helper_ignore_signals();
	helper_detach("names");
	if (confine_process(SANDBOX_NAMES, 0, true))
		return;
	do
		size = read(fd, users, sizeof(users));
	while (size > 0 && answer(fd, users, (size_t)size / sizeof(*users)));
}

/* --- the runner --- */

static void give_up(struct helper_process *helper, enum helper_state state)
{
	_cleanup_str_ struct str fate = STR_INIT;

	if (state == HELPER_TIMEOUT || state == HELPER_STOPPED ||
		!helper_describe_end(helper, LIMIT_MS, &fate))
		str_append(&fate, "does not respond");
	log_warning("user names are not available, showing numbers: the helper process "
		    "%s",
		str_text(&fate));
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
	struct helper_process *helper, const struct name_key *keys, size_t count, struct str *ret)
{
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
		give_up(helper, state);
	return received;
}

static size_t fetch(void *source, const struct name_key *keys, size_t count, struct str *ret)
{
	struct helper_process *helper = source;
	size_t done = 0;

	while (done < count && helper->pid)
		done += request(helper, keys + done, MIN(count - done, (size_t)REQUEST_MAX), ret);
	return done;
}

static void close_source(void *source)
{
	helper_stop(source);
	free(source);
}

static const struct name_ops user_ops = {
	.is_cached = true,
	.fetch = fetch,
	.close = close_source,
};

struct error *users_open(struct names *names)
{
	struct helper_process *helper = xcalloc(1, sizeof(*helper));
	struct error *error = helper_start(serve, NULL, helper);

	if (error)
		free(helper);
	else
		names_add(names, NAME_USER, &user_ops, helper);
	return error;
}
