/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions before code is generated. */
#pragma once

#include "emitter.h"
#include "program.h"

/* Decides for the for loops of a unit (for_loop.function) and its variables (counts, shared,
 * changed). */
void plan_loops(const struct compilation *c, const struct unit *unit);

/* Returns whether a map, an aggregation, has a value for each CPU. */
bool plan_per_cpu(const struct compilation *c, const struct map *map);

/* Returns how many blocks, from the first of the list on, one program can call: at least one. */
size_t plan_blocks_of_program(
	const struct compilation *c, const struct dispatched *list, size_t count);
