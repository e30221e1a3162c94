/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes that this one has started and must reap, and the signals that end it before the
 * event loop installs its own handlers (signals.h): SIGINT, SIGTERM, SIGHUP, and SIGQUIT at all
 * times. Below a process 1 that reaps nothing, a child that outlives this process would stay a
 * zombie.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct child_process {
	pid_t pid;
	int pidfd;
	int fd;       /* its end is the request to end; -1: closed */
	bool at_once; /* killed instead of asked */
};

/* Installs handlers that end and reap all children, then end this process. Signals that are ignored
 * stay ignored, but for SIGINT. */
void children_take_signals(void);

/* Blocks the signals between the start of a child and children_add; the child and the caller
 * restore the old mask by children_release. */
void children_hold(sigset_t *ret_old);
void children_release(const sigset_t *old);

void children_add(const struct child_process *child);
void children_remove(pid_t pid);

/* Notes that the caller has closed the child's descriptor. */
void children_closed(pid_t pid);

/* In a new child: closes the descriptors of all others, which otherwise would not read end-of-file
 * when the parent ends. */
void children_close_all(void);

/* Sends SIGCONT to all, since a stopped child does not see the end of this process.
 * Async-signal-safe. */
void children_continue(void);
