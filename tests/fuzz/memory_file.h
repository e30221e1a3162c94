/* SPDX-License-Identifier: Apache-2.0 */
/* A file of given bytes, for readers that open paths. */
#pragma once

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libcommon/base/attributes.h"

/* The descriptor, and its path below "/"; the caller closes it. */
static inline int memory_file(const void *data, size_t size, char path[static 32])
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}
