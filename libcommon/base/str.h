/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer that is always NUL-terminated once something was appended. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "attributes.h"

struct str {
	char *data; /* NULL until the first append; use str_text() where a text is needed */
	size_t length;
	size_t capacity;
};

#define STR_INIT ((struct str){})

void str_deinit(struct str *str); /* frees the bytes; empty and usable again */

/* Makes room for extra more bytes (and the NUL) and returns where they go; the caller writes them
 * and then adds to length. */
char *str_reserve(struct str *str, size_t extra);

void str_append(struct str *str, const char *text);

/* Appends all that can be read from a descriptor. Returns 0, or an errno value, with str as it was.
 */
int str_read(struct str *str, int fd);

/* The same, but no more is read once more(str, block) returns false, which is called when the last
 * block bytes of str were appended. */
int str_read_while(struct str *str, int fd, bool (*more)(const struct str *str, size_t block));

/* Inline, because printed lines are made of many short pieces. */
static inline void str_append_bytes(struct str *str, const void *data, size_t size)
{
	char *end = str->capacity - str->length > size ? str->data + str->length
						       : str_reserve(str, size);

	if (size)
		memcpy(end, data, size);
	end[size] = '\0';
	str->length += size;
}

void str_append_char(struct str *str, char c);
void str_append_repeat(struct str *str, char c, size_t count);
void str_printf(struct str *str, const char *format, ...) _printf_(2, 3);
void str_vprintf(struct str *str, const char *format, va_list args) _printf_(2, 0);
void str_truncate(struct str *str, size_t length); /* length must not exceed the present one */

/* The text, "" when empty; valid until the next change. */
const char *str_text(const struct str *str);

/* Counts a byte among the bytes from an index on. */
size_t str_count(const struct str *str, size_t from, char c);

/* Hands the malloc'ed text over to the caller and leaves the buffer empty; never NULL. */
char *str_take(struct str *str);

#define _cleanup_str_ _cleanup_(str_deinit)
