/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that cannot be refused. All allocations go through these functions, which do not return on
 * failure, so callers need no checks. When the C library has no memory left, the handler of the
 * program is called; it must not return. This is the one place where library code may end the
 * process.
 */
#pragma once

#include <stddef.h>

#include "attributes.h"

typedef void (*alloc_failed_fn)(void);

/* Sets what happens when memory runs out; abort() until a program has set its own handler. */
void alloc_set_failed(alloc_failed_fn handler);

/* Ends the process as a refused allocation does; for a library that reports it by a NULL. */
_noreturn_ void alloc_refused(void);

/* libiberty has functions of these names, and which of two a linker takes depends on the order of
 * libraries: ours have other symbol names. */
#define _linked_as_(name) __asm__("base_" #name)

/* As malloc, calloc, realloc, strdup, strndup; the caller frees with free(). */
void *xmalloc(size_t size) _linked_as_(xmalloc);
void *xcalloc(size_t count, size_t size) _linked_as_(xcalloc);
void *xrealloc(void *pointer, size_t size) _linked_as_(xrealloc);
char *xstrdup(const char *text) _linked_as_(xstrdup);
char *xstrndup(const char *text, size_t length) _linked_as_(xstrndup);
void *xmemdup(const void *data, size_t size) _linked_as_(xmemdup);

/* The formatted text; the caller frees it. */
char *xasprintf(const char *format, ...) _linked_as_(xasprintf) _printf_(1, 2);
