/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executables and shared libraries: their functions, and where in the file an address is. Files are
 * hostile input: whatever they hold, reading ends and stays inside of them. Format: elf(5); it is
 * read by libelf, which spells its own names elf_x too but has none of these.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/error.h"
#include "libcommon/host/host.h"

struct elf;

struct elf_symbol {
	const char *name; /* without a version ("@@GLIBC_2.14"); valid during the visit only */
	uint64_t address; /* virtual, as the program headers have it */
	uint64_t size;    /* bytes, 0 when not known */
	bool is_local;    /* seen by its own object only: there may be several of the name */
	bool is_old;      /* a version for programs linked long ago: there is a newer of the name */
	bool is_indirect; /* its code chooses the function that is called by the name */
};

/* Opens path (absolute, below the host's root); the caller closes *ret. */
struct error *elf_open(const struct host *host, const char *path, struct elf **ret);
void elf_close(struct elf *elf); /* NULL-safe */

/* Calls visit for each function that the file defines, in no useful order; one that is in both
 * symbol tables (.symtab and .dynsym) comes twice. */
typedef void (*elf_visit)(const struct elf_symbol *symbol, void *context);
struct error *elf_functions(struct elf *elf, elf_visit visit, void *context);

/* The offset in the file of an address in a segment that is mapped for execution. */
bool elf_code_offset(struct elf *elf, uint64_t address, uint64_t *ret);

static inline void cleanup_elf(struct elf **elf)
{
	elf_close(*elf);
}

#define _cleanup_elf_ _cleanup_(cleanup_elf)
