/* SPDX-License-Identifier: Apache-2.0 */
/* An open ELF file, for the files of this folder that read it by libelf. */
#pragma once

#include <gelf.h>

#include "elf.h"

struct elf {
	char *path;
	int fd;
	char *image; /* NULL for a file */
	size_t image_size;
	Elf *file;
	struct Dwfl *relocated; /* owns file; NULL: it was not relocated */
};

/* Bytes from the offset to the end of the file. */
uint64_t elf_bytes_from(const struct elf *elf, uint64_t offset);
