/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a script, out of any file that ends: a FIFO, a terminal, a saved bundle. */
#pragma once

#include "libcommon/base/error.h"
#include "libcommon/base/str.h"

enum {
	SOURCE_MAX = 16 << 20,  /* bytes of a script */
	BUNDLE_MAX = 256 << 20, /* bytes of a saved bundle */
};

/*
 * Appends what can be read from a descriptor to out, which is empty. Reading ends at the first
 * block with a NUL byte, which no script has and the parser refuses; saved bundles may have them.
 * Returns an error (EFBIG) for more bytes than the limits above; name is for its message.
 */
struct error *source_read(int fd, const char *name, struct str *out);
