/* SPDX-License-Identifier: Apache-2.0 */
/* for loops. */
#pragma once

#include "emitter.h"

/* Emits a loop over a range or over the elements of a map. */
void for_emit(struct emitter *e, struct for_loop *loop);
