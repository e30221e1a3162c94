/* SPDX-License-Identifier: Apache-2.0 */
/* Reading types out of debug information, for this folder: see from_dwarf.c. */
#pragma once

#include <elfutils/libdw.h>

#include "libcommon/elf/debuginfo.h"
#include "types.h"

enum dwarf_way {
	AS_VALUE,
	BEHIND_POINTER,
};

enum { MEMBERS_MOST = UINT16_MAX }; /* that BTF can express */

struct dwarf_reading {
	struct types *types;
	struct debuginfo *info;
	int depth;
};

/* The type that a DIE is, or refers to; 0 when it is none. */
uint32_t dwarf_type(struct dwarf_reading *reading, Dwarf_Die *die, enum dwarf_way way);
uint32_t dwarf_target(struct dwarf_reading *reading, Dwarf_Die *die, enum dwarf_way way);

/* A struct, union or class. */
uint32_t dwarf_composite(struct dwarf_reading *reading, Dwarf_Die *die, enum dwarf_way way);

/* BTF_KIND_STRUCT or BTF_KIND_UNION. */
uint32_t dwarf_kind(Dwarf_Die *die);

/* The definition, by its name, of what the DIE only declares. */
bool dwarf_find_complete(struct dwarf_reading *reading, Dwarf_Die *die, Dwarf_Die *ret);

/* The number of an attribute, or otherwise. */
uint64_t dwarf_number_or(Dwarf_Die *die, unsigned attribute, uint64_t otherwise);

/* In bytes; 0 when it is not known. */
uint32_t dwarf_size(Dwarf_Die *die);
