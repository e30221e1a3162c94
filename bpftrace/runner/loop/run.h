/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop: waits for records of both rings, signals, and the end of the tracee, without
 * timers, and keeps the program order per CPU. It ends by exit(), a signal (signals.h), the end of
 * the tracee, or when the output is closed or full.
 */
#pragma once

#include "bpftrace/runner/action/action.h"
#include "bpftrace/runner/process/fd_watch.h"
#include "libcommon/base/error.h"

struct run;

/* What the loop waits for besides records and signals. */
struct run_sources {
	int child_pidfd;           /* of the process of -c or -p; -1: none */
	struct fd_watch *fd_watch; /* opened by run_open */
	/* What the second signal does before the process ends: only what is async-signal-safe.
	 * NULL: nothing. */
	void (*quit)(void *context);
	void *quit_context;
	/* What SIGUSR1 does instead of showing all maps; NULL: nothing else. */
	void (*user_signal)(void *context);
	void *user_signal_context;
};

/*
 * Maps the rings, opens epoll, gets maps and call sites ready, and sets the waiter of actions and
 * of the output. To be called before privileges are dropped, with the object loaded and the output
 * open. *ret is owned by the caller: run_close. From here on signals have their handlers, SIGCHLD
 * is blocked and SIGPIPE ignored, and the functions below call epoll_wait, read, write, bpf (maps
 * by descriptor), clock_gettime, poll while the output's reader pauses, and what memory takes; no
 * more.
 */
struct error *run_open(
	struct actions *actions, const struct run_sources *sources, struct run **ret);

/* Handles what has already arrived (after BEGIN, before the others are attached); true when exit()
 * was called. Blocks for some milliseconds when a program is in the middle of sending, and as long
 * as the output's reader pauses. */
bool run_drain(struct run *run);

/* The same before END, when all programs are stopped: afterwards the rings have all their room for
 * END's records, which no signal makes the loop skip. */
void run_make_room(struct run *run);

enum run_end {
	RUN_EXIT,   /* exit() */
	RUN_SIGNAL, /* SIGINT, SIGTERM, SIGHUP */
	RUN_CHILD,  /* the process of -c or -p ended */
	RUN_OUTPUT, /* the output was closed (EPIPE) or is full */
};

/* Reports what was counted while records were handled; after the last one. */
void run_report(struct run *run);

/* The loop. Returns why it ended; records that arrive later are left to run_drain. */
enum run_end run_loop(struct run *run);

void run_close(struct run *run);
