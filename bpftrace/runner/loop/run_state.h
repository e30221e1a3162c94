/* SPDX-License-Identifier: Apache-2.0 */
/* What the loop (run.c) and its opening (run_open.c) have in common. */
#pragma once

#include <signal.h>
#include <stdint.h>

#include "bpftrace/runner/data/ring.h"
#include "dispatch.h"
#include "packets.h"
#include "run.h"

struct run {
	struct actions *actions;
	struct run_sources sources;
	struct waiter waiter; /* for code below the loop */
	struct dispatch dispatch;
	struct ring_reader data, control; /* all zero when there is none */
	struct packets *packets;          /* NULL when there are none */
	uint64_t waited_at;               /* position of data when waiting ended last */
	uint64_t woken_at;                /* nanoseconds */
	uint64_t lost_shown_at;
	volatile sig_atomic_t waits_for_reader; /* of the output */
	bool signalled; /* from a signal for the end until the records sent before it are handled */
	bool end_requested;        /* by a signal */
	bool maps_requested;       /* by a signal while something else was handled */
	bool wakeups_are_frequent; /* the last two wake-ups were less than NAP_MS apart */
	bool exiting;              /* exit() does not stop a drain any more */
	int all_fd;                /* epoll: the rings and others_fd */
	int others_fd;             /* epoll: signals, tracee, output, clock */
	int signal_fd;
	int clock_fd; /* -1 when no program uses how far CLOCK_TAI is ahead */
	sigset_t old_mask;
};

/* In the handler of the second signal, with the run. */
void run_quit(void *context);

/* The calls of the waiter. */
bool run_wait(void *context, int fd);
void run_wait_for_reader(void *context, int fd);
bool run_interrupted(void *context);
