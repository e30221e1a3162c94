/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories that the user names for debug files, as a list "DIR:+DIR": a plus demands that a file
 * which is found there by its name has the checksum that .gnu_debuglink gives, even if the build id
 * is right. They are looked into before all others, for files below every root.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "libcommon/base/error.h"
#include "libcommon/base/str.h"

/* Appends a list as users give it to another one, with absolute paths. Fails, naming it, for what
 * is no directory, or empty. */
struct error *debugdirs_append(const char *list, struct str *out);

/* Uses a list of absolute paths from now on, in the whole process; it is borrowed, NULL: none. */
void debugdirs_use(const char *list);

struct debugdir {
	const char *path; /* not ended by a NUL */
	size_t length;
	bool is_checked;
};

/* Sets *ret to the next one of those in use, beginning with *state NULL; false behind the last. */
bool debugdirs_next(const char **state, struct debugdir *ret);
