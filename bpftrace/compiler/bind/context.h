/* SPDX-License-Identifier: Apache-2.0 */
/* What a block has to do with the probe it runs for: the world of its attach points, the struct of
 * its arguments. */
#pragma once

#include "bpftrace/compiler/compilation.h"

/* The world of probe types as this compilation sees it. */
struct probe_world context_world(const struct compilation *c);

/* The struct behind `args` of a match, 0 when it has none; what went wrong is reported at span. */
uint32_t context_arguments(struct compilation *c, const struct probe_world *world,
	const struct probe_match *match, struct span span);
