/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "error.h"

/* Writes all bytes to fd, in as many calls as that needs. The error is "cannot write NAME". */
struct error *io_write_all(int fd, const void *data, size_t size, const char *name);
