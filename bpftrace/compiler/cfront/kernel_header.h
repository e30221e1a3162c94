/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of the kernel that are not installed. */
#pragma once

#include "bpftrace/compiler/compilation.h"

/*
 * The text in C that stands for a header which a script includes and which is not among the
 * kernel's headers, "linux/fs.h"; NULL: nothing does, it is searched for as any header.
 */
const char *kernel_header(const struct compilation *c, const char *name);
