/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena is a chain of chunks, newest first; objects are cut from the newest one. Chunks double
 * in size up to a limit. An object too large for a normal chunk gets one of its own, put behind the
 * newest so that what is left there is still used. Under the address sanitizer every object is a
 * chunk of its own, so that an access beyond its end is seen.
 */
#include "arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHUNK_PER_OBJECT true
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define CHUNK_PER_OBJECT true
#endif
#ifndef CHUNK_PER_OBJECT
#define CHUNK_PER_OBJECT false
#endif

enum {
	CHUNK_FIRST = 4096,
	CHUNK_LARGEST = 1 << 20,
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) char data[];
};

void arena_deinit(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunk;

	while (chunk) {
		struct arena_chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
	arena->chunk = NULL;
}

static struct arena_chunk *chunk_new(size_t size)
{
	if (size > SIZE_MAX - sizeof(struct arena_chunk))
		size = SIZE_MAX - sizeof(struct arena_chunk); /* is refused below */

	struct arena_chunk *chunk = xmalloc(sizeof(*chunk) + size);

	chunk->next = NULL;
	chunk->used = 0;
	chunk->size = size;
	return chunk;
}

/* The chunk to cut size bytes from. */
static struct arena_chunk *chunk_for(struct arena *arena, size_t size)
{
	struct arena_chunk *newest = arena->chunk;

	if (newest && newest->size - newest->used >= size)
		return newest;

	size_t wanted = newest ? MIN(newest->size * 2, (size_t)CHUNK_LARGEST) : CHUNK_FIRST;
	bool alone = CHUNK_PER_OBJECT || size > wanted / 4;
	struct arena_chunk *chunk = chunk_new(alone ? size : wanted);

	if (alone && newest) {
		chunk->next = newest->next;
		newest->next = chunk;
	} else {
		chunk->next = newest;
		arena->chunk = chunk;
	}
	return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t aligned = CHUNK_PER_OBJECT ? size : ALIGN_UP(size, _Alignof(max_align_t));

	if (aligned < size)
		aligned = SIZE_MAX; /* the rounding wrapped around */

	struct arena_chunk *chunk = chunk_for(arena, aligned);
	char *object = chunk->data + chunk->used;

	chunk->used += aligned;
	memset(object, 0, size);
	return object;
}

void *arena_memdup(struct arena *arena, const void *data, size_t size)
{
	void *copy = arena_alloc(arena, size);

	if (size)
		memcpy(copy, data, size);
	return copy;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	length = strnlen(text, length);

	char *copy = arena_alloc(arena, length + 1);

	memcpy(copy, text, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_join(struct arena *arena, ...)
{
	size_t length = 0;
	va_list texts;

	va_start(texts, arena);
	for (const char *text; (text = va_arg(texts, const char *));)
		length += strlen(text);
	va_end(texts);

	char *joined = arena_alloc(arena, length + 1), *at = joined;

	va_start(texts, arena);
	for (const char *text; (text = va_arg(texts, const char *));)
		at = stpcpy(at, text);
	va_end(texts);
	return joined;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);

	if (length < 0)
		return arena_alloc(arena, 1);

	char *text = arena_alloc(arena, (size_t)length + 1);

	va_start(args, format);
	vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return text;
}
