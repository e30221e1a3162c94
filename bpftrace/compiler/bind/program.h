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

/* Offer names of its types and enumerators, as types_suggest. */
void program_suggest_type(struct compilation *c, const struct unit *unit, const char *keyword,
	struct suggestion *suggestion);
void program_suggest_enumerator(
	struct compilation *c, const struct unit *unit, struct suggestion *suggestion);

/* The program; NULL when the unit's probes are of none. */
const char *program_path(const struct unit *unit);
bool program_has_debuginfo(struct compilation *c, const struct unit *unit);

/* A program that another block's probes are in and that has such a type; NULL. */
const char *program_elsewhere(struct compilation *c, const char *keyword, const char *name);
