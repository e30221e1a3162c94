/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks at entry and return of the same functions, which one program serves. */
#pragma once

#include "emitter.h"

/* Sets unit->enter of the units that are served by the program of another one. */
void session_plan(struct compilation *c);

/* Returns the unit whose block the program of enter runs at return; NULL: none. */
struct unit *session_leave(const struct compilation *c, const struct unit *enter);
