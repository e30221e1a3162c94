/* SPDX-License-Identifier: Apache-2.0 */
/* Sections of ELF files by their names. */
#pragma once

#include <gelf.h>

/*
 * Returns the next section of the name behind after (NULL: the first one of the file) and its
 * header; NULL when there is none. Sections whose header or name cannot be read are skipped.
 */
Elf_Scn *section_next(Elf *elf, Elf_Scn *after, const char *name, GElf_Shdr *ret);
