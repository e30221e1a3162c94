/* SPDX-License-Identifier: Apache-2.0 */
/* The files that scripts mean when they name a program or a library. */
#pragma once

#include "libcommon/host/host.h"

/*
 * Returns the absolute path of a file by its name in a script: a path (a relative one counts from
 * the working directory on the live system, else from the root), the name of a library as for
 * ldcache_find, or a program in one of the directories of search, which is formatted as the
 * variable PATH (see environ(7)). NULL when there is no such regular file. The path is in arena.
 */
const char *locate_binary(
	const struct host *host, const char *search, const char *name, struct arena *arena);

/* A file in one of the directories of search that locate_binary skips since it is not
 * executable; NULL when there is none. */
const char *locate_unfit(
	const struct host *host, const char *search, const char *name, struct arena *arena);

/* A path from the root, without "./" at its begin; a relative one counts as above. The path is in
 * arena. */
const char *locate_absolute(const struct host *host, const char *path, struct arena *arena);
