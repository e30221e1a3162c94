/* SPDX-License-Identifier: Apache-2.0 */
/* Inlined functions are entries within that of the function around them. Debug information is
 * hostile input: depths and numbers are bounded. */
#include "inlined.h"

#include <dwarf.h>
#include <stdbool.h>

enum {
	ENTRIES_MOST = 8 << 20, /* of one function, that are looked at */
	DEPTH_MOST = 128,       /* of blocks and functions within one another */
};

static bool is_block(int tag)
{
	switch (tag) {
	case DW_TAG_catch_block:
	case DW_TAG_inlined_subroutine:
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_with_stmt: return true;
	default: return false;
	}
}

/* The block of a scope that has the address. */
static bool find_block(Dwarf_Die *scope, uint64_t address, size_t *entries, Dwarf_Die *ret)
{
	Dwarf_Die die;

	if (dwarf_child(scope, &die) != 0)
		return false;
	do {
		if (is_block(dwarf_tag(&die)) && dwarf_haspc(&die, address) > 0) {
			*ret = die;
			return true;
		}
	} while (++*entries < ENTRIES_MOST && dwarf_siblingof(&die, &die) == 0);
	return false;
}

size_t inlined_calls(Dwarf_Die *function, uint64_t address, Dwarf_Die ret[INLINED_MOST])
{
	Dwarf_Die scope = *function;
	size_t count = 0, entries = 0;

	for (unsigned depth = 0; depth < DEPTH_MOST && count < INLINED_MOST; depth++) {
		Dwarf_Die inner;

		if (!find_block(&scope, address, &entries, &inner))
			break;
		if (dwarf_tag(&inner) == DW_TAG_inlined_subroutine)
			ret[count++] = inner;
		scope = inner;
	}
	return count;
}
