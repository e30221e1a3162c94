/* SPDX-License-Identifier: Apache-2.0 */
/* The command of -c is parsed here and started by keeper.c. */
#include "tracee.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>

#include "command.h"
#include "keeper.h"
#include "libcommon/base/log.h"
#include "libcommon/base/str.h"
#include "libcommon/host/pidns.h"
#include "libcommon/host/procfs.h"

enum { WAIT_MS = 2500, KILL_MS = 100 };

/* The inside of quotes; returns where to go on. */
static const char *quoted(const char *at, struct str *word, struct error **error)
{
	char quote = *at++;

	for (; *at != quote; at++) {
		if (quote == '"' && *at == '\\' && at[1] && strchr("\"\\$`", at[1]))
			at++;
		if (!*at) {
			*error = error_new(EINVAL, "-c: there is no closing %c", quote);
			return at;
		}
		str_append_char(word, *at);
	}
	return at + 1;
}

static const char *next_word(const char *at, struct str *word, struct error **error)
{
	while (*at && !strchr(" \t\n", *at) && !*error) {
		if (*at == '\'' || *at == '"') {
			at = quoted(at, word, error);
		} else {
			if (*at == '\\' && at[1])
				at++;
			str_append_char(word, *at++);
		}
	}
	return at;
}

struct error *tracee_split(const char *command, struct arena *arena, tracee_words *ret)
{
	tracee_words words = {};
	struct error *error = NULL;

	for (const char *at = command + strspn(command, " \t\n"); *at && !error;
		at += strspn(at, " \t\n")) {
		_cleanup_str_ struct str word = STR_INIT;

		at = next_word(at, &word, &error);
		vec_push(&words, arena_strdup(arena, str_text(&word)));
	}
	if (!error && words.count == 0)
		error = error_new(EINVAL, "-c: the command is empty");
	if (error) {
		vec_deinit(&words);
		return error;
	}
	*ret = words;
	return NULL;
}

static struct error *open_pidfd(pid_t pid, const struct host *host, struct tracee *ret)
{
	ret->pidfd = pidfd_open(pid, 0);
	if (ret->pidfd >= 0) {
		ret->shown_pid = pidns_shown(host, pid);
		return NULL;
	}

	int number = errno;
	struct error *error = NULL;

	if (pidns_is_shown(host))
		error = procfs_check_process(host, pid);

	/* Which error the kernel returns for a thread depends on its version. */
	if (!error || error->number != EINVAL) {
		error_free(error);
		error = error_system(number, "cannot trace process %d", pid);
	}
	return error;
}

struct error *tracee_start(const char *command, const struct host *host, struct arena *arena,
	const char **ret_program, struct tracee *ret)
{
	tracee_words words = {};
	struct error *error = tracee_split(command, arena, &words);

	if (error)
		return error;
	vec_push(&words, NULL);

	struct keeper_command start = {.words = words.items};
	pid_t pid = 0;

	error = command_find(words.items[0], arena, &start.path);
	if (!error)
		error = keeper_start(&start, &ret->keeper, &pid);
	vec_deinit(&words);
	if (error)
		return error;
	*ret_program = start.path;
	ret->command_pid = pid;
	return open_pidfd(pid, host, ret);
}

/* A process that has ended keeps its number until its parent waits for it. */
struct error *tracee_open(int32_t pid, const struct host *host, struct tracee *ret)
{
	struct error *error = open_pidfd(pid, host, ret);
	struct pollfd fd = {.fd = ret->pidfd, .events = POLLIN};

	ret->pid = pid;
	if (error || poll(&fd, 1, 0) != 1)
		return error;
	return error_new(ESRCH,
		"cannot trace process %d: it has ended (a zombie: its parent has not waited for "
		"it)",
		pid);
}

void tracee_release(const struct tracee *tracee)
{
	static const char go = KEEPER_GO;

	if (tracee->keeper.pid && !helper_request(&tracee->keeper, &go, 1))
		log_warning("the command of -c exited before tracing began");
}

void tracee_end(const struct tracee *tracee)
{
	static const char end = KEEPER_END;

	/* A keeper that is gone has no command any more. */
	(void)helper_request(&tracee->keeper, &end, 1);
}

/* The kernel kills the command with its keeper, unless the command has changed its user. */
static bool still_runs(const struct tracee *tracee)
{
	struct pollfd fd = {.fd = tracee->pidfd, .events = POLLIN};

	return poll(&fd, 1, KILL_MS) == 0;
}

/* Signals by which users and terminals end a command, and a closed pipe, are not worth a warning.
 */
static bool is_usual_end(int signal)
{
	static const int usual[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};

	for (size_t i = 0; i < ARRAY_SIZE(usual); i++) {
		if (usual[i] == signal)
			return true;
	}
	return false;
}

static void warn_of_signal(const struct helper_process *keeper)
{
	_cleanup_str_ struct str message = STR_INIT;
	int signal;

	if (helper_receive(keeper, 0, &message) != HELPER_ANSWERED ||
		message.length != sizeof(signal))
		return;
	memcpy(&signal, str_text(&message), sizeof(signal));
	if (!is_usual_end(signal))
		log_warning(
			"the command of -c was ended by signal %d (%s)", signal, strsignal(signal));
}

void tracee_wait(struct tracee *tracee)
{
	_cleanup_str_ struct str end = STR_INIT;

	if (helper_describe_end(&tracee->keeper, WAIT_MS, &end) &&
		strcmp(str_text(&end), "ended with status 0") != 0) {
		if (still_runs(tracee))
			log_warning(
				"the command of -c (process %d) still runs: its parent process %s",
				tracee->command_pid, str_text(&end));
		else
			log_warning("the command of -c was killed: its parent process %s",
				str_text(&end));
	}
	warn_of_signal(&tracee->keeper);
	helper_stop(&tracee->keeper);
}

void tracee_deinit(struct tracee *tracee)
{
	cleanup_close(&tracee->pidfd);
}
