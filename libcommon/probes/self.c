/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that bpftrace itself gets. */
#include "rows.h"

#include <errno.h>
#include <string.h>

#define TRIGGER "signal"
#define SIGNAL  "SIGUSR1"

static struct error *match(const struct probe_ops *type, const struct probe_world *world _unused_,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion _unused_,
	probe_matches *ret)
{
	if (spec->count != 2)
		return probe_misses(spec, type);
	if (strcmp(spec->parts[0], TRIGGER) != 0)
		return error_new(
			EINVAL, "%s is not a supported trigger: self has " TRIGGER, spec->parts[0]);
	if (strcmp(spec->parts[1], SIGNAL) != 0)
		return error_new(
			EINVAL, "%s is not a supported signal: self has " SIGNAL, spec->parts[1]);

	const char *name = arena_printf(arena, "%s:%s:%s", type->name, TRIGGER, SIGNAL);

	*vec_add(ret) = (struct probe_match){
		.type = type,
		.name = name,
		.function = name,
		.context = CONTEXT_NONE,
		.attach = ATTACH_SELF,
	};
	return NULL;
}

static struct error *list(const struct probe_ops *type, const struct probe_world *world _unused_,
	struct arena *arena, host_names *ret)
{
	vec_push(ret, arena_printf(arena, "%s:%s:%s", type->name, TRIGGER, SIGNAL));
	return NULL;
}

const struct probe_ops probes_self[1] = {{
	.name = "self",
	.spelling = "self:signal:SIGUSR1",
	.doc = "bpftrace itself gets the signal",
	.match = match,
	.list = list,
}};
