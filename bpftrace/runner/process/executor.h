/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helper process that runs the commands of system(), with the privileges that bpftrace was
 * started with. A request is a command with its NUL; the answers are messages that begin with a
 * letter. An empty command ends the one that runs.
 */
#pragma once

#include "helper.h"
#include "libcommon/base/error.h"

enum executor_answer {
	EXECUTOR_OUTPUT = 'o', /* then what the command wrote to its standard output */
	EXECUTOR_END = 'e',    /* then its status as waitpid(2) has it, an int */
};

/* Starts it; before any privilege is dropped. *ret is owned by the caller: helper_stop. */
struct error *executor_start(struct helper_process *ret);
