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

/* The same of an image in memory, which *ret owns from here on; free it if that fails. path is for
 * messages. */
struct error *elf_open_memory(const char *path, char *data, size_t size, struct elf **ret);

/* Calls visit for each function that the file defines, in no useful order; one that is in both
 * symbol tables (.symtab and .dynsym) comes twice. */
typedef void (*elf_visit)(const struct elf_symbol *symbol, void *context);
struct error *elf_functions(struct elf *elf, elf_visit visit, void *context);

/* The address of whatever the file defines by that name; one that other objects see comes first. */
bool elf_symbol_address(struct elf *elf, const char *name, uint64_t *ret);

/* Whether the file has its full table of symbols, which stripping removes. */
bool elf_has_symbols(struct elf *elf);

/* The offset in the file of an address in a segment that is mapped for execution, or for writing.
 */
bool elf_code_offset(struct elf *elf, uint64_t address, uint64_t *ret);
bool elf_data_offset(struct elf *elf, uint64_t address, uint64_t *ret);

/*
 * The bytes of code that the file has for an address, at most size of them, copied into arena; NULL
 * when it has none there.
 */
const uint8_t *elf_code(
	struct elf *elf, uint64_t address, size_t size, struct arena *arena, size_t *ret_size);

/* A section by its name. */
struct elf_section {
	uint64_t address;
	const void *data; /* NULL when the file has no bytes for it */
	size_t size;      /* of data */
};
bool elf_section(struct elf *elf, const char *name, struct elf_section *ret);

/*
 * Calls visit for each note of the section called section until one returns false; where the
 * section has no notes, for none. Sizes are of the bytes there really are.
 */
struct elf_note {
	uint32_t type;
	const char *owner; /* not terminated */
	size_t owner_size;
	const char *data;
	size_t size;
};
typedef bool (*elf_visit_note)(const struct elf_note *note, void *context);
void elf_notes(struct elf *elf, const char *section, elf_visit_note visit, void *context);

/* Width of addresses in bytes, 4 or 8; whether multi-byte numbers are in this machine's order. */
size_t elf_address_size(struct elf *elf);
bool elf_is_native(struct elf *elf);

/* The address that is at an offset of code. */
bool elf_code_address(struct elf *elf, uint64_t offset, uint64_t *ret);

/* Its debug information, for dwarf_end; NULL when it has none. */
struct Dwarf;
struct Dwarf *elf_dwarf(struct elf *elf);

const char *elf_path(const struct elf *elf); /* as given to elf_open */

static inline void cleanup_elf(struct elf **elf)
{
	elf_close(*elf);
}

#define _cleanup_elf_ _cleanup_(cleanup_elf)
