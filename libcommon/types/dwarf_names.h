/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the types in debug information, for this folder. */
#pragma once

#include <elfutils/libdw.h>

#include "intern.h"
#include "libcommon/elf/debuginfo.h"

/* The name of a type with those of the namespaces and structs around it, "ns::Cls"; "" when it has
 * none. Lives as long as types. */
const char *dwarf_name(struct types *types, Dwarf_Die *die);

/* What is looked for: types of one of the tags, or an enumerator. */
struct dwarf_seeking {
	const char *name; /* with namespaces */
	bool (*is_meant)(int tag);
	bool enumerators;
};

/* Search the unit of the code at address, and all units, for a definition. Return its DIE, that of
 * the enum for an enumerator. */
bool dwarf_seek_near(struct debuginfo *info, uint64_t address, const struct dwarf_seeking *seeking,
	Dwarf_Die *ret);
bool dwarf_seek(struct debuginfo *info, const struct dwarf_seeking *seeking, Dwarf_Die *ret);

/* Offers the names of all that could have been looked for; some are made in the arena. */
struct suggestion;
void dwarf_offer(struct debuginfo *info, const struct dwarf_seeking *seeking, struct arena *arena,
	struct suggestion *suggestion);

/* Whether what is inside of the DIE has its name in front of its own. */
bool dwarf_is_scope(int tag);

/* The value of an enumerator. */
int64_t dwarf_enumerator_value(Dwarf_Die *enumerator);
