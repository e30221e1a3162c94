/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of the programs to their users, all on stderr: "ERROR: …", "WARNING: …", "HINT: …",
 * plain notices, and details for -v. Called by programs only; libcommon returns errors instead.
 */
#pragma once

#include <stdbool.h>

#include "attributes.h"

struct log_settings {
	bool quiet;           /* -q: no notices */
	bool no_warnings;     /* --no-warnings */
	int verbose;          /* how many -v */
	void (*before)(void); /* called before each message; may be NULL */
};

extern struct log_settings log_settings;

void log_error(const char *format, ...) _printf_(1, 2);
void log_warning(const char *format, ...) _printf_(1, 2);
void log_hint(const char *format, ...) _printf_(1, 2);
void log_notice(const char *format, ...) _printf_(1, 2);  /* not with -q */
void log_verbose(const char *format, ...) _printf_(1, 2); /* only with -v */
