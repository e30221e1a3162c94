/* SPDX-License-Identifier: Apache-2.0 */
/* Walks: links whose program runs while a file of theirs is read, once for each of the kernel's
 * objects. */
#pragma once

#include "session.h"

/* Whether the script has any; then it has nothing else to wait for. */
bool walk_wanted(const struct session *session);

/* Reads them to their ends, taking records as they come. */
struct error *walk_all(struct session *session);
