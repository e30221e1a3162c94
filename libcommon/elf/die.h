/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of debug information (DIEs), for the files of this folder that read it by libdw. */
#pragma once

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/arena.h"

/* The text of an attribute, also of the DIE that this one is a copy of; NULL when it has none. */
const char *die_text(Dwarf_Die *die, unsigned attribute);

/* The number of an attribute, likewise; false when there is none, or it is an expression. */
bool die_number(Dwarf_Die *die, unsigned attribute, uint64_t *ret);

/* As linkers spell it, where that is known; NULL when it has no name. */
const char *die_linkage_name(Dwarf_Die *die);

/* The path of a source file of a unit. One that is relative is so to the directory that the
 * compiler was run in. */
const char *die_source_path(Dwarf_Die *unit, const char *path, struct arena *arena);
