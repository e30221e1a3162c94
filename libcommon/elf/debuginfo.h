/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The debug information (DWARF) of a file, or of its debug file: the units and functions that an
 * address belongs to. It is read as far as an address needs it. Entries (DIEs) are read by libdw.
 */
#pragma once

#include <elfutils/libdw.h>

#include "elf.h"

struct debuginfo;

/*
 * Takes over *elf, which is NULL afterwards; NULL when neither it nor its debug file, which is
 * looked for below host, has debug information. host is borrowed. The caller frees the result.
 */
struct debuginfo *debuginfo_open(const struct host *host, struct elf **elf);
void debuginfo_free(struct debuginfo *info); /* NULL-safe */

/* Of the file that it describes, also where it is in another one. */
const char *debuginfo_path(const struct debuginfo *info);

/* The unit of the code at an address of the file, as the file itself has it: with the table of its
 * lines. */
bool debuginfo_unit(struct debuginfo *info, uint64_t address, Dwarf_Die *ret);

/* The same as its types and functions are described, which can be in a file of its own. */
bool debuginfo_described(struct debuginfo *info, uint64_t address, Dwarf_Die *ret);

/* The function whose code is at the address, also parts of it that are elsewhere (".cold"). */
bool debuginfo_function(struct debuginfo *info, uint64_t address, Dwarf_Die *ret);

/* Unit number index, as debuginfo_described; false when there are no more. */
bool debuginfo_unit_at(struct debuginfo *info, size_t index, Dwarf_Die *ret);

/* The same unit, as debuginfo_unit. */
bool debuginfo_lines_at(struct debuginfo *info, size_t index, Dwarf_Die *ret);

/* About how many bytes of memory it takes. */
size_t debuginfo_size(const struct debuginfo *info);
