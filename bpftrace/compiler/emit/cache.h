/* SPDX-License-Identifier: Apache-2.0 */
/* Values of map elements that the filter of the block has read, for use in the block. */
#pragma once

#include "emitter.h"

/* Keeps a value of an element in a register, when its key has the same value all through the block.
 */
void cache_add(struct emitter *e, struct map_access *access, struct value value);

/* Finds the value of an element; false when it is not cached. */
bool cache_find(struct emitter *e, const struct map_access *access, struct value *ret);

/* Drops the elements of a map; NULL: of all maps. */
void cache_drop(struct emitter *e, const struct map *map);
