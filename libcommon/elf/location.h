/* SPDX-License-Identifier: Apache-2.0 */
/* Where debug information says that a parameter of a function is, as operands. */
#pragma once

#include <elfutils/libdw.h>

#include "operand.h"

enum location_kind {
	LOCATION_KNOWN,  /* the operands */
	LOCATION_FRAME,  /* in a frame that the function has yet to make */
	LOCATION_LATER,  /* at the function's entry: the operands, but only after some instructions
			  */
	LOCATION_ABSENT, /* not described at that address: operands.why says it */
};

struct location {
	enum location_kind kind;
	bool is_indirect; /* of LOCATION_FRAME: there is its address */
	struct operand operand;
};

/*
 * The location of a function's parameter when the instruction at pc is about to run; entry: where
 * the function begins. size: bytes of the parameter. More operands are in arena.
 */
struct location location_read(Dwarf_Die *function, Dwarf_Die *parameter, const struct arch *arch,
	uint64_t entry, uint64_t pc, uint32_t size, struct arena *arena);
