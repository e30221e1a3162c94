/* SPDX-License-Identifier: Apache-2.0 */
/* LLVM's ELF object while it is completed. What cannot be read or written ends the compiler. */
#pragma once

#include <gelf.h>
#include <llvm-c/Core.h>
#include <stdint.h>

#include "libcommon/base/arena.h"

struct object_file {
	Elf *elf;
	int fd;
};

/* A copy of buffer; the caller ends it with object_file_finish. */
struct object_file object_file_open(LLVMMemoryBufferRef buffer);

/* A section, which must exist, and its header. */
Elf_Scn *object_file_section(const struct object_file *object, const char *name, GElf_Shdr *ret);
uint64_t object_file_section_size(const struct object_file *object, const char *name);

/* The offset of a symbol, which must exist, in its section. */
uint32_t object_file_symbol(const struct object_file *object, const char *name);

/* Gives a section other bytes, which must live until object_file_finish. */
void object_file_replace(Elf_Scn *section, const void *data, size_t size);

/* Returns the complete object, in arena. */
void *object_file_finish(struct object_file *object, struct arena *arena, size_t *ret_size);
