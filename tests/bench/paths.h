/* SPDX-License-Identifier: Apache-2.0 */
/* Different paths through functions of many libraries. */
#pragma once

#include <stdint.h>

enum { PATH_MOST = 120 }; /* functions of a path */

/* Calls end at the end of a path, which the number chooses. */
void path_walk(uint64_t number, long depth, void (*end)(void *context), void *context);

/* Does nothing: to be traced. */
void stack_end(void *context);
