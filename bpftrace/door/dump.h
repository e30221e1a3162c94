/* SPDX-License-Identifier: Apache-2.0 */
/* An answer of the compiler with a dump in front of it: dump, answer, size of the dump. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "libcommon/base/slice.h"
#include "libcommon/base/str.h"

/* Appends the size of the dump, the first bytes of out. */
void dump_close(struct str *out, size_t dump_size);

/* Splits such a text; false when it is none. */
bool dump_split(const void *data, size_t size, struct slice *ret_dump, struct slice *ret_answer);
