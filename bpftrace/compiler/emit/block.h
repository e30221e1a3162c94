/* SPDX-License-Identifier: Apache-2.0 */
/* The function of a unit's block. */
#pragma once

#include "emitter.h"

/* Returns the function block_N(context, probe, scratch) of a unit; sets unit->scratch_bytes. */
LLVMValueRef block_emit(struct emitter *e, struct unit *unit);
