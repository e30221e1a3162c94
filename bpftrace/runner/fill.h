/* SPDX-License-Identifier: Apache-2.0 */
/* What the runner sets in a bundle: sizes that depend on the machine, before it is loaded, and the
 * words that it shares with the programs, before they run. */
#pragma once

#include "libcommon/base/error.h"
#include "session.h"

/* Between opening and loading session->object: sizes of rings and scratch. */
struct error *fill_sizes(struct session *session);

/* After loading: maps the state, finds the rings, and sets what programs need to know. */
struct error *fill_state(struct session *session);

/* Marks the moment from which on `elapsed` counts, and what the clock of nsecs(sw_tai) is ahead by;
 * right before BEGIN. */
void fill_start(struct session *session);
