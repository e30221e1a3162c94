/* SPDX-License-Identifier: Apache-2.0 */
/* Headers that are not installed and not needed. */
#pragma once

#include "bpftrace/compiler/compilation.h"

/*
 * Whether a header that is nowhere gives a script only what it has anyway: a header of the kernel,
 * the types of its BTF, and one of the C library, constants that are known without it
 * (host/header_constants.h). Not so where the user names the kernel's directories.
 */
bool kernel_header_is_needless(const struct compilation *c, const char *name);

/* With -v: which header the script does without. */
void kernel_header_note(const struct compilation *c, struct span span, const char *name);
