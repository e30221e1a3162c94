/* SPDX-License-Identifier: Apache-2.0 */
#include "children.h"

#include <errno.h>
#include <poll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libcommon/base/attributes.h"
#include "libcommon/base/vec.h"

enum {
	STOP_MS = 2500, /* for a child to exit */
	KILL_MS = 1000, /* for a killed one to end */
};

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static VEC(struct child_process) children;
static pid_t owner; /* of the list; a forked process inherits the handler */

static struct child_process *find(pid_t pid)
{
	struct child_process *child;

	vec_for_each (&children, child) {
		if (child->pid == pid)
			return child;
	}
	return NULL;
}

static void fill_mask(sigset_t *mask)
{
	sigemptyset(mask);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaddset(mask, numbers[i]);
}

void children_hold(sigset_t *ret_old)
{
	sigset_t mask;

	fill_mask(&mask);
	sigprocmask(SIG_BLOCK, &mask, ret_old);
}

void children_release(const sigset_t *old)
{
	sigprocmask(SIG_SETMASK, old, NULL);
}

void children_add(const struct child_process *child)
{
	sigset_t old;

	children_hold(&old);
	vec_push(&children, *child);
	children_release(&old);
}

void children_remove(pid_t pid)
{
	struct child_process *child = find(pid);
	sigset_t old;

	if (!child)
		return;
	children_hold(&old);
	*child = *vec_last(&children);
	children.count--;
	children_release(&old);
}

void children_closed(pid_t pid)
{
	struct child_process *child = find(pid);

	if (child)
		child->fd = -1;
}

void children_close_all(void)
{
	const struct child_process *child;

	vec_for_each (&children, child) {
		if (child->fd >= 0)
			close(child->fd);
	}
	vec_deinit(&children);
}

void children_continue(void)
{
	const struct child_process *child;

	vec_for_each (&children, child)
		(void)pidfd_send_signal(child->pidfd, SIGCONT, NULL, 0);
}

/* --- in the handler: async-signal-safe, and the signals are blocked --- */

static bool has_ended(const struct child_process *child, int limit_ms)
{
	struct pollfd fd = {.fd = child->pidfd, .events = POLLIN};

	return poll(&fd, 1, limit_ms) == 1;
}

static void end_child(const struct child_process *child)
{
	siginfo_t info;

	if (!has_ended(child, child->at_once ? 0 : STOP_MS))
		(void)pidfd_send_signal(child->pidfd, SIGKILL, NULL, 0);
	if (has_ended(child, KILL_MS))
		waitid(P_PID, (id_t)child->pid, &info, WEXITED);
}

static void end_all(int number)
{
	const struct child_process *child;

	if (getpid() == owner) {
		children_continue();
		vec_for_each (&children, child) {
			if (child->fd >= 0)
				close(child->fd);
		}
		vec_for_each (&children, child)
			end_child(child);
	}
	/* With the default action, once this handler returns. */
	raise(number);
}

void children_take_signals(void)
{
	struct sigaction action = {.sa_handler = end_all, .sa_flags = (int)SA_RESETHAND}, old;

	owner = getpid();
	fill_mask(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		sigaction(numbers[i], NULL, &old);
		if (numbers[i] == SIGINT || old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
}
