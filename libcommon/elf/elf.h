/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executables and shared libraries: their functions, and where in the file an address is. Files are
 * hostile input: whatever they hold, reading ends and stays inside of them. Format: elf(5); it is
 * read by libelf, which spells its own names elf_x too but has none of these.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/error.h"
#include "libcommon/host/host.h"

struct elf;

/* Texts are valid during the visit only. */
struct elf_symbol {
	const char *name;    /* without a version ("@@GLIBC_2.14") */
	const char *version; /* "GLIBC_2.14"; NULL when it has none */
	uint64_t address;    /* virtual, as the program headers have it */
	uint64_t size;       /* bytes, 0 when not known */
	bool is_local;       /* seen by its own object only: there may be several of the name */
	bool is_old;      /* a version for programs linked long ago: there is a newer of the name */
	bool is_indirect; /* its code chooses the function that is called by the name */
	bool is_weak;
	bool is_label; /* of code, without a type: written in assembler */
};

/* What a file is instead of a program or library, as numbers of errors. */
enum elf_other {
	ELF_OTHER_FOLDER = EISDIR,
	ELF_OTHER_IRREGULAR = EINVAL, /* a device, a FIFO … */
	ELF_OTHER_FORMAT = ENOEXEC,   /* no ELF file */
	ELF_OTHER_CORE = ENOTSUP,     /* a core dump */
	ELF_OTHER_OBJECT = ELIBEXEC,  /* not linked yet */
	ELF_OTHER_ARCHIVE = ELIBSCN,  /* a static library */
	ELF_OTHER_DAMAGED = ELIBBAD,
	ELF_OTHER_HUGE = EFBIG, /* its tables are too large to read them */
};

/* What such a number means, "a directory"; NULL for all others. */
const char *elf_other(int number);

/* Opens path (absolute, below the host's root); the caller closes *ret. The number of an error is
 * one of enum elf_other, or what opening failed with. */
struct error *elf_open(const struct host *host, const char *path, struct elf **ret);
void elf_close(struct elf *elf); /* NULL-safe */

/* The same of a path that the user names for this machine, as host_open_named. */
struct error *elf_open_named(const struct host *host, const char *path, struct elf **ret);

/* The same of an open file, which *ret owns from here on, or which is closed. */
struct error *elf_open_fd(const char *path, int fd, struct elf **ret);

/* The same of an image in memory, which *ret owns from here on; free it if that fails. path is for
 * messages. */
struct error *elf_open_memory(const char *path, char *data, size_t size, struct elf **ret);

/* Calls visit for each function that the file defines, in no useful order; one that is in both
 * symbol tables (.symtab and .dynsym) comes twice. */
typedef void (*elf_visit)(const struct elf_symbol *symbol, void *context);
struct error *elf_functions(struct elf *elf, elf_visit visit, void *context);

/* The same, and for each label in a section of code. */
struct error *elf_code_symbols(struct elf *elf, elf_visit visit, void *context);

/* The address of whatever the file defines by that name; one that other objects see comes first.
 * ret_size may be NULL. */
bool elf_symbol_address(struct elf *elf, const char *name, uint64_t *ret, uint64_t *ret_size);

/* The symbol of a name without a version that the file defines; data is a variable or a
 * constant, also one of each thread. */
enum elf_meaning { ELF_MEANS_NOTHING, ELF_MEANS_DATA, ELF_MEANS_LABEL, ELF_MEANS_FUNCTION };
enum elf_meaning elf_meaning(struct elf *elf, const char *name, uint64_t *ret_address);

/* The part of the file that lies beyond its end, "the table of sections"; NULL when it is complete.
 * In arena, or constant. */
const char *elf_damage(struct elf *elf, struct arena *arena);

/* Whether its code runs at the addresses that the file has for it: it is not position-independent.
 */
bool elf_is_fixed(struct elf *elf);

/* Whether it is an object file, which is not linked yet (ET_REL). */
bool elf_is_object(struct elf *elf);

/* Calls visit for the name of each symbol that the file uses but leaves to other files, without a
 * version. */
typedef void (*elf_visit_text)(const char *text, void *context);
void elf_imports(struct elf *elf, elf_visit_text visit, void *context);

/* Calls visit for each entry of the dynamic section that has the tag (DT_NEEDED …), of those whose
 * value is a text. */
void elf_dynamic(struct elf *elf, int64_t tag, elf_visit_text visit, void *context);

/* Whether the file has its full table of symbols, which stripping removes. */
bool elf_has_symbols(struct elf *elf);

/* The offset in the file of an address in a segment that is mapped for execution, or for writing.
 */
bool elf_code_offset(struct elf *elf, uint64_t address, uint64_t *ret);
bool elf_data_offset(struct elf *elf, uint64_t address, uint64_t *ret);

/* Segments that are mapped for execution: the first of them, at most most. Returns how many. */
struct elf_segment {
	uint64_t offset; /* in the file */
	uint64_t address;
	uint64_t size;
};
size_t elf_code_segments(struct elf *elf, struct elf_segment *ret, size_t most);

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

/* The address at which a program, or a dynamic linker, begins; false for libraries, whose header
 * may name any. */
bool elf_entry(struct elf *elf, uint64_t *ret);

/* Its debug information, for dwarf_end; NULL when it has none, or its texts have no end. */
struct Dwarf;
struct Dwarf *elf_dwarf(struct elf *elf);

const char *elf_path(const struct elf *elf); /* as given to elf_open */

/* Sets the path that the file has, or had, of one that was opened by a link of /proc: its debug
 * file is looked for by it. */
void elf_set_path(struct elf *elf, const char *path);

static inline void cleanup_elf(struct elf **elf)
{
	elf_close(*elf);
}

#define _cleanup_elf_ _cleanup_(cleanup_elf)
