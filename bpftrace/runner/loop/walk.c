/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program writes a byte for each object into the file, so that a read returns after as many
 * objects as it asked for bytes, with few enough records for the rings to hold.
 */
#include "walk.h"

#include <errno.h>
#include <unistd.h>

#include "run_state.h"

enum {
	OBJECTS_AT_ONCE = 64,
};

/* EAGAIN: the kernel skipped a million objects in one call, and has more. */
struct error *walk_read(struct run *run, int fd)
{
	char bytes[OBJECTS_AT_ONCE];

	while (!run->actions->exited && !run_interrupted(run)) {
		ssize_t count = read(fd, bytes, sizeof(bytes));

		if (count < 0 && errno != EINTR && errno != EAGAIN)
			return error_system(errno, "cannot walk over the objects of the kernel");
		if (run_drain(run) || count == 0)
			break;
	}
	return NULL;
}
