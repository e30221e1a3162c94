/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions. */
#pragma once

#include "emitter.h"

/* Returns the value as it is in the bits of an integer type, extended to a register. */
LLVMValueRef cast_integer(struct emitter *e, LLVMValueRef value, uint32_t type);

/* Of a cast to an integer, an enum or a pointer. */
struct value cast_emit(struct emitter *e, struct cast *cast);

/* Of a cast to any other type. */
void cast_into(struct emitter *e, struct cast *cast, struct place place);
