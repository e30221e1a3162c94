/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much memory the script's maps need. The kernel allocates all elements of a map when it is
 * made, so that is what they need at once and at the most.
 */
#pragma once

#include "session.h"

/* Refuses a map above the setting max_map_memory; the object is open. */
struct error *mapsize_check(const struct session *session);

/* With -v: what each map needs. */
void mapsize_report(const struct session *session);

/* Why the kernel did not make a map, after loading failed with an errno: what in it is larger than
 * this kernel takes, or NULL when that is not the reason. */
struct error *mapsize_explain(const struct session *session, int number);
