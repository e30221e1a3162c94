/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bpftrace/runner/data/traced.h"

/*
 * After loading: has the kernel fill the caches that stacks are allocated from. Each CPU has one
 * for each map without preallocation, with a single element at first (kernel/bpf/memalloc.c); it is
 * filled when one is taken, but in programs that run with interrupts off only after them: two
 * stacks of the first sample on a CPU would need two. Failures do not matter: a stack that
 * finds no memory is counted.
 */
void stack_cache_fill(const struct traced *traced);
