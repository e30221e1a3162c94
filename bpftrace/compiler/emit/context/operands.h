/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments of programs at operands: of static probes, and of functions with debug information. */
#pragma once

#include "bpftrace/compiler/emit/emitter.h"

/* Returns the value of a type that an operand, which is not OPERAND_OTHER, locates. */
struct value operands_value(struct emitter *e, const struct operand *operand, uint32_t type);
