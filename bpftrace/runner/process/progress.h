/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What takes more than a second is shown in a line on standard error, if that is a terminal, and
 * wiped when it is over. The kernel's calls cannot be interrupted to show anything, so a process of
 * its own does it: it reads what goes on, and since when, in memory that it shares with this one.
 * Without such a process the functions do nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/error.h"

/* Starts the process if standard error is a terminal with a cursor. To be called while this one may
 * still fork. */
void progress_start(void);

/* Milliseconds of CLOCK_MONOTONIC; 0 when nothing is shown. */
uint64_t progress_now(void);

/* Ends it and waits for that, where an orphan would stay a zombie. */
void progress_stop(void);

/* Something begins that can take long: "attaching"; done and total are shown as "3 of 12", a total
 * of 0 shows none. Activities may be nested; the innermost is shown. */
void progress_begin(const char *what, uint64_t total);
void progress_step(uint64_t done);
void progress_end(void);

/* Shown instead of the activities from a second after the first call on; NULL: no longer. */
void progress_note(const char *text);

/* Wipes the line before something else is written to the terminal; it comes back after a while.
 * Async-signal-safe. */
void progress_hide(void);
