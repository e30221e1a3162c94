/* SPDX-License-Identifier: Apache-2.0 */
#include "alloc.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static alloc_failed_fn failed = abort;

void alloc_set_failed(alloc_failed_fn handler)
{
	failed = handler;
}

void alloc_refused(void)
{
	failed();
	abort();
}

static void *checked(void *pointer)
{
	if (!pointer)
		alloc_refused();
	return pointer;
}

/* malloc(0) may return NULL on success: allocate one byte instead. */
void *xmalloc(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return checked(count && size ? calloc(count, size) : calloc(1, 1));
}

void *xrealloc(void *pointer, size_t size)
{
	return checked(realloc(pointer, size ? size : 1));
}

void *xmemdup(const void *data, size_t size)
{
	void *copy = xmalloc(size);

	if (size)
		memcpy(copy, data, size);
	return copy;
}

char *xstrndup(const char *text, size_t length)
{
	return checked(strndup(text, length));
}

char *xstrdup(const char *text)
{
	return checked(strdup(text));
}

char *xasprintf(const char *format, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, format);
	int length = vasprintf(&text, format, args);
	va_end(args);

	return checked(length < 0 ? NULL : text);
}
