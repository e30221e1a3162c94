/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program writes a byte for each object into the file, for no other purpose than that a read
 * returns: the kernel fills what was asked for, and no more. So between two reads there are few
 * enough records for the rings to hold.
 */
#include "walk.h"

#include <errno.h>
#include <unistd.h>

#include "attach/attach.h"
#include "run.h"

enum {
	OBJECTS_AT_ONCE = 64,
};

static int walk_fd(const struct session *session, size_t link)
{
	const struct attachment *attachment = session->attachments[link];

	return attachment ? attachment->walk_fd : -1;
}

bool walk_wanted(const struct session *session)
{
	for (size_t i = 0; i < session->bundle.manifest.links.count; i++) {
		if (walk_fd(session, i) >= 0)
			return true;
	}
	return false;
}

/* EAGAIN: the kernel saw a million objects of which none was one, and has more. */
static struct error *walk(struct session *session, int fd)
{
	char bytes[OBJECTS_AT_ONCE];

	while (!session->exited) {
		ssize_t count = read(fd, bytes, sizeof(bytes));

		if (count < 0 && errno != EINTR && errno != EAGAIN)
			return error_system(errno, "cannot walk over the objects of the kernel");
		run_drain(session->run);
		if (count == 0)
			break;
	}
	return NULL;
}

struct error *walk_all(struct session *session)
{
	struct error *error = NULL;

	for (size_t i = 0; i < session->bundle.manifest.links.count && !error; i++) {
		if (walk_fd(session, i) >= 0)
			error = walk(session, walk_fd(session, i));
	}
	return error;
}
