/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent of the command of -c: a helper process that keeps the privilege to signal it, whatever
 * user it becomes, and that outlives a killed runner. It blocks the command before execve until the
 * runner requests the start, and ends the command and its descendants with the trace.
 */
#pragma once

#include <sys/types.h>

#include "helper.h"

/* A command: the file, and its arguments, NULL-terminated. */
struct keeper_command {
	const char *path;
	char **words;
};

/* A request is one of these, a byte. The end of the runner ends the command, too. */
enum keeper_request {
	KEEPER_GO = 'g',  /* starts the command's program */
	KEEPER_END = 'e', /* ends the command: SIGTERM, then SIGKILL */
};

/* Starts *ret, owned by the caller (helper_stop), and the command, which waits; before any
 * privilege is dropped. A command that a signal ends, other than by KEEPER_END, is reported by a
 * message: the signal, an int. */
struct error *keeper_start(
	struct keeper_command *command, struct helper_process *ret, pid_t *ret_pid);
