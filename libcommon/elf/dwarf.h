/* SPDX-License-Identifier: Apache-2.0 */
/* Functions in the debug information (DWARF) of a file. Read by libdw, which spells its own
 * names dwarf_x too but has none of these. */
#pragma once

#include "elf.h"
#include "libcommon/base/str.h"

/*
 * Appends a line for each parameter of the function that begins at address, as C declares it: "
 * const char *prompt"; with result instead what it returns: " int retval". Fails with ENODATA when
 * neither the file nor its debug file describes the function.
 */
struct error *dwarf_declare(
	const struct host *host, struct elf *elf, uint64_t address, bool result, struct str *out);
