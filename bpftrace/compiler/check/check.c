/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

struct visit {
	struct compilation *c;
	struct unit *unit;
	check_visit check;
};

static bool visit(struct node *node, void *context)
{
	struct visit *visit = context;

	visit->check(visit->c, visit->unit, node);
	return true;
}

void check_all(struct compilation *c, check_visit check)
{
	struct visit context = {.c = c, .check = check};
	struct unit **unit;

	vec_for_each (&c->units, unit) {
		struct probe *probe = (*unit)->probe;

		context.unit = *unit;
		if (probe->filter)
			node_walk(probe->filter, visit, &context);
		if (probe->body)
			node_walk(probe->body, visit, &context);
	}
}

void check_script(struct compilation *c)
{
	check_calls(c);
	check_comparisons(c);
	check_maps(c);
	check_sizes(c);
	check_flow(c);
	check_probes(c);
}
