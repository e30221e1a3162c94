/* SPDX-License-Identifier: Apache-2.0 */
/* Each message leaves in one write, so that lines of several processes do not mix. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

#include "str.h"

struct log_settings log_settings;

static void emit(const char *label, const char *format, va_list args) _printf_(2, 0);

static void emit(const char *label, const char *format, va_list args)
{
	_cleanup_str_ struct str line = STR_INIT;

	str_append(&line, label);
	str_vprintf(&line, format, args);
	str_append_char(&line, '\n');
	fwrite(line.data, 1, line.length, stderr);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	emit("ERROR: ", format, args);
	va_end(args);
}

void log_warning(const char *format, ...)
{
	va_list args;

	if (log_settings.no_warnings)
		return;
	va_start(args, format);
	emit("WARNING: ", format, args);
	va_end(args);
}

void log_hint(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	emit("HINT: ", format, args);
	va_end(args);
}

void log_notice(const char *format, ...)
{
	va_list args;

	if (log_settings.quiet)
		return;
	va_start(args, format);
	emit("", format, args);
	va_end(args);
}

void log_verbose(const char *format, ...)
{
	va_list args;

	if (log_settings.verbose == 0)
		return;
	va_start(args, format);
	emit("", format, args);
	va_end(args);
}
