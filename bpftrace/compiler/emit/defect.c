/* SPDX-License-Identifier: Apache-2.0 */
#include "defect.h"

#include <stdarg.h>

_noreturn_ void defect(const char *format, ...)
{
	va_list args;
	va_start(args, format);

	fputs("ERROR: internal error of bpftrace-compile: ", stderr);
	vfprintf(stderr, format, args);
	fputs("\nHINT: please report this with the script\n", stderr);
	va_end(args);
	abort();
}
