/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where calling conventions put the parameters and the result of a function: what its debug
 * information describes only after the function has moved them.
 */
#pragma once

#include "libcommon/elf/operand.h"
#include "libcommon/types/types.h"

/* Languages that place parameters otherwise than C and C++. */
enum convention_language {
	LANGUAGE_C,
	LANGUAGE_RUST,  /* structs by the numbers in them */
	LANGUAGE_OTHER, /* in an unknown way */
};

/* A call whose parameters are placed one after the other; begin with the first four. */
struct convention {
	const struct arch *arch;
	const struct types *types;
	struct arena *arena;
	enum convention_language language;
	const char *lost;  /* why it is not known where further parameters are; NULL while it is */
	uint32_t integers; /* registers in use so far */
	uint32_t vectors;
	uint32_t stack;     /* bytes */
	uint32_t alignment; /* of the next parameter on the stack, if its type does not show it */
};

/* by_reference: the language passes the address of a copy (classes of C++ with functions to copy or
 * to destroy them). An operand that programs cannot read is OPERAND_OTHER. */
struct operand convention_parameter(
	struct convention *convention, uint32_t type, bool by_reference);

/* Takes the register of the address where a result in memory goes; call it before the parameters.
 */
void convention_result_in_memory(struct convention *convention, uint32_t type, bool by_reference);

/* No further parameter has a known place, for the reason; returns that operand. */
struct operand convention_lose(struct convention *convention, const char *why);

/* The result, at the function's return. */
struct operand convention_result(
	const struct convention *convention, uint32_t type, bool by_reference);
