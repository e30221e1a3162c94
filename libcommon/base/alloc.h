/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that cannot be refused. A tracer that runs out of memory has nothing sensible left to do,
 * so every allocation of the project goes through here and none is checked by its caller. When the
 * C library has no memory left, the handler of the program is called; it must not return. This is
 * the one place where library code may end the process.
 */
#pragma once

#include <stddef.h>

#include "attributes.h"

typedef void (*alloc_failed_fn)(void);

/* Sets what happens when memory runs out; abort() until a program has set its own handler. */
void alloc_set_failed(alloc_failed_fn handler);

/* Ends the process as a refused allocation does; for a library that reports it by a NULL. */
_noreturn_ void alloc_refused(void);

/* As malloc, calloc, realloc, strdup, strndup; the caller frees with free(). */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *pointer, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t length);
void *xmemdup(const void *data, size_t size);

/* The formatted text; the caller frees it. */
char *xasprintf(const char *format, ...) _printf_(1, 2);
