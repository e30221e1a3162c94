/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a type that belong to no member. */
#pragma once

#include "emitter.h"

/* Stores zeros in those bytes of a place; reports an error at span if they are too many. */
void holes_fill(struct emitter *e, struct place place, struct span span);
