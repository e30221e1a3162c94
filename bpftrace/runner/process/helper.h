/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A helper process does what this process may not do any more once it is confined. It is forked
 * before, serves requests over a socket, and exits when this process has ended for any reason.
 * Every wait for one has a limit, since what it does may hang.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "death_signal.h"
#include "libcommon/base/error.h"
#include "libcommon/base/str.h"

struct helper_process {
	pid_t pid; /* 0: there is none */
	int pidfd;
	int fd;                   /* a SOCK_SEQPACKET socket */
	struct death_signal wake; /* a stopped one does not see that this process has ended */
};

enum { HELPER_MESSAGE = 64 << 10 }; /* the most bytes of a message */

enum helper_state {
	HELPER_ANSWERED,
	HELPER_TIMEOUT, /* no answer within the limit */
	HELPER_STOPPED, /* no answer, and it was stopped by a signal for a second */
	HELPER_ENDED,
};

/*
 * Forks a process that calls serve(context, fd) and exits when that returns, which it must at
 * end-of-file of fd. It inherits the descriptors of this process except the sockets of other helper
 * processes. *ret is owned by the caller: helper_stop.
 */
struct error *helper_start(
	void (*serve)(void *context, int fd), void *context, struct helper_process *ret);

/* For serve: ignores SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGPIPE. */
void helper_ignore_signals(void);

/* For serve: closes all descriptors but 0 to 2 and fd. */
void helper_close_others(int fd);

/* The same, but keeps another one, too; -1: none. */
void helper_close_but(int fd, int other);

/* For serve: begins a new session, so that a terminal sends it no signal, and sets the name of the
 * process, at most 15 bytes, so that pkill(1) of the runner's name does not match it. */
void helper_detach(const char *name);

/* Sends a message; false when it is too long or the helper has ended. */
bool helper_request(const struct helper_process *helper, const void *message, size_t size);

/* The same; false also when there is no room for it before others have been received. */
bool helper_offer(const struct helper_process *helper, const void *message, size_t size);

/* Waits for a message for so many milliseconds, -1: without any limit, and appends it. */
enum helper_state helper_receive(
	const struct helper_process *helper, int limit_ms, struct str *out);

/* Waits until it has ended, and appends how: "ended by signal 9 (Killed)". False at the limit, in
 * milliseconds. */
bool helper_describe_end(const struct helper_process *helper, int limit_ms, struct str *out);

/* Kills it at once and reaps it, where that is permitted; nothing if there is none. */
void helper_kill(struct helper_process *helper);

/* Closes its socket, waits for its end and reaps it. One that does not end is killed, where that is
 * permitted. Does nothing if there is none. */
void helper_stop(struct helper_process *helper);
