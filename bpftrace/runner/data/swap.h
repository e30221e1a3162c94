/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Double-buffered maps: printed and emptied at one moment, although programs go on writing. Such a
 * map is two maps of the object, of which a word of the state selects the one that programs use. A
 * swap changes the word and waits until no program can still use the other map, which is then read
 * and emptied: every event is in exactly one of them.
 */
#pragma once

#include "mapread.h"

/* Prepares what waiting needs, if the script has such maps; before privileges are dropped. */
struct error *swap_open(struct traced *traced);

/* Returns what the map held until now; from here on programs fill the other one, which is empty or
 * (keep_keys) has the same keys with zeros. *ret is owned by the caller: map_content_deinit. */
struct error *map_swap(
	struct traced *traced, uint32_t map, bool keep_keys, struct map_content *ret);
