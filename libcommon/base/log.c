/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each message leaves in one write, so that lines of several processes do not mix. Control
 * characters in it, which may come from names of files and from traced processes, are escaped.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

#include "color.h"
#include "str.h"
#include "utf8.h"

struct log_settings log_settings;

static void finish(struct str *line, const char *format, va_list args) _printf_(2, 0);

static void finish(struct str *line, const char *format, va_list args)
{
	_cleanup_str_ struct str message = STR_INIT;

	str_vprintf(&message, format, args);
	utf8_append_visible(line, message.data, message.length, "\n\t");
	str_append_char(line, '\n');
	if (log_settings.before)
		log_settings.before();
	fwrite(line->data, 1, line->length, stderr);
}

static void emit(const char *label, const char *format, va_list args) _printf_(2, 0);

static void emit(const char *label, const char *format, va_list args)
{
	_cleanup_str_ struct str line = STR_INIT;

	str_append(&line, label);
	finish(&line, format, args);
}

static void emit_colored(enum color color, const char *label, const char *format, va_list args)
	_printf_(3, 0);

static void emit_colored(enum color color, const char *label, const char *format, va_list args)
{
	_cleanup_str_ struct str line = STR_INIT;

	color_begin(&line, color);
	str_append(&line, label);
	color_end(&line);
	str_append_char(&line, ' ');
	finish(&line, format, args);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	emit_colored(COLOR_ERROR, "ERROR:", format, args);
	va_end(args);
}

void log_warning(const char *format, ...)
{
	va_list args;

	if (log_settings.no_warnings)
		return;
	va_start(args, format);
	emit_colored(COLOR_WARNING, "WARNING:", format, args);
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
