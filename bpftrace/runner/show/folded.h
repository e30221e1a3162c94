/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of folded stacks. */
#pragma once

#include "profile.h"

/*
 * Appends a frame's name. A semicolon becomes a colon, a control character \n, \t, \r or \xNN, what
 * is no UTF-8 U+FFFD. Blanks at the end are left out; without them nothing is left of a name of
 * blanks, which becomes an underscore.
 */
void folded_append_name(struct str *out, const char *name, size_t size);

/* Appends a line; in front of a number at the end of the last name an underscore replaces a blank.
 * The path has a frame. */
void folded_append_line(struct str *out, const struct profile_path *path, uint64_t count);
