/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop: waits for records of both rings, signals, and the child's end, without ever
 * polling, and keeps the program order per CPU (speed law 9 of the design: the control ring's
 * records carry the data ring's position). It ends by exit(), SIGINT, SIGTERM, the child's end, or
 * when nobody reads the output any more.
 */
#pragma once

#include "session.h"
#include "libcommon/base/error.h"

struct run;

/*
 * Maps the rings, opens signalfd and epoll, gets maps and call sites ready. To be called before
 * privileges are dropped, with the object loaded, the output open and child_pidfd set. From here on
 * SIGINT, SIGTERM, SIGUSR1 and SIGCHLD are blocked and SIGPIPE is ignored, and the functions below
 * call epoll_wait, read, write, bpf (maps by descriptor), clock_gettime, poll while the output's
 * reader pauses, and what memory takes; no more.
 */
struct error *run_open(struct session *session, struct run **ret);

/* Handles what has already arrived (after BEGIN, before the others are attached); true when exit()
 * was among it. Blocks for some milliseconds at most, when a program is in the middle of sending.
 */
bool run_drain(struct run *run);

enum run_end {
	RUN_EXIT,   /* exit() */
	RUN_SIGNAL, /* SIGINT, SIGTERM */
	RUN_CHILD,  /* the process given by -c or -p ended */
	RUN_OUTPUT, /* the output was closed (EPIPE) or is full */
};

/* Tells what was counted while records came in, after the last one. */
void run_report(struct run *run);

/* The loop. Returns why it ended; what has arrived since is left to run_drain. */
enum run_end run_loop(struct run *run);

/* Waits until fd can be read; false when a signal asks for the end of the run first. */
bool run_wait(struct run *run, int fd);

/* True from that moment on, until what had been sent before is handled: nothing that takes long is
 * to begin. */
bool run_interrupted(const struct run *run);

void run_close(struct run *run);
