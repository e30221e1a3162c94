/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an ELF file has more than libelf reads in a second: such files are refused. */
#pragma once

#include <gelf.h>
#include <stdbool.h>

/* Of sections, of which libelf allocates all when it begins to read. */
bool excess_of_sections(int fd);

/* Of symbols, their names, and the like. */
bool excess_of_tables(Elf *file);
