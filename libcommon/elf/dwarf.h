/* SPDX-License-Identifier: Apache-2.0 */
/* What the debug information of a file (DWARF) says about its functions. Read by libdw, which
 * spells its own names dwarf_x too but has none of these. */
#pragma once

#include "elf.h"
#include "libcommon/base/str.h"

/*
 * Appends a line for each parameter of the function that begins at address, as C declares it:
 * "    const char *prompt"; with result instead what it returns: "    int retval". ENODATA when the
 * file, and its debug file, say nothing about that function.
 */
struct error *dwarf_declare(
	const struct host *host, struct elf *elf, uint64_t address, bool result, struct str *out);
