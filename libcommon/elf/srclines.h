/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of source text that code was compiled from, and the functions that were inlined there:
 * from the debug information (DWARF) of a file. It is read as far as an address needs it.
 */
#pragma once

#include "elf.h"

struct srclines;

struct srcline {
	const char *function; /* as linkers spell it, or of C; NULL: not known */
	const char *file;     /* with its directory as the compiler was given it; NULL: not known */
	uint32_t number;      /* 0: not known */
};

/*
 * Takes over *elf, which is NULL afterwards; NULL when neither it nor its debug file, which is
 * looked for below host, has debug information. host is borrowed. The caller frees the result.
 */
struct srclines *srclines_open(const struct host *host, struct elf **elf);
void srclines_free(struct srclines *lines); /* NULL-safe */

/*
 * The lines of the code at an address of the file: in the function that was inlined innermost,
 * that of the call in the one around it, and so on; the last is in the function that the code
 * belongs to. Valid until srclines_free; NULL when nothing is known.
 */
const struct srcline *srclines_find(struct srclines *lines, uint64_t address, size_t *ret_count);

/* About how many bytes of memory it takes. */
size_t srclines_size(const struct srclines *lines);
