/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other program of the family, bpftrace-compile: started as early as possible, because linking
 * LLVM takes it longer than everything the runner does meanwhile; asked when the request is
 * complete; gone before anything is loaded.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "bpftrace/door/request.h"
#include "libcommon/base/error.h"

struct compile {
	pid_t pid;      /* 0 when none runs */
	int request_fd; /* to its standard input */
	int answer_fd;  /* its standard output, a file in memory */
};

#define COMPILE_INIT ((struct compile){.request_fd = -1, .answer_fd = -1})

/* Starts it, with the roots of processes, whose descriptors stay open there; *ret is to be ended by
 * compile_finish or compile_abandon. */
struct error *compile_start(const struct processes *processes, struct compile *ret);

/* Sends the request and closes the door behind it. */
struct error *compile_ask(struct compile *compile, const struct request *request);

/*
 * Waits for the compiler's end. Its answer is mapped and stays until the process ends. An error of
 * number ECANCELED means that the compiler has said itself what is wrong with the script.
 */
struct error *compile_finish(struct compile *compile, const void **ret_data, size_t *ret_size);

/* Ends a compiler whose answer nobody needs; does nothing when there is none. */
void compile_abandon(struct compile *compile);
