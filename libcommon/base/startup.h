/* SPDX-License-Identifier: Apache-2.0 */
/* Process state that all programs of the project set up first, and restore before they execute
 * other programs. */
#pragma once

/*
 * Opens /dev/null at those of the descriptors 0, 1 and 2 that are closed, so that no file opened
 * later becomes standard input, output or error. Ignores SIGXFSZ: a write beyond the limit of
 * file sizes then fails with EFBIG, as one to a full disk fails with ENOSPC.
 */
void startup(void);

/* In a child, before execve: SIGXFSZ as it was when the program started. Async-signal-safe. */
void startup_undo(void);

/* Raises the file size limit as far as permitted, since it also applies to files in memory.
 * startup_limit_sizes restores it. */
void startup_unlimit_sizes(void);
void startup_limit_sizes(void);
