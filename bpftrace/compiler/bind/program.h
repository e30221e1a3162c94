/* SPDX-License-Identifier: Apache-2.0 */
/* Types and constants of the program that a block's functions are in, for blocks of such probes. */
#pragma once

#include "bpftrace/compiler/compilation.h"

/* By keyword and name, as types_find; 0 when there is none. */
uint32_t program_type(
	struct compilation *c, const struct unit *unit, const char *keyword, const char *name);

/* The value of an enumerator: in the source file of the function, or anywhere. */
bool program_enumerator(struct compilation *c, const struct unit *unit, const char *name,
	bool anywhere, uint64_t *ret);
