/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bpftrace/door/source.h"
#include "options.h"

static struct error *read_file(const char *path, struct str *out)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && strchr(path, '{'))
		return error_new(errno, "a program on the command line takes -e: bpftrace -e '…'");
	if (fd < 0)
		return error_system(errno, "failed to open file '%s'", path);
	return source_read(fd, path, out);
}

struct error *script_keep(struct options *options)
{
	bool is_stdin = options->file && strcmp(options->file, "-") == 0;
	struct error *error;

	if (options->text || options->has_script)
		return NULL;
	error = is_stdin ? source_read(STDIN_FILENO, "standard input", &options->script)
			 : read_file(options->file, &options->script);
	options->has_script = !error;
	return error;
}

struct error *script_read(
	const struct options *options, struct arena *arena, struct request *request)
{
	_cleanup_str_ struct str text = STR_INIT;

	request->name = "stdin";
	if (options->text) {
		request->text = options->text;
		request->length = strlen(options->text);
		return NULL;
	}

	bool is_stdin = strcmp(options->file, "-") == 0;
	struct error *error = options->has_script ? NULL
			      : is_stdin ? source_read(STDIN_FILENO, "standard input", &text)
					 : read_file(options->file, &text);

	if (error)
		return error;
	if (!is_stdin)
		request->name = options->file;
	if (options->has_script) {
		request->text = str_text(&options->script);
		request->length = options->script.length;
		return NULL;
	}
	request->text = arena_memdup(arena, str_text(&text), text.length + 1);
	request->length = text.length;
	return NULL;
}
