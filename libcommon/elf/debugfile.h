/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the symbols of a stripped file are: in a file of its own, found by the file's build-id or
 * by .gnu_debuglink below the user's directories (debugdirs.h), or those that gdb looks in (its
 * manual, "Separate Debug Files"), or packed in the file's own section .gnu_debugdata, or
 * (host_debug_file) somewhere else.
 */
#pragma once

#include "build_id.h"
#include "elf.h"

/* Opens the first that belongs to elf; false when there is none. The caller closes *ret, which has
 * the same addresses, but no code. */
bool debugfile_open(const struct host *host, struct elf *elf, struct elf **ret);

/*
 * Opens the file that holds what several debug files have in common (dwz(1)): by the name and the
 * build id that stand in one of them, elf. The caller closes *ret.
 */
bool debugfile_open_shared(const struct host *host, struct elf *elf, const char *name,
	const struct build_id *id, struct elf **ret);

/* As elf_functions, with those of the debug file when elf has no full table. */
struct error *debugfile_functions(
	const struct host *host, struct elf *elf, elf_visit visit, void *context);
