/* SPDX-License-Identifier: Apache-2.0 */
/* The process of -c, started here, or of -p, only watched. Its end ends the run. */
#pragma once

#include "libcommon/base/error.h"
#include "libcommon/base/vec.h"
#include "session.h"

typedef VEC(char *) child_words;

/*
 * Splits a command as a shell does, without expanding anything: blanks separate, '…' and "…" keep
 * them, a backslash takes the next character as it is (inside "…" only before " \ $ and `). The
 * words are in arena.
 */
struct error *child_split(const char *command, struct arena *arena, child_words *ret);

/*
 * -c: finds the program and starts a process that waits to become it, with the privileges of this
 * moment. -p: opens the process. Sets child_pidfd, child_pid and child_gate of the session; does
 * nothing when neither option was given.
 */
struct error *child_start(struct session *session);

/* The waiting process of -c begins its program. */
void child_release(struct session *session);

/* Ends the process of -c if it still runs or waits; that of -p is left alone. */
void child_end(struct session *session);
