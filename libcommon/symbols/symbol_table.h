/* SPDX-License-Identifier: Apache-2.0 */
/* Symbols of one program, library, or run-time compiler, by their addresses. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alias.h"
#include "libcommon/base/str.h"
#include "libcommon/base/vec.h"

struct symbol_entry;

struct symbol_table {
	VEC(struct symbol_entry) entries; /* sorted by symbol_table_finish */
	struct str names;
	bool last_wins; /* of symbols at one address the last added remains, not the best */
};

struct symbol_found {
	const char *name;
	uint64_t start; /* address of the symbol */
};

void symbol_table_deinit(struct symbol_table *table);

/* Adds a symbol that begins at start; alias.name, of the given length, is copied. What exceeds 4 GB
 * of names, or a symbol of 4 GB, is ignored. */
void symbol_table_add(
	struct symbol_table *table, uint64_t start, struct alias alias, size_t length);

/*
 * Sorts the symbols; none may be added afterwards. Of those that begin at one address the best
 * (alias.h) or the last remains. One without a size ends where the next begins, or at the limit
 * that covers it (exclusive).
 */
void symbol_table_finish(struct symbol_table *table, uint64_t limit);

/* The innermost symbol that covers an address; its name is valid until symbol_table_deinit. */
bool symbol_table_find(
	const struct symbol_table *table, uint64_t address, struct symbol_found *ret);

/* Bytes of memory that it takes. */
size_t symbol_table_size(const struct symbol_table *table);
