/* SPDX-License-Identifier: Apache-2.0 */
#include "str.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"

void str_deinit(struct str *str)
{
	free(str->data);
	*str = STR_INIT;
}

char *str_reserve(struct str *str, size_t extra)
{
	if (str->capacity - str->length <= extra) {
		size_t wanted = extra < SIZE_MAX / 4 ? str->length + extra + 1 : SIZE_MAX / 2;

		str->capacity = MAX(MAX(wanted, str->capacity * 2), (size_t)32);
		str->data = xrealloc(str->data, str->capacity);
	}
	return str->data + str->length;
}

/* Kernel files have no size: read until the end, in growing steps. */
int str_read_while(struct str *str, int fd, bool (*more)(const struct str *str, size_t block))
{
	size_t before = str->length, step = 4096;

	for (;;) {
		ssize_t got = read(fd, str_reserve(str, step), step);
		int number = got < 0 ? errno : 0;

		if (number == EINTR)
			continue;
		if (number) {
			str_truncate(str, before);
			return number;
		}
		str_truncate(str, str->length + (size_t)got);
		if (got == 0 || (more && !more(str, (size_t)got)))
			return 0;
		step = MIN(step * 2, (size_t)1 << 20);
	}
}

int str_read(struct str *str, int fd)
{
	return str_read_while(str, fd, NULL);
}

void str_append(struct str *str, const char *text)
{
	str_append_bytes(str, text, strlen(text));
}

void str_append_char(struct str *str, char c)
{
	char *end = str_reserve(str, 1);

	end[0] = c;
	end[1] = '\0';
	str->length++;
}

void str_append_repeat(struct str *str, char c, size_t count)
{
	char *end = str_reserve(str, count);

	memset(end, c, count);
	end[count] = '\0';
	str->length += count;
}

void str_vprintf(struct str *str, const char *format, va_list args)
{
	va_list again;
	char *end = str_reserve(str, 64);
	size_t room = str->capacity - str->length;

	va_copy(again, args);
	int length = vsnprintf(end, room, format, args);

	if (length < 0)
		length = 0;
	else if ((size_t)length >= room)
		vsnprintf(str_reserve(str, (size_t)length), (size_t)length + 1, format, again);
	va_end(again);
	str->length += (size_t)length;
	str->data[str->length] = '\0';
}

void str_printf(struct str *str, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	str_vprintf(str, format, args);
	va_end(args);
}

void str_truncate(struct str *str, size_t length)
{
	str->length = length;
	if (str->data)
		str->data[length] = '\0';
}

const char *str_text(const struct str *str)
{
	return str->data ? str->data : "";
}

char *str_take(struct str *str)
{
	char *text = str->data ? str->data : xstrdup("");

	*str = STR_INIT;
	return text;
}

size_t str_count(const struct str *str, size_t from, char c)
{
	size_t count = 0;

	for (; from < str->length; from++)
		count += str->data[from] == c;
	return count;
}
