/* SPDX-License-Identifier: Apache-2.0 */
/* What a block has to do with the probe it runs for: the world of its attach points, the struct of
 * its arguments. */
#pragma once

#include "bpftrace/compiler/compilation.h"

/* The world of probe types as this compilation sees it. */
struct probe_world context_world(const struct compilation *c);

/* Finds the struct behind `args` of a match, 0 when it has none, and where its members are. */
struct error *context_arguments(struct compilation *c, const struct probe_world *world,
	struct probe_match *match, uint32_t *ret);

/* Appends a line for each argument of a match, as listings show them; warns where they are not
 * known. */
void context_declare(
	struct compilation *c, const struct probe_match *match, struct span span, struct str *out);

/* Makes results of the units from number from on, which are of one block, numbers where they do not
 * go together, as they are without debug information. */
void context_settle_results(struct compilation *c, size_t from);
