/* SPDX-License-Identifier: Apache-2.0 */
/* Which installed C header defines a constant or macro: for messages, since it reads many files. */
#pragma once

#include <stdbool.h>

#include "libcommon/base/arena.h"

struct host;

/* Whether a word is spelled as constants of C headers are: S_FOO. */
bool header_spells_constant(const char *name);

/* The header below /usr/include that defines the name, as #include takes it: "linux/stat.h"; in
 * arena. NULL when there is none. */
const char *header_search(const struct host *host, const char *name, struct arena *arena);
