/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much memory the script's maps need. The kernel allocates all elements of a map when it is
 * made, so that is what they need at once and at the most.
 */
#pragma once

#include "bpftrace/door/settings.h"
#include "bpftrace/runner/data/traced.h"

/* Refuses maps that need more than the setting max_map_memory of the bundle or of this run, one or
 * all together; the object is open. */
struct error *mapsize_check(const struct traced *traced, const struct settings *settings);

/* Logs (-v) what each map needs. */
void mapsize_report(const struct traced *traced);

/* After loading failed with this errno value: the error that names the map whose keys or values are
 * too large for this kernel, or that memory is short; NULL when that is not the cause. */
struct error *mapsize_explain(const struct traced *traced, int number);
