/* SPDX-License-Identifier: Apache-2.0 */
/* What printing must know of the functions that empty a map. */
#pragma once

#include "bpftrace/compiler/ast/builtin.h"
#include "bpftrace/door/manifest.h"

/* Whether the builtin empties a map; *ret is then the action that prints it and empties it that way
 * at one moment. */
bool map_emptying(const struct builtin *builtin, enum action *ret);
