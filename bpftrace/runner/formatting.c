/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file is rewritten by a new one in its place, which has the same owner and mode: a program that
 * reads it meanwhile finds the old text or the new one. A symbolic link keeps pointing to it.
 */
#include "formatting.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask.h"
#include "bpftrace/door/bundle.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/color.h"
#include "libcommon/base/io.h"
#include "libcommon/base/log.h"
#include "libcommon/base/utf8.h"
#include "options.h"
#include "script.h"

/* A script, and its standard form. */
struct formatted {
	struct arena arena;
	struct request request;
	const void *data;
	size_t size;
};

static void formatted_deinit(struct formatted *formatted)
{
	request_deinit(&formatted->request);
	arena_deinit(&formatted->arena);
}

static bool is_changed(const struct formatted *formatted)
{
	return formatted->size != formatted->request.length ||
	       memcmp(formatted->data, formatted->request.text, formatted->size) != 0;
}

static struct error *format(const struct options *options, struct formatted *ret)
{
	struct request *request = &ret->request;
	struct error *error = script_read(options, &ret->arena, request);

	if (error)
		return error;
	if (bundle_is(request->text, request->length))
		return error_new(
			EINVAL, "%s is compiled, there is no script to format", request->name);
	request->answer = ANSWER_FORMAT;
	request->colored = color_used;
	return ask_compiler(request, &ret->arena, &ret->data, &ret->size);
}

/* --- in place --- */

static struct error *fill(int fd, const struct stat *file, const struct formatted *formatted)
{
	const char *name = formatted->request.name;

	if (fchown(fd, file->st_uid, file->st_gid) != 0)
		return error_system(errno, "cannot keep the owner of %s", name);
	if (fchmod(fd, file->st_mode & 07777) != 0)
		return error_system(errno, "cannot keep the mode of %s", name);

	struct error *error = io_write_all(fd, formatted->data, formatted->size, name);

	if (!error && fsync(fd) != 0)
		error = error_system(errno, "cannot write %s", name);
	return error;
}

static struct error *replace(const char *path, const struct formatted *formatted)
{
	const char *name = formatted->request.name;
	_cleanup_free_ char *other = xasprintf("%s.XXXXXX", path);
	_cleanup_close_ int fd = -1;
	struct stat file;

	if (stat(path, &file) != 0 || access(path, W_OK) != 0)
		return error_system(errno, "cannot rewrite %s", name);
	if (!S_ISREG(file.st_mode))
		return error_new(EINVAL, "cannot rewrite %s: it is no regular file", name);
	fd = mkstemp(other);
	if (fd < 0)
		return error_system(errno, "cannot write into the folder of %s", name);

	struct error *error = fill(fd, &file, formatted);

	if (!error && rename(other, path) != 0)
		error = error_system(errno, "cannot rewrite %s", name);
	if (error)
		unlink(other);
	return error;
}

static struct error *rewrite(const struct formatted *formatted)
{
	const char *name = formatted->request.name;
	_cleanup_free_ char *path = realpath(name, NULL);

	if (!path)
		return error_system(errno, "cannot rewrite %s", name);
	return replace(path, formatted);
}

/* --- what is asked for --- */

static struct error *show(const void *data, size_t size)
{
	_cleanup_str_ struct str text = STR_INIT;

	utf8_append_for(&text, STDOUT_FILENO, data, size, "\n\t");
	return io_write_all(STDOUT_FILENO, str_text(&text), text.length, "the output");
}

static struct error *show_name(const char *name)
{
	_cleanup_str_ struct str line = STR_INIT;

	str_printf(&line, "%s\n", name);
	return show(str_text(&line), line.length);
}

static struct error *format_one(const struct options *options, bool *ret_differs)
{
	_cleanup_(formatted_deinit) struct formatted formatted = {.request = request_init()};
	struct error *error = format(options, &formatted);

	if (error)
		return error;
	*ret_differs = is_changed(&formatted);
	if (options->format_check)
		return *ret_differs ? show_name(formatted.request.name) : NULL;
	if (options->format_write)
		return *ret_differs ? rewrite(&formatted) : NULL;
	return show(formatted.data, formatted.size);
}

/* Reports what is wrong; returns whether nothing is. */
static bool format_next(const struct options *options)
{
	bool differs = false;
	_cleanup_error_ struct error *error = format_one(options, &differs);

	if (error && error->number != ECANCELED)
		log_error("%s", error->message);
	return !error && !(options->format_check && differs);
}

int formatting_run(struct options *options)
{
	bool is_good = format_next(options);

	for (size_t i = 0; i < options->parameter_count && !options->text; i++) {
		options->file = options->parameters[i];
		is_good &= format_next(options);
	}
	return is_good ? 0 : 1;
}
