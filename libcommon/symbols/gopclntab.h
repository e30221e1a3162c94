/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of functions in programs of the Go compiler, which keep a table of them after stripping:
 * the section .gopclntab. Source: runtime/symtab.go and internal/abi/symtab.go of Go; versions 1.2,
 * 1.16, 1.18 and 1.20 of the table are read.
 */
#pragma once

#include <stdbool.h>

#include "libcommon/elf/elf.h"
#include "symbol_table.h"

/* Adds the functions of a file; false when it has no such table, or one of another version. The
 * caller finishes the table. */
bool gopclntab_add(struct elf *elf, struct symbol_table *table);

/* The same of the bytes of the section; text is the address of the section .text. */
bool gopclntab_parse(const void *data, size_t size, uint64_t text, struct symbol_table *table);
