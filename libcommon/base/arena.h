/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arenas: memory freed all at once. Chunks are chained and grow; nothing in an arena is ever freed
 * alone, so a pass allocates freely and contains no free().
 */
#pragma once

#include <stddef.h>

#include "attributes.h"

struct arena {
	struct arena_chunk *chunk; /* newest first */
};

#define ARENA_INIT ((struct arena){})

void arena_deinit(struct arena *arena); /* frees everything; the arena is empty and usable again */

/* Zeroed memory aligned for any object, valid until arena_deinit. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_memdup(struct arena *arena, const void *data, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) _printf_(2, 3);

/* The texts one after the other; the last argument is NULL. */
char *arena_join(struct arena *arena, ...) __attribute__((__sentinel__));

#define arena_new(arena, type)      ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array(arena, type, n) ((type *)arena_alloc((arena), sizeof(type) * (n)))
#define _cleanup_arena_             _cleanup_(arena_deinit)
