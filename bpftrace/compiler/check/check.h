/* SPDX-License-Identifier: Apache-2.0 */
/* The checks: they may report, never change the tree. */
#pragma once

#include "bpftrace/compiler/compilation.h"

void check_calls(struct compilation *c);  /* arguments against prototypes, allowed contexts, unsafe */
void check_maps(struct compilation *c);   /* keys, one aggregation per map, sizes */
void check_flow(struct compilation *c);   /* break outside loops, unroll counts, assignments to what cannot be */
void check_probes(struct compilation *c); /* duplicate BEGIN, filters, limits */
