/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of debug information (DIEs), for the files of this folder that read it by libdw. */
#pragma once

#include <elfutils/libdw.h>

/* The text of an attribute, also of the DIE that this one is a copy of; NULL when it has none. */
const char *die_text(Dwarf_Die *die, unsigned attribute);

/* As linkers spell it, where that is known; NULL when it has no name. */
const char *die_linkage_name(Dwarf_Die *die);
