/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helper shares the table of descriptors and so holds the last references to the slow links
 * when the parent is gone; it must not end first, or the parent would close them after all. Before
 * it waits it lets go of everything that somebody may wait for: the terminal's session, descriptors
 * 0 to 2, and all others but the slow links (closing happens when close_range returns; at exit it
 * would happen in an order of the kernel's own). The parent touches no descriptor any more. In the
 * parent's place as process 1 of a namespace the helper would not outlive it.
 */
#include "release.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "attach/attach.h"
#include "libcommon/base/vec.h"

typedef VEC(unsigned) descriptors;

static int compare(const void *a, const void *b)
{
	unsigned left = *(const unsigned *)a, right = *(const unsigned *)b;

	return (left > right) - (left < right);
}

/* The slow links' descriptors in ascending order. */
static void collect(const struct session *session, descriptors *ret)
{
	size_t links = session->attachments ? session->bundle.manifest.links.count : 0;

	for (size_t i = 0; i < links; i++) {
		const struct attachment *attachment = session->attachments[i];

		for (size_t j = 0; attachment && attachment->slow && j < attachment->count; j++)
			vec_push(ret, (unsigned)attachment->fds[j]);
	}
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), compare);
}

static void close_all_but(const descriptors *kept)
{
	unsigned first = 0;

	for (size_t i = 0; i < kept->count; i++) {
		if (kept->items[i] > first)
			close_range(first, kept->items[i] - 1, 0);
		first = kept->items[i] + 1;
	}
	close_range(first, ~0U, 0);
}

/* A process that ends leaves its table of descriptors before it leaves its children. */
static void outlive(pid_t parent)
{
	const struct timespec pause = {.tv_nsec = 500000};

	while (getppid() == parent)
		nanosleep(&pause, NULL);
}

void release(struct session *session, int status)
{
	descriptors slow = {};
	pid_t parent = getpid();

	collect(session, &slow);
	if (slow.count && parent != 1 &&
		syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL) == 0) {
		setsid();
		close_all_but(&slow);
		outlive(parent);
	}
	_exit(status);
}
