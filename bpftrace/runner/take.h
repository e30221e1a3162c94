/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking a map: printing and emptying it at one moment, although programs go on writing. Such a map
 * is two maps of the object, its generations; a word of the state tells programs which one to use.
 * A take turns the word over and waits until no program can still be at work on the old generation,
 * which then belongs to us: every event is in exactly one of them.
 */
#pragma once

#include "mapread.h"

/* Prepares what waiting takes, if the script takes maps; before privileges are dropped. */
struct error *take_open(struct session *session);

/* What the map held until now; programs fill the empty one from here on. With keep_keys the keys
 * stay, their values zero. */
struct error *take(struct session *session, uint32_t map, bool keep_keys, struct map_content *ret);
