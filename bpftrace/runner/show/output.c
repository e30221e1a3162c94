/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the program's output goes: what is printed is collected and leaves in few large writes.
 * After a write that failed for good the output is dead: all that follows is dropped, and the
 * loop ends the run. While the reader of a pipe or a terminal pauses, signals must still be heard:
 * these are written to in non-blocking mode, by an open file description of our own, since others
 * may have the descriptor, too. Where that is not to be had, writing blocks.
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

static const struct output_ops *const formats[] = {&output_text, &output_json};

static const char *const bufferings[] = {
	[BUFFER_LINE] = "line",
	[BUFFER_FULL] = "full",
	[BUFFER_NONE] = "none",
};
TABLE_COMPLETE(bufferings, NR_BUFFERINGS);

static struct error *find_format(const char *name, const struct output_ops **ret)
{
	*ret = &output_text;
	for (size_t i = 0; name && i < ARRAY_SIZE(formats); i++) {
		if (strcmp(formats[i]->name, name) != 0)
			continue;
		*ret = formats[i];
		return NULL;
	}
	if (!name)
		return NULL;
	return error_new(EINVAL, "there is no output format '%s', only 'text' and 'json'", name);
}

static struct error *find_buffering(const char *name, int fd, enum buffering *ret)
{
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
	return error_new(
		EINVAL, "there is no buffering '%s', only 'line', 'full' and 'none'", name);
}

static struct error *open_file(const char *path, int *ret)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

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
	*ret = xmemdup(&opened, sizeof(opened));
	return NULL;
}

static void fail(struct output *out, int number)
{
	out->failed = number;
	if (number == ECANCELED)
		log_error("the end of the output was not written: nobody read it until a second "
			  "signal came");
	else if (number != EPIPE)
		log_error("cannot write the output: %s", strerror(number));
}

static bool wait_for_reader(const struct output *out)
{
	struct pollfd fd = {.fd = out->fd, .events = POLLOUT};

	if (out->wait)
		return out->wait(out->run);
	poll(&fd, 1, -1);
	return true;
}

/* What a write that failed comes to: 0 when it is to be tried again. */
static int judge(const struct output *out, int number)
{
	if (number == EINTR)
		return 0;
	if (number == EAGAIN)
		return wait_for_reader(out) ? 0 : ECANCELED;
	return number;
}

void output_flush(struct output *out)
{
	size_t done = 0;

	while (done < out->pending.length && !out->failed) {
		ssize_t written =
			write(out->fd, out->pending.data + done, out->pending.length - done);
		int failed = written < 0 ? judge(out, errno) : 0;

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
	output_flush(out);
	if (out->owned && close(out->fd) != 0 && !out->failed)
		fail(out, errno);
	str_deinit(&out->pending);
	str_deinit(&out->text);
	str_deinit(&out->line);
	free(out);
}
