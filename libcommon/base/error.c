/* SPDX-License-Identifier: Apache-2.0 */
#include "error.h"

#include <stdarg.h>
#include <string.h>

#include "alloc.h"
#include "str.h"

static struct error *error_of(int number, struct str *message)
{
	struct error *error = xmalloc(sizeof(*error));

	error->number = number;
	error->message = str_take(message);
	return error;
}

struct error *error_new(int number, const char *format, ...)
{
	struct str message = STR_INIT;
	va_list args;

	va_start(args, format);
	str_vprintf(&message, format, args);
	va_end(args);
	return error_of(number, &message);
}

struct error *error_system(int number, const char *format, ...)
{
	struct str message = STR_INIT;
	char buffer[128];
	va_list args;

	va_start(args, format);
	str_vprintf(&message, format, args);
	va_end(args);
	str_printf(&message, ": %s", strerror_r(number, buffer, sizeof(buffer)));
	return error_of(number, &message);
}

struct error *error_prefix(struct error *error, const char *format, ...)
{
	struct str message = STR_INIT;
	va_list args;

	va_start(args, format);
	str_vprintf(&message, format, args);
	va_end(args);
	str_printf(&message, ": %s", error->message);
	free(error->message);
	error->message = str_take(&message);
	return error;
}

void error_free(struct error *error)
{
	if (error)
		free(error->message);
	free(error);
}
