/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on maps. */
#pragma once

#include "emitter.h"

/* Returns the value of an element, zeros when it does not exist. */
struct value mapops_read(struct emitter *e, struct map_access *access);

void mapops_assign(struct emitter *e, struct map_access *access, struct node *value);

/* Adds value (i64) to an integer; returns the result, or with post the value before. */
LLVMValueRef mapops_add(
	struct emitter *e, struct map_access *access, LLVMValueRef value, bool post);

/* Returns 1 when there was such an element, else 0 (i64). */
LLVMValueRef mapops_delete(struct emitter *e, struct map *map, struct node *key);

/* Returns 1 when the map has the key, else 0 (i64). */
LLVMValueRef mapops_has(struct emitter *e, struct map *map, struct node *key);

/* Code between begin and end runs when the map has the key; *ret is then its value in memory. The
 * end returns 1 when it was so, else 0 (i64). */
struct mapops_found {
	LLVMBasicBlockRef before, done;
};
struct mapops_found mapops_find_begin(
	struct emitter *e, struct map *map, struct node *key, struct value *ret);
LLVMValueRef mapops_find_end(struct emitter *e, const struct mapops_found *found);

/* Returns the number of elements of a keyed map with map->counted (i64). */
LLVMValueRef mapops_length(struct emitter *e, struct map *map);

/* Calls function(map, key, value, frame) for each element of a keyed map until it returns 1; frame
 * is what it shares with the block (for.c). Returns the number of calls. Requires
 * FEATURE_FOR_EACH_MAP_ELEM. */
LLVMValueRef mapops_walk(
	struct emitter *e, struct map *map, LLVMValueRef function, LLVMValueRef frame);

/* An update in place: code between begin and end runs when the element exists or was inserted. */
struct mapops_update {
	LLVMValueRef value;        /* the address of the element's value */
	LLVMBasicBlockRef missing; /* branches to done when the element could not be inserted */
	LLVMBasicBlockRef done;
};
struct mapops_update mapops_update_begin(struct emitter *e, struct map_access *access);
void mapops_update_end(struct emitter *e, struct mapops_update *update);

/* Counts an update that failed, as one of a full map is. */
void mapops_count_failure(struct emitter *e, const struct map *map);

/* Drops all cached values of elements: code follows that is not always reached, or that another
 * iteration or function changes maps before. */
void mapops_drop_cached(struct emitter *e);

/* --- mapops_atomic.c --- */

/* Adds value to the 8 bytes at address in an element, atomically where another program can update
 * the same bytes. */
void mapops_increment(struct emitter *e, struct map *map, LLVMValueRef address, LLVMValueRef value);

/* The same for the unsigned maximum of these bytes and value. */
void mapops_maximize(struct emitter *e, struct map *map, LLVMValueRef address, LLVMValueRef rank);
