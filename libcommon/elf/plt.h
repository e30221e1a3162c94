/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The procedure linkage table: pieces of code through which a program calls functions of libraries,
 * and which have no symbols. Source: the System V ABI's supplements for x86-64 and aarch64.
 */
#pragma once

#include "elf.h"

/* Calls visit for each entry with a name, "read@plt", in the order of the table; for none in files
 * of other machines. */
void plt_visit(struct elf *elf, elf_visit visit, void *context);
