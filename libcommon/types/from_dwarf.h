/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types of programs and libraries, from their debug information (DWARF), as BTF. As in
 * types_import, members by value come along, and what pointers point to stays a forward declaration
 * until types_complete. All pointers lead to memory of the process (ADDRESS_USER).
 *
 * A struct of C++ has its full name ("ns::Cls"), its bases as unnamed members in front of its own.
 * What BTF cannot express (an integer of 16 bytes) is as many bytes.
 */
#pragma once

#include <elfutils/libdw.h>

#include "libcommon/elf/debuginfo.h"
#include "types.h"

/* The type that a DIE (a parameter, a function …) refers to; 0 when it refers to none, which is
 * void. info, which the DIE is of, is borrowed for as long as types lives. */
uint32_t types_from_dwarf(struct types *types, struct debuginfo *info, Dwarf_Die *die);

/*
 * A type by keyword, as in types_find, and name; what the unit of the code at address has comes
 * first. Without a keyword a name of C++ means a struct, too. 0 when there is none.
 */
uint32_t types_find_dwarf(struct types *types, struct debuginfo *info, uint64_t address,
	const char *keyword, const char *name);

/* The value of an enumerator: in the unit of the code at address, or with 0 in any. False when
 * there is none. */
bool dwarf_enumerator(struct debuginfo *info, uint64_t address, const char *name, uint64_t *ret);

/* The file that a type behind pointers is of; NULL where that is not known. */
const char *types_program(const struct types *types, uint32_t type);

/* Offers all names of a kind, as types_suggest does, and those of enumerators. */
void types_suggest_dwarf(struct types *types, struct debuginfo *info, const char *keyword,
	struct suggestion *suggestion);
void dwarf_suggest_enumerator(
	struct types *types, struct debuginfo *info, struct suggestion *suggestion);
