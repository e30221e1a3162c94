/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows progress on standard error, if that is a terminal, when nothing was written for a second;
 * the line is erased before other output. A timer signal writes it, unlike in the runner, whose
 * blocking system calls need a process of its own for that.
 */
#pragma once

/* Starts the timer; from then on log messages erase the line. To be called once. */
void progress_start(void);

/* Sets the text of the line (copied); NULL: nothing to show. */
void progress_set(const char *what);

/* Erases the line and restarts the second. To be called before each write to standard output. */
void progress_hide(void);
