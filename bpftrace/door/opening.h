/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiler has no capabilities, so it requests files from the runner that it may not open
 * itself. Both ends of the socket on which the request came: after the request's end the compiler
 * sends one question at a time and receives one answer. A question is a message of two numbers,
 * root and wanted, and a path with its NUL; an answer is a message of one number, 0 or a negative
 * errno value, and with 0 one descriptor (SCM_RIGHTS). The runner decides what may be opened
 * (runner/process/broker.h).
 *
 * Processes are asked for when an attach point depends on them: the answer is a file of JSON
 * (process_list.h), and each root directory in it is the answer to a question of its own.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "libcommon/host/host.h"

struct opening {
	uint32_t root;   /* number of a root among the processes' + 1; 0: the system's own */
	uint32_t wanted; /* enum host_wanted */
	char path[PATH_MAX];
};

/* --- the compiler's side --- */

struct opening_client {
	struct host_opener opener;
	int socket;                  /* borrowed */
	struct opening_cache *cache; /* answers that are requested once */
};

/* The client must stay where it is once its opener is used. arena holds what the opener returns;
 * the caller deinits the client. */
struct opening_client opening_client(int socket, struct arena *arena);
void opening_client_deinit(struct opening_client *client);

/* --- the runner's side --- */

/* Waits for a request. Returns false at the end of the stream and for a malformed message; the
 * caller then closes the socket. */
bool opening_receive(int socket, struct opening *ret);

/* Sends the descriptor (which stays the caller's), or the negative errno value; never waits.
 * Returns false when it could not be sent; the caller then closes the socket. */
bool opening_answer(int socket, int fd_or_error);
