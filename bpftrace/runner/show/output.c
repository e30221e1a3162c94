/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output stream: text is buffered and written in few large writes. After a permanent write
 * error further output is dropped, and the loop ends the run. Pipes and terminals are written to in
 * non-blocking mode, so that signals are handled while the reader pauses; since the mode belongs to
 * the open file description, which other processes may share, they are opened anew where possible.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "show.h"

enum { WRITE_SIZE = 1 << 16 };

static const struct output_ops *const formats[] = {
#define FORMAT(name) &output_##name,
#include "formats.def"
#undef FORMAT
};

static const char *const bufferings[] = {
	[BUFFER_LINE] = "line",
	[BUFFER_FULL] = "full",
	[BUFFER_NONE] = "none",
};
TABLE_COMPLETE(bufferings, NR_BUFFERINGS);

/* --- formats and bufferings by name --- */

/* "a, b or c" */
static void append_choice(struct str *out, const char *name, size_t index, size_t count)
{
	if (index)
		str_append(out, index + 1 < count ? ", " : " or ");
	str_append(out, name);
}

void output_formats(struct str *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		append_choice(out, formats[i]->name, i, ARRAY_SIZE(formats));
}

void output_bufferings(struct str *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(bufferings); i++)
		append_choice(out, bufferings[i], i, ARRAY_SIZE(bufferings));
}

static struct error *find_format(const char *name, const struct output_ops **ret)
{
	_cleanup_str_ struct str choices = STR_INIT;

	*ret = formats[0];
	if (!name)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (strcmp(formats[i]->name, name) != 0)
			continue;
		*ret = formats[i];
		return NULL;
	}
	output_formats(&choices);
	return error_new(
		EINVAL, "unknown output format '%s': -f takes %s", name, str_text(&choices));
}

struct error *output_check_format(const char *name)
{
	const struct output_ops *ops;

	return find_format(name, &ops);
}

static struct error *find_buffering(const char *name, int fd, enum buffering *ret)
{
	_cleanup_str_ struct str choices = STR_INIT;

	if (!name) {
		*ret = isatty(fd) ? BUFFER_LINE : BUFFER_FULL;
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(bufferings); i++) {
		if (strcmp(bufferings[i], name) != 0)
			continue;
		*ret = (enum buffering)i;
		return NULL;
	}
	output_bufferings(&choices);
	return error_new(
		EINVAL, "unknown buffering mode '%s': -B takes %s", name, str_text(&choices));
}

struct error *output_check_buffering(const char *name)
{
	enum buffering buffering;

	return find_buffering(name, -1, &buffering);
}

/* --- opening --- */

/* What it holds stays until output_empty: the script may be wrong. */
static struct error *open_file(const char *path, int *ret)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		return error_system(errno, "cannot write to '%s'", path);
	*ret = fd;
	return NULL;
}

/* See proc_pid_fd(5) and fifo(7). */
static int reopen(int fd)
{
	char path[sizeof("/proc/self/fd/-2147483648")];
	struct stat status;

	if (fstat(fd, &status) != 0 || !(S_ISFIFO(status.st_mode) || isatty(fd)))
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

struct error *output_open(
	const char *format, const char *path, const char *buffering, struct output **ret)
{
	struct output opened = {.fd = STDOUT_FILENO};
	_cleanup_close_ int file = -1;
	struct error *error = find_format(format, &opened.ops);

	if (!error)
		error = find_buffering(buffering, -1, &opened.buffering);
	if (!error && path) {
		error = open_file(path, &file);
		opened.fd = file;
	}
	if (!error)
		error = find_buffering(buffering, opened.fd, &opened.buffering);
	if (error)
		return error;

	int own = reopen(opened.fd);

	if (own >= 0)
		opened.fd = own;
	else
		file = -1;
	opened.owned = opened.fd != STDOUT_FILENO;
	opened.path = path;
	opened.escapes =
		!opened.ops->escapes && isatty(opened.ops->is_profile ? STDERR_FILENO : opened.fd);
	opened.reader.takes_frames = opened.ops->takes_frames;
	*ret = xmemdup(&opened, sizeof(opened));
	return NULL;
}

struct error *output_empty(struct output *out)
{
	struct stat status;

	if (!out->path || fstat(out->fd, &status) != 0 || !S_ISREG(status.st_mode) ||
		ftruncate(out->fd, 0) == 0)
		return NULL;
	return error_system(errno, "cannot empty '%s'", out->path);
}

static void fail(struct output *out, int number)
{
	out->failed = number;
	if (number != EPIPE)
		log_error("cannot write the output: %s", strerror(number));
}

static void wait_for_reader(const struct output *out)
{
	struct pollfd fd = {.fd = out->fd, .events = POLLOUT};

	if (out->waiter)
		out->waiter->writable(out->waiter->context, out->fd);
	else
		poll(&fd, 1, -1);
}

/* Returns 0 when a write that failed with this number is to be repeated. */
static int error_from_write(const struct output *out, int number)
{
	if (number == EINTR)
		return 0;
	if (number != EAGAIN)
		return number;
	wait_for_reader(out);
	return 0;
}

void output_flush(struct output *out)
{
	size_t done = 0;

	while (done < out->pending.length && !out->failed) {
		ssize_t written =
			write(out->fd, out->pending.data + done, out->pending.length - done);
		int failed = written < 0 ? error_from_write(out, errno) : 0;

		if (failed)
			fail(out, failed);
		else if (written >= 0)
			done += (size_t)written;
	}
	str_truncate(&out->pending, 0);
}

static bool must_flush(const struct output *out, const void *data, size_t size)
{
	switch (out->buffering) {
	case BUFFER_NONE: return true;
	case BUFFER_LINE: return memchr(data, '\n', size) != NULL;
	default: return out->pending.length >= WRITE_SIZE;
	}
}

void output_write(struct output *out, const void *data, size_t size)
{
	if (out->failed || size == 0)
		return;
	str_append_bytes(&out->pending, data, size);
	if (must_flush(out, data, size))
		output_flush(out);
}

void output_close(struct output *out)
{
	if (!out)
		return;
	if (out->ops->close)
		out->ops->close(out);
	output_flush(out);
	if (out->owned && close(out->fd) != 0 && !out->failed)
		fail(out, errno);
	value_reader_deinit(&out->reader);
	str_deinit(&out->pending);
	str_deinit(&out->text);
	str_deinit(&out->line);
	free(out);
}
