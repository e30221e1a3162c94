/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "error.h"
#include "str.h"

/* Writes all bytes to fd, in as many calls as that needs. The error is "cannot write NAME". */
struct error *io_write_all(int fd, const void *data, size_t size, const char *name);

/* Appends what the file at path holds to out; the error names it. */
struct error *io_read_file(const char *path, struct str *out);
