/* SPDX-License-Identifier: Apache-2.0 */
/* The file is read when its record arrives, so in the order of the output, up to max_cat_bytes,
 * without blocking: a pipe without data is empty. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "action.h"
#include "libcommon/base/log.h"

enum { PIECE = 16 << 10 };

/* Ignores errors after the first bytes. Returns false, with errno, when nothing could be read. */
static bool read_file(int fd, uint64_t most, struct str *out)
{
	while (out->length < most) {
		size_t wanted = MIN((size_t)PIECE, most - out->length);
		ssize_t got = read(fd, str_reserve(out, wanted), wanted);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0 || errno == EAGAIN || out->length;
		str_truncate(out, out->length + (size_t)got);
	}
	return true;
}

static void handle(
	struct actions *actions, const struct site *site, const void *record, size_t size)
{
	uint64_t most = actions->traced->bundle.manifest.settings.max_cat_bytes;
	const char *path = str_text(action_format(actions, site, record, size, false));
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	_cleanup_str_ struct str content = STR_INIT;

	if (fd < 0 || !read_file(fd, most, &content))
		log_warning("cat: cannot read '%s': %s", path, strerror(errno));
	else
		action_print_foreign(actions, "cat", str_text(&content), content.length);
}

const struct action_ops action_cat = {
	.action = ACTION_CAT,
	.is_slow = true,
	.prepare = action_prepare_format,
	.handle = handle,
};
