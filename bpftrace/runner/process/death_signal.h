/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signal that the kernel sends to another process, or to a process group, as this process ends,
 * however it ends: by SIGKILL, too. Unlike the parent death signal of prctl(2) the
 * receiver need not be a child, and a change of its user does not clear the signal.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "libcommon/base/error.h"

struct death_signal {
	int fds[2];
};

#define DEATH_SIGNAL_INIT                                                                          \
	{                                                                                          \
		.fds = { -1, -1 }                                                                  \
	}

/*
 * Arranges for the signal to be sent to the process, or to the group of a negative number. It is
 * sent with the rights of this process's user as of now: root's reaches all. Processes
 * that are forked later inherit the descriptors, and delay the signal until they close them.
 */
struct error *death_signal_arm(pid_t receiver, int signal, struct death_signal *ret);

/* Nothing is sent any more. Does nothing when it was not armed. */
void death_signal_disarm(struct death_signal *death_signal);

/* Sends the signal now, unless a process that was forked later holds the descriptors. Does nothing
 * when it was not armed, or its receiver has ended. */
void death_signal_send(struct death_signal *death_signal);
