/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

/* BEGIN and END run once: a second block of one kind is a mistake. */
static void check_once(struct compilation *c, enum attach_kind attach, const char *name)
{
	const struct unit *first = NULL;
	struct unit **unit;

	vec_for_each (&c->units, unit) {
		if ((*unit)->matches.items[0].attach != attach)
			continue;
		if (first)
			diag_error(c->diags, (*unit)->probe->attach_points->span,
				"More than one %s probe defined", name);
		first = *unit;
	}
}

void check_probes(struct compilation *c)
{
	struct unit **unit;

	check_once(c, ATTACH_BEGIN, "BEGIN");
	check_once(c, ATTACH_END, "END");
	vec_for_each (&c->units, unit) {
		if ((*unit)->probe->filter)
			check_condition(c, (*unit)->probe->filter);
	}
}
