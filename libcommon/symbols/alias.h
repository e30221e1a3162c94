/* SPDX-License-Identifier: Apache-2.0 */
/* Which of several symbols at one address gives it its name. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct alias {
	const char *name;
	uint64_t size; /* bytes; 0 when not known */
	bool is_weak;
	bool is_global;
	bool is_label; /* no type: a label of an assembler */
};

/*
 * Whether a is to be preferred to b. In both orders come first one with a size, and one with a
 * type. In the kernel, as perf chooses: one that is not weak, one that is global, one with fewer
 * leading underscores. In programs, whose libraries export weak names for those they use themselves
 * ("read" of "__libc_read"): one that is global, one with fewer leading underscores, one that is
 * not weak. At last the longer one.
 */
bool alias_is_better_in_kernel(const struct alias *a, const struct alias *b);
bool alias_is_better_in_program(const struct alias *a, const struct alias *b);
