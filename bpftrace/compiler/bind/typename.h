/* SPDX-License-Identifier: Apache-2.0 */
/* From types as scripts spell them to types. */
#pragma once

#include "bpftrace/compiler/compilation.h"
#include "prototype.h"

/*
 * The type that a TYPE node names, which is kept in node.type. 0 when there is none: then an error
 * is reported if wanted. unit: of the block, which knows the types of its program or module, or
 * NULL. Pointers to types of a program are to its memory. Dimensions left out count as open:
 * "int8[]" is int8[0].
 */
uint32_t typename_resolve(
	struct compilation *c, const struct unit *unit, struct type *type, bool report);

/* "int64", "uint8", "string", "string[16]": the types that need no look-up; 0 for all others. */
uint32_t typename_basic(struct compilation *c, struct slice name);

/* As scripts spell it, with the parameters of a histogram; in the compile arena. */
const char *typename_spell(struct compilation *c, uint32_t type);

/* The same of two types that do not go together: with the program that type is of, where both are
 * spelled alike. */
const char *typename_spell_apart(struct compilation *c, uint32_t type, uint32_t other);

/* Hints, below an error about two such types, at what to do if they are of two programs. */
void typename_hint_apart(struct compilation *c, uint32_t type, uint32_t other);

/* Adds a hint to the last error if the reason may be that the kernel's types cannot be read. */
bool typename_hint_missing(struct compilation *c);
