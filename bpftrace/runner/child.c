/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child of -c waits at a gate, a pipe: a byte lets it go on to execve, end-of-file (whatever
 * became of the runner) ends it before its program was ever run. Nothing of this needs ptrace.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcommon/base/log.h"
#include "libcommon/base/str.h"
#include "options.h"

enum { STATUS_NOT_RUN = 127 }; /* as shells have it */

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

struct error *child_split(const char *command, struct arena *arena, child_words *ret)
{
	child_words words = {};
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

static bool is_program(const char *path)
{
	struct stat file;

	return stat(path, &file) == 0 && S_ISREG(file.st_mode) && access(path, X_OK) == 0;
}

/* The file that a command's first word means; NULL when there is none. */
static const char *find_program(const char *name, struct arena *arena)
{
	const char *path = getenv("PATH");

	if (strchr(name, '/'))
		return is_program(name) ? name : NULL;
	if (!path)
		path = "/usr/local/bin:/usr/bin:/bin";
	for (const char *at = path;; at++) {
		size_t length = strcspn(at, ":");
		const char *candidate = arena_printf(
			arena, "%.*s/%s", length ? (int)length : 1, length ? at : ".", name);

		if (is_program(candidate))
			return candidate;
		at += length;
		if (!*at)
			return NULL;
	}
}

_noreturn_ static void wait_and_run(int gate, const char *path, char **words)
{
	char byte;
	ssize_t got;

	/* What the runner has open now is not ours to hold, and execve is far. */
	if (gate > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)gate - 1, 0);
	close_range((unsigned)gate + 1, ~0U, 0);
	do
		got = read(gate, &byte, 1);
	while (got < 0 && errno == EINTR);
	if (got != 1)
		_exit(0);
	signal(SIGUSR1, SIG_DFL);
	execv(path, words);
	log_error("failed to run '%s': %s", path, strerror(errno));
	_exit(STATUS_NOT_RUN);
}

static struct error *open_pidfd(struct session *session, pid_t pid)
{
	session->child_pidfd = pidfd_open(pid, 0);
	if (session->child_pidfd < 0 && errno == EINVAL)
		return error_new(EINVAL, "%d is a thread; give the process it belongs to", pid);
	if (session->child_pidfd < 0)
		return error_system(errno, "cannot trace process %d", pid);
	return NULL;
}

static struct error *start_command(struct session *session, const char *command)
{
	child_words words = {};
	struct error *error = child_split(command, &session->arena, &words);

	if (error)
		return error;
	const char *path = find_program(words.items[0], &session->arena);

	session->request.program = path;
	int gate[2] = {-1, -1};
	pid_t pid = -1;

	if (!path)
		error = error_new(ENOENT,
			"failed to fork child: path '%s' does not exist or is not executable",
			words.items[0]);
	else if (pipe2(gate, O_CLOEXEC) != 0 || (pid = fork()) < 0)
		error = error_system(errno, "failed to fork child");
	vec_push(&words, NULL);
	if (pid == 0)
		wait_and_run(gate[0], path, words.items);
	vec_deinit(&words);
	if (gate[0] >= 0)
		close(gate[0]);
	session->child_gate = gate[1];
	if (error)
		return error;
	session->child_pid = pid;
	return open_pidfd(session, pid);
}

struct error *child_start(struct session *session)
{
	if (session->options->child)
		return start_command(session, session->options->child);
	if (session->options->pid)
		return open_pidfd(session, session->options->pid);
	return NULL;
}

void child_release(struct session *session)
{
	if (session->child_gate < 0)
		return;
	if (write(session->child_gate, "", 1) != 1)
		log_warning("the command of -c ended before it began");
	close(TAKE_FD(session->child_gate));
}

void child_end(struct session *session)
{
	if (session->child_pid <= 0)
		return;
	pidfd_send_signal(session->child_pidfd, SIGTERM, NULL, 0);

	/* One that is stopped would not hear it. */
	pidfd_send_signal(session->child_pidfd, SIGCONT, NULL, 0);
}
