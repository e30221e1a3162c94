/* SPDX-License-Identifier: Apache-2.0 */
/* Large files, of which only what is looked at is read. */
#pragma once

#include <libelf.h>

/* Begins to read a file by mapping it if it is large and few are mapped; else as any other. */
Elf *mapped_begin(int fd, uint64_t size);

/* Ends what mapped_begin began; NULL-safe. */
void mapped_end(Elf *file);
