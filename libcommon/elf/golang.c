/* SPDX-License-Identifier: Apache-2.0 */
#include "golang.h"

/* Both survive stripping; which of them there is depends on the linker's age and options. */
bool golang_made(struct elf *elf)
{
	struct elf_section section;

	return elf_section(elf, ".go.buildinfo", &section) ||
	       elf_section(elf, ".note.go.buildid", &section);
}
