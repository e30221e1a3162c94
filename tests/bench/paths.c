/* SPDX-License-Identifier: Apache-2.0 */
#include "paths.h"

#include <stdlib.h>

#include "steps.h"

#define LIBRARIES(of)                                                                              \
	TEN(of, 0)                                                                                 \
	TEN(of, 1) TEN(of, 2) TEN(of, 3) TEN(of, 4)
#define TEN(of, n)                                                                                 \
	of(n##0) of(n##1) of(n##2) of(n##3) of(n##4) of(n##5) of(n##6) of(n##7) of(n##8) of(n##9)
#define DECLARATION(n) extern const step steps_##n[STEPS];
#define ELEMENT(n)     steps_##n,

LIBRARIES(DECLARATION)

static const step *const libraries[STEP_LIBRARIES] = {LIBRARIES(ELEMENT)};

/* Well mixed bits of a number (splitmix64). */
static uint64_t mix(uint64_t number)
{
	number += 0x9e3779b97f4a7c15;
	number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
	number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
	return number ^ (number >> 31);
}

void path_walk(uint64_t number, long depth, void (*end)(void *context), void *context)
{
	step path[PATH_MOST];

	if (depth < 0 || depth > PATH_MOST)
		exit(2);
	for (long i = 0; i < depth; i++) {
		uint64_t chosen = mix(number * PATH_MOST + (uint64_t)i);

		path[i] = libraries[chosen % STEP_LIBRARIES][chosen / STEP_LIBRARIES % STEPS];
	}

	struct walk walk = {.next = path, .left = depth, .end = end, .context = context};

	walk_on(&walk);
}

__attribute__((noinline)) void stack_end(void *context)
{
	__asm__ volatile("" : : "r"(context) : "memory");
}
