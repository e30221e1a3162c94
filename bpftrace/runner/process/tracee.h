/* SPDX-License-Identifier: Apache-2.0 */
/* The process that is traced: that of -c, started here, or of -p, only watched. Its end ends the
 * run. */
#pragma once

#include <stdint.h>

#include "helper.h"
#include "libcommon/base/arena.h"
#include "libcommon/base/error.h"
#include "libcommon/base/vec.h"
#include "libcommon/host/host.h"

struct tracee {
	int32_t pid;                  /* of -p; 0 without it */
	int32_t command_pid;          /* of -c; 0 without it */
	int32_t shown_pid;            /* the number under which /proc shows the process; 0: none */
	int pidfd;                    /* -1 without -c and -p */
	struct helper_process keeper; /* of the process of -c */
};

#define TRACEE_INIT ((struct tracee){.pidfd = -1})

/* The process that is traced; 0: all are. */
static inline int32_t tracee_process(const struct tracee *tracee)
{
	return tracee->pid ? tracee->pid : tracee->command_pid;
}

typedef VEC(char *) tracee_words;

/*
 * Splits a command as a shell does, without expanding anything: blanks separate, '…' and "…" keep
 * them, a backslash takes the next character as it is (inside "…" only before " \ $ and `). The
 * words are in arena.
 */
struct error *tracee_split(const char *command, struct arena *arena, tracee_words *ret);

/*
 * -c: finds the program, *ret_program in arena, and starts a process that waits to become it, with
 * the privileges of this moment. *ret is owned by the caller: tracee_wait, tracee_deinit.
 */
struct error *tracee_start(const char *command, const struct host *host, struct arena *arena,
	const char **ret_program, struct tracee *ret);

/* -p: opens the process. *ret is owned by the caller: tracee_deinit. */
struct error *tracee_open(int32_t pid, const struct host *host, struct tracee *ret);

/* Makes the waiting process of -c run its program. The functions from here on do nothing where
 * there is no such process. */
void tracee_release(const struct tracee *tracee);

/* Requests the end of the process of -c, which runs or waits, and of all its descendants.
 * Async-signal-safe. */
void tracee_end(const struct tracee *tracee);

/* Waits until they have ended, two seconds at the most. */
void tracee_wait(struct tracee *tracee);

void tracee_deinit(struct tracee *tracee);
