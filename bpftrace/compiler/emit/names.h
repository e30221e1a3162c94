/* SPDX-License-Identifier: Apache-2.0 */
/* Names of attach points and functions as numbers of the manifest's list. */
#pragma once

#include "emitter.h"

/* The numbers of an attach point's name and of its function's name, as programs pass them on. */
static inline uint64_t names_word(uint32_t probe, uint32_t func)
{
	return (uint64_t)probe << 32 | func;
}

static inline uint32_t names_probe(uint64_t names)
{
	return names >> 32;
}

static inline uint32_t names_func(uint64_t names)
{
	return (uint32_t)names;
}

/* Returns the name of a number (i64) of one of the types of types/number_names.h, not read yet. */
struct value names_of_number(struct emitter *e, uint32_t type, LLVMValueRef number);

/* Returns the name with a number (i64), a string that is not read yet. */
struct value names_text(struct emitter *e, LLVMValueRef number);
