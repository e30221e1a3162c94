/* SPDX-License-Identifier: Apache-2.0 */
/* The checks: they may report, never change the tree. */
#pragma once

#include "bpftrace/compiler/compilation.h"

/* The pass: all checks, so that one run reports what each of them finds. */
void check_script(struct compilation *c);

/* Arguments against prototypes, unsafe functions, the rows' own checks. */
void check_calls(struct compilation *c);

/* Warns about literals that are longer than the string they are compared with can be. */
void check_comparisons(struct compilation *c);

/* What can be a key. */
void check_maps(struct compilation *c);

/* How large values may be. */
void check_sizes(struct compilation *c);

/* Jumps outside of loops, counts of unroll, assignments to what cannot be assigned to. */
void check_flow(struct compilation *c);

/* A second BEGIN or END, iterators beside others, places inside of functions, filters. */
void check_probes(struct compilation *c);

/* Calls check for every node of every block and filter, parents first. */
typedef void (*check_visit)(struct compilation *c, struct unit *unit, struct node *node);
void check_all(struct compilation *c, check_visit check);

/* Whether a value of the type can decide something: an integer or a pointer; reports it if not. */
void check_condition(struct compilation *c, const struct node *node);
