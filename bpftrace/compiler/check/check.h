/* SPDX-License-Identifier: Apache-2.0 */
/* The checks: they may report, never change the tree. */
#pragma once

#include "bpftrace/compiler/compilation.h"

void check_calls(
	struct compilation *c); /* arguments against prototypes, unsafe, the rows' own checks */
void check_maps(struct compilation *c); /* what can be a key */
void check_flow(struct compilation
		*c); /* break outside loops, unroll counts, assignments to what cannot be */
void check_probes(struct compilation *c); /* duplicate BEGIN and END, filters */

/* Calls check for every node of every block and filter, parents first. */
typedef void (*check_visit)(struct compilation *c, struct unit *unit, struct node *node);
void check_all(struct compilation *c, check_visit check);

/* Whether a value of the type can decide something: an integer or a pointer; reports it if not. */
void check_condition(struct compilation *c, const struct node *node);
