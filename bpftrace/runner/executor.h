/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The servant that runs the commands of system(), with the privileges that the user started us
 * with. A request is a command with its NUL; the answers are messages of one letter and what goes
 * with it. The request of an empty command, while one runs, ends that one.
 */
#pragma once

#include "libcommon/base/error.h"

struct session;

enum executor_answer {
	EXECUTOR_OUTPUT = 'o', /* then what the command wrote to its standard output */
	EXECUTOR_END = 'e',    /* then its status as waitpid(2) has it, an int */
};

/* Starts session->executor; before any privilege is dropped. */
struct error *executor_start(struct session *session);
