/* SPDX-License-Identifier: Apache-2.0 */
/* Symbols of a program or library, by offsets in its file, as mappings have them. */
#pragma once

#include "libcommon/elf/build_id.h"
#include "libcommon/elf/elf.h"

struct image;

struct image_symbol {
	const char *name; /* as in the file: not demangled */
	uint64_t offset;  /* from where the symbol begins, bytes */
};

/*
 * Reads all symbols of code: those of the file, else of its debug file, which is looked for below
 * host, and of the table that Go keeps. A file without any makes an image without symbols. The
 * caller frees the result; elf is not needed afterwards.
 */
struct image *image_read(const struct host *host, struct elf *elf);
void image_free(struct image *image); /* NULL-safe */

/* The symbol that covers the byte at an offset of the file; its name is valid until image_free. */
bool image_find(const struct image *image, uint64_t offset, struct image_symbol *ret);

/* The address that the file has for the byte at an offset of its code. */
bool image_address(const struct image *image, uint64_t offset, uint64_t *ret);

/* Bytes of memory that it takes. */
size_t image_size(const struct image *image);
