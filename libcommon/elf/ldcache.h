/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cache that the dynamic linker finds shared libraries by, /etc/ld.so.cache. See ldconfig(8).
 */
#pragma once

#include <stddef.h>

#include "libcommon/host/arch.h"
#include "libcommon/host/host.h"

/*
 * The path of the library called name, by its file name ("libc.so.6") or the begin of it ("libc";
 * of several versions the first, which is the newest). NULL when the cache, of which nothing is
 * trusted, does not have it for arch. The path is in arena.
 */
const char *ldcache_parse(const char *data, size_t size, const struct arch *arch, const char *name,
	struct arena *arena);

/* The same in the host's cache; NULL also when it cannot be read. */
const char *ldcache_find(const struct host *host, const char *name, struct arena *arena);
