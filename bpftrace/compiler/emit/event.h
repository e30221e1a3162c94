/* SPDX-License-Identifier: Apache-2.0 */
/* Perf events that several blocks have in common. */
#pragma once

#include "emitter.h"
#include "program.h"

/* Returns whether one of the unit's perf events is also another unit's. */
bool event_is_shared(const struct compilation *c, const struct unit *unit);

/* Emits the programs of such units, which call their blocks in the order of the list. */
void event_emit_all(struct emitter *e, const struct dispatched *list, size_t count);
