/* SPDX-License-Identifier: Apache-2.0 */
/* The files that scripts mean when they name a program or a library. */
#pragma once

#include "libcommon/host/host.h"

/*
 * The absolute path of what a script calls name: a path (a relative one counts from the working
 * directory on the live system, else from the root), the name of a library as ldcache_find knows
 * it, or a program in one of the directories of search, which is formatted as the variable PATH
 * (see environ(7)). NULL when there is no such regular file. The path is in arena.
 */
const char *locate_binary(
	const struct host *host, const char *search, const char *name, struct arena *arena);

/* A path from the root; a relative one counts as above. The path is in arena. */
const char *locate_absolute(const struct host *host, const char *path, struct arena *arena);
