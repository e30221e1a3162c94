/* SPDX-License-Identifier: Apache-2.0 */
/* Flags of the kernel's memory allocations by name, as its tracepoints print them. */
#pragma once

#include <stdint.h>

#include "libcommon/base/str.h"

/* Appends the names, joined by bars; bits without one as a hexadecimal number, no bits as 0. */
void gfp_append(uint64_t flags, struct str *out);
