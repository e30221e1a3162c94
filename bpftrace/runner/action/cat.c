/* SPDX-License-Identifier: Apache-2.0 */
/* The file is read at the place of the call in the order of the output, up to max_cat_bytes, and
 * never waited for: a pipe that has nothing to say is empty. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "action.h"
#include "bpftrace/runner/show/show.h"
#include "libcommon/base/log.h"

enum { PIECE = 16 << 10 };

/* What went wrong after some bytes does not matter; false when nothing was read for a reason. */
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
	struct session *session, const struct site *site, const void *record, size_t size)
{
	uint64_t most = session->bundle.manifest.settings.max_cat_bytes;
	const char *path = str_text(action_format(session, site, record, size));
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	_cleanup_str_ struct str content = STR_INIT;

	if (fd < 0 || !read_file(fd, most, &content))
		log_warning("cat: cannot read '%s': %s", path, strerror(errno));
	else
		session->output->ops->printed(
			session->output, "cat", str_text(&content), content.length);
}

const struct action_handler action_cat = {
	.action = ACTION_CAT,
	.prepare = action_prepare_format,
	.handle = handle,
};
