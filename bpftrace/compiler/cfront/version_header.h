/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <linux/version.h> of the kernel that is traced. The one of the C library's packages has the
 * version of the kernel that these were made from.
 */
#pragma once

#include <stdbool.h>

struct cfront;

/* The directory that the header is in; no file system has it. */
#define VERSION_HEADERS "/bpftrace/kernel"

/* Adds the header as a file, if the version is known. */
void version_header_add(struct cfront *cfront);

/* Whether a header is this one: "linux/version.h". */
bool version_header_is(const char *name);

/* Whether the header defines a name: for messages. */
bool version_header_defines(const char *name);
