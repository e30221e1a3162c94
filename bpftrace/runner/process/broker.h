/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens files for the compiler that it may not open itself, and only those that it needs to read:
 * programs and libraries, types, the cache of the dynamic linker, lists and formats of tracefs,
 * what the process of -p or all processes have mapped, and their root directories. It decides by
 * what was opened, never by what the request contains: the compiler parses untrusted scripts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bpftrace/door/opening.h"
#include "libcommon/base/vec.h"
#include "libcommon/host/process.h"

/* A program or library that was opened. */
struct broker_file {
	uint32_t root;
	char *path;
	int fd; /* O_PATH */
};

/* The capabilities for opening files of other users' processes, by links of /proc. */
#define PRIVILEGES_OF_FILES                                                                        \
	(CAPABILITY(CAP_DAC_READ_SEARCH) | CAPABILITY(CAP_SYS_PTRACE) |                            \
		CAPABILITY(CAP_CHECKPOINT_RESTORE))

struct broker {
	const struct host *host; /* borrowed, as the arena */
	struct arena *arena;     /* for texts of processes */
	int32_t pid;             /* of -p, as host numbers it; 0: all processes may be asked for */
	struct processes
		processes;  /* whose roots are asked for by number; read at the first question */
	bool has_processes; /* they are read */
	VEC(struct broker_file) files; /* so that links are made to the file that was read */
	uint32_t questions;            /* answered so far */
};

/* Answers the next question (door/opening.h), waiting for it; false when the socket is to be
 * closed. */
bool broker_serve(struct broker *broker, int socket);

/* The descriptor, borrowed, of a file that was opened by that path; -1: none was. */
int broker_find(const struct broker *broker, uint32_t root, const char *path);

/* Closes the files of which is_used returns false. */
void broker_forget(struct broker *broker,
	bool (*is_used)(const struct broker_file *file, const void *context), const void *context);

void broker_deinit(struct broker *broker);
