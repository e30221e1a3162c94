/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helper shares the table of descriptors and so holds the last references to the slow links
 * when the parent has ended; it must not end first, or the parent would close them. Before it waits
 * it leaves the terminal's session and closes all descriptors but those of the slow links, so that
 * no other process waits for them (close_range closes at once; at exit the order is the kernel's).
 * The parent uses no descriptor any more.
 *
 * A process that outlives its parent is reaped by process 1 of the initial pid namespace. In
 * others that may be any program, such as one that only sleeps, and each such process would stay a
 * zombie: there the links are closed and all processes reaped before the end.
 */
#include "release.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attach/attach.h"
#include "libcommon/base/vec.h"
#include "process/children.h"
#include "process/progress.h"

typedef VEC(unsigned) descriptors;

static int compare(const void *a, const void *b)
{
	unsigned left = *(const unsigned *)a, right = *(const unsigned *)b;

	return (left > right) - (left < right);
}

/* Set by release_prepare. */
static descriptors slow_links;
static bool may_outlive; /* a helper process may stay behind the parent */

/* The slow links' descriptors in ascending order. */
static void collect(const struct attachments *attachments, descriptors *ret)
{
	size_t links = attachments->items ? attachments->traced->bundle.manifest.links.count : 0;

	for (size_t i = 0; i < links; i++) {
		const struct attachment *attachment = attachments->items[i];

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

/* An exiting process closes its table of descriptors before its children get another parent. */
static void wait_for_parent_exit(pid_t parent)
{
	const struct timespec pause = {.tv_nsec = 500000};

	while (getppid() == parent)
		nanosleep(&pause, NULL);
}

/* The kernel's PROC_PID_INIT_INO. */
static bool orphans_are_reaped(void)
{
	enum { INITIAL_PID_NAMESPACE = 0xEFFFFFFC };
	struct stat status;

	return stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == INITIAL_PID_NAMESPACE;
}

static void stop_watchers(const struct attachments *attachments)
{
	size_t links = attachments->items ? attachments->traced->bundle.manifest.links.count : 0;

	for (size_t i = 0; i < links; i++) {
		if (attachments->items[i])
			helper_stop(&attachments->items[i]->helper);
	}
}

static pid_t fork_with_descriptors(void)
{
	return (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
}

static void close_share(const descriptors *slow, size_t first, size_t step)
{
	for (size_t i = first; i < slow->count; i += step)
		close((int)slow->items[i]);
}

/* The kernel waits for grace periods at each link, which several processes can do at a time. The
 * shares of processes that cannot be forked are closed at exit. */
static void close_side_by_side(const descriptors *slow)
{
	enum { LINKS_EACH = 8, MOST_PROCESSES = 16 };
	size_t shares = MIN(slow->count / LINKS_EACH + 1, (size_t)MOST_PROCESSES);
	pid_t processes[MOST_PROCESSES] = {};
	siginfo_t end;

	for (size_t i = 1; i < shares; i++) {
		processes[i] = fork_with_descriptors();
		if (processes[i] != 0)
			continue;
		close_share(slow, i, shares);
		_exit(0);
	}
	close_share(slow, 0, shares);
	for (size_t i = 1; i < shares; i++) {
		if (processes[i] > 0)
			waitid(P_PID, (id_t)processes[i], &end, WEXITED);
	}
}

void release_prepare(const struct attachments *attachments)
{
	slow_links.count = 0;
	collect(attachments, &slow_links);
	may_outlive = orphans_are_reaped();
}

void release_at_once(int status)
{
	pid_t parent = getpid();

	children_continue();

	bool is_helper = slow_links.count && may_outlive && fork_with_descriptors() == 0;

	if (is_helper) {
		setsid();
		close_all_but(&slow_links);
		wait_for_parent_exit(parent);
	}
	if (is_helper)
		close_side_by_side(&slow_links);
	_exit(status);
}

void release(struct session *session, int status)
{
	session_stop_helpers(session);
	if (may_outlive)
		release_at_once(status);
	stop_watchers(&session->attachments);
	progress_begin("detaching", 0);
	close_side_by_side(&slow_links);
	progress_stop();
	_exit(status);
}
