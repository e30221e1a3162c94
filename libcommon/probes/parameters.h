/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parameters and the result of a function of a program: their types as members of a struct, and
 * where they are, as operands in the same order. Both come from debug information, the places of
 * what that describes too late from the calling convention.
 */
#pragma once

#include "probe.h"

/* Of a match at a function's entry the parameters, at its return "retval", which is missing when it
 * returns nothing. Returns ENODATA when nothing describes the function. Operands are in arena. */
struct error *parameters_read(const struct probe_world *world, const struct probe_match *match,
	struct types *types, struct arena *arena, uint32_t *ret_type,
	const struct operands **ret_operands);

/* Appends a line for each of them, "    const char *prompt", with the reason behind one that cannot
 * be read. */
struct error *parameters_declare(
	const struct probe_world *world, const struct probe_match *match, struct str *out);
