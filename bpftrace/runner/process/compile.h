/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other program of the family, bpftrace-compile: started as early as possible, because linking
 * LLVM takes longer than everything that the runner does meanwhile; it gets the request when that
 * is complete, and has ended before anything is loaded.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "bpftrace/door/request.h"
#include "broker.h"
#include "libcommon/base/error.h"

struct compile {
	pid_t pid; /* 0 when none runs */
	int pidfd;
	int socket_fd; /* to its standard input: the request, then its questions for files */
	int answer_fd; /* its standard output, a file in memory */
};

#define COMPILE_INIT ((struct compile){.pidfd = -1, .socket_fd = -1, .answer_fd = -1})

/* Starts it; *ret is to be ended by compile_finish or compile_abandon. */
struct error *compile_start(struct compile *ret);

/* Sends the request. */
struct error *compile_ask(struct compile *compile, const struct request *request);

/*
 * Waits for the compiler's end, and opens the files that it asks for. Its answer is mapped until
 * this process ends. The error ECANCELED: the compiler has already reported what is wrong with the
 * script.
 */
struct error *compile_finish(
	struct compile *compile, struct broker *broker, const void **ret_data, size_t *ret_size);

/* Kills and reaps the compiler; does nothing when none runs. */
void compile_abandon(struct compile *compile);
