/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stacks: a program stores the frames once, in the map MAP_STACKS, and hands on a number that they
 * are found by: 57 bits of a hash over the frames, and in the low 7 bits how many there are; 0 is
 * no stack. Equal stacks of the threads of a process have one number, until it executes another
 * program; those of the kernel have one, whatever process they were taken in.
 */
#pragma once

#include <stdint.h>

#define MAP_STACKS "stacks" /* HASH: the number of a stack to its struct stack */

enum {
	STACK_FRAMES_MOST = 127,
	STACK_FRAMES_MASK = 127, /* of the number */
};

#define STACK_PROCESS_OUTSIDE UINT32_MAX /* a process that has no number here */

struct stack {
	uint64_t check;    /* sum of the frames and of the process; differs for two of one number */
	uint64_t time;     /* of CLOCK_BOOTTIME, when it was stored */
	uint64_t process;  /* number in the runner's pid namespace; 0 for stacks of the kernel */
	uint64_t frames[]; /* addresses, the innermost first */
};

#define STACK_BYTES(depth) ((uint32_t)(sizeof(struct stack) + (depth) * sizeof(uint64_t)))
