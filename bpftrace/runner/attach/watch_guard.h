/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Continues a process that may be stopped: the guard waits for the watcher and the watcher for the
 * guard, and the one that survives the other sends SIGCONT. When both are killed at once, the
 * kernel sends it (death_signal.h), unless the process is of another user and the tracer not root.
 */
#pragma once

/*
 * Runs work(context, fd, guard_fd) in a child of this process, which becomes its guard and never
 * returns: the child ends by itself when guard_fd reads end-of-file, since then the guard is gone;
 * and if it ends in any other way than by _exit(0), the guard continues the process of pidfd.
 * The guard keeps fd open until then.
 */
void watch_guard(
	void (*work)(void *context, int fd, int guard_fd), void *context, int fd, int pidfd);
