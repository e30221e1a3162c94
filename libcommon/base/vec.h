/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing arrays of any type. VEC(type) is an anonymous struct type for a member or a variable:
 *
 *	VEC(struct probe_match) matches = {};
 *	struct probe_match *match = vec_add(&matches);     // zeroed, valid until the next add
 *	vec_for_each(&matches, match) ...
 *	vec_deinit(&matches);
 */
#pragma once

#include <stddef.h>
#include <stdlib.h>

#define VEC(type)                                                                                  \
	struct {                                                                                   \
		type *items;                                                                       \
		size_t count;                                                                      \
		size_t capacity;                                                                   \
	}

/* Zeroed room for one more item of size bytes; moves *items when it grows. */
void *vec_grow(void **items, size_t *count, size_t *capacity, size_t size);

#define vec_add(vec)                                                                               \
	((__typeof__((vec)->items))vec_grow(                                                       \
		(void **)&(vec)->items, &(vec)->count, &(vec)->capacity, sizeof(*(vec)->items)))
#define vec_push(vec, item) (*vec_add(vec) = (item))
#define vec_last(vec)       (&(vec)->items[(vec)->count - 1])
#define vec_for_each(vec, item)                                                                    \
	for ((item) = (vec)->items; (vec)->count && (item) < (vec)->items + (vec)->count; (item)++)
#define vec_deinit(vec)                                                                            \
	do {                                                                                       \
		free((vec)->items);                                                                \
		(vec)->items = NULL;                                                               \
		(vec)->count = (vec)->capacity = 0;                                                \
	} while (0)
