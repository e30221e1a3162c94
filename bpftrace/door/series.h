/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time series: the values of the last intervals, in a ring of slots that programs fill and the
 * runner reads. The epoch is the number of an interval by the wall clock as it was when the run
 * began, plus 1; its slot is that number modulo the number of slots.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum series_word {
	SERIES_EPOCH, /* of what the slot holds, 0: nothing */
	SERIES_VALUE, /* as the kind says; of an average the sum */
	SERIES_EXTRA, /* of an average how many values, of the last value its time, else 1 */
	NR_SERIES_WORDS,
};

enum series_kind {
	SERIES_LAST,
	SERIES_AVG,
	SERIES_MAX,
	SERIES_MIN,
	SERIES_SUM,
	NR_SERIES_KINDS,
};

/* The largest value that the kernel takes per CPU has 32 KB. */
enum { SERIES_SLOTS_MAX = 32768 / (NR_SERIES_WORDS * 8) };

static inline const char *series_kind_name(enum series_kind kind)
{
	static const char *const names[] = {
		[SERIES_LAST] = "last",
		[SERIES_AVG] = "avg",
		[SERIES_MAX] = "max",
		[SERIES_MIN] = "min",
		[SERIES_SUM] = "sum",
	};

	return names[kind];
}

static inline bool series_kind_find(const char *name, enum series_kind *ret)
{
	for (int i = 0; i < NR_SERIES_KINDS; i++) {
		if (strcmp(series_kind_name((enum series_kind)i), name) == 0) {
			*ret = (enum series_kind)i;
			return true;
		}
	}
	return false;
}
