/* SPDX-License-Identifier: Apache-2.0 */
/* Split DWARF: functions are described in a file of their own (.dwo), which the unit of a program
 * names. */
#pragma once

#include <elfutils/libdw.h>

#include "elf.h"

/* Whether the file may be read. */
typedef bool (*split_unit_accepts)(struct elf *elf, void *context);

/*
 * The DIE of the unit's other half, which stays open until dwarf_end of the unit's file; false
 * where it has none, or the file is missing or not accepted. elf: the unit's file.
 */
bool split_unit_find(const struct host *host, struct elf *elf, Dwarf_Die *unit,
	split_unit_accepts accepts, void *context, Dwarf_Die *ret);
