/* SPDX-License-Identifier: Apache-2.0 */
/* Calls along a path: each function calls the next one, the last one what is at the path's end. */
#pragma once

struct walk;

typedef void (*step)(struct walk *walk);

struct walk {
	const step *next;
	long left; /* steps to be made */
	void (*end)(void *context);
	void *context;
};

static inline void walk_on(struct walk *walk)
{
	if (walk->left-- > 0)
		(*walk->next++)(walk);
	else
		walk->end(walk->context);
	__asm__ volatile("" ::: "memory"); /* no jump in place of the call */
}

enum {
	STEP_LIBRARIES = 50,
	STEPS = 100, /* functions of each library */
};
