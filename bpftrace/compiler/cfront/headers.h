/* SPDX-License-Identifier: Apache-2.0 */
/* Headers that are not simply files which the compiler opens itself. */
#pragma once

#include "unit.h"

/* Has the compiler look into directories that the user names and that are closed to this process.
 */
void headers_add_closed(struct cfront *cfront);

/* Reads a file in a closed directory by the host's opener; true when it exists and was added. */
bool headers_open(struct cfront *cfront, const char *path);

/* Whether a header is in a directory that is closed to this process and its opener; appends why. */
bool headers_are_closed(const struct cfront *cfront, const char *name, struct str *out);

/* Lets an empty file be the header that nothing has; false when it is one already. */
bool headers_stand_in(struct cfront *cfront, const char *name);

/* Whether a header of this name is one of the kernel's: "linux/fs.h". */
bool headers_is_kernel_name(const char *name);

/* Reports headers of the script that are no files: reading a device may never end. True when there
 * are none. */
bool headers_check(struct cfront *cfront);

/* Reports headers that links lead to out of the root; true when there are none. */
bool headers_check_root(struct cfront *cfront);

/* What is between < and > or quotes in an #include line; NULL for other lines. */
const char *headers_included(struct arena *arena, const char *line);
