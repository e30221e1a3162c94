/* SPDX-License-Identifier: Apache-2.0 */
/* Compiler attributes and ownership helpers shared by all code of the project. */
#pragma once

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _printf_(text, first) __attribute__((__format__(__printf__, text, first)))
/* Used at the end of its scope, which older clang does not count. */
#define _cleanup_(function) __attribute__((cleanup(function), unused))
#define _must_check_        __attribute__((warn_unused_result))
#define _unused_            __attribute__((unused))
#define _noreturn_          __attribute__((noreturn))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)     ((a) < (b) ? (a) : (b))
#define MAX(a, b)     ((a) > (b) ? (a) : (b))

/* Round n up to a multiple of to, a power of two. */
#define ALIGN_UP(n, to) (((n) + (to)-1) & ~((__typeof__(n))(to)-1))

#define container_of(pointer, type, member)                                                        \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* Breaks the build when a table indexed by an enum misses a row at its end. */
#define TABLE_COMPLETE(table, count)                                                               \
	_Static_assert(ARRAY_SIZE(table) == (count), #table " does not cover " #count)

/* Evaluates to the value and empties the variable, so that its cleanup does nothing (move
 * semantics). */
#define TAKE(pointer)                                                                              \
	({                                                                                         \
		__typeof__(pointer) taken_ = (pointer);                                            \
		(pointer) = NULL;                                                                  \
		taken_;                                                                            \
	})
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int taken_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		taken_;                                                                            \
	})

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define _cleanup_free_   _cleanup_(cleanup_free)
#define _cleanup_close_  _cleanup_(cleanup_close)
#define _cleanup_fclose_ _cleanup_(cleanup_fclose)
