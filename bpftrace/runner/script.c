/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "libcommon/base/str.h"
#include "options.h"

static struct error *read_all(int fd, const char *name, struct str *out)
{
	int number = str_read(out, fd);

	return number ? error_system(number, "cannot read '%s'", name) : NULL;
}

static struct error *read_file(const char *path, struct str *out)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_system(errno, "failed to open file '%s'", path);
	return read_all(fd, path, out);
}

struct error *script_read(struct session *session)
{
	const struct options *options = session->options;
	struct request *request = &session->request;
	_cleanup_str_ struct str text = STR_INIT;

	request->name = "stdin";
	if (options->text) {
		request->text = options->text;
		request->length = strlen(options->text);
		return NULL;
	}

	bool is_stdin = strcmp(options->file, "-") == 0;
	struct error *error = is_stdin ? read_all(STDIN_FILENO, "standard input", &text)
				       : read_file(options->file, &text);

	if (error)
		return error;
	if (!is_stdin)
		request->name = options->file;
	request->text = arena_memdup(&session->arena, str_text(&text), text.length + 1);
	request->length = text.length;
	return NULL;
}
