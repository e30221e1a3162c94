/* SPDX-License-Identifier: Apache-2.0 */
/* BEGIN and END, which run once, before and after all other probes. */
#include "rows.h"

static struct error *match(const struct probe_ops *type, const struct probe_world *world _unused_,
	const struct probe_spec *spec, struct arena *arena _unused_,
	struct suggestion *suggestion _unused_, probe_matches *ret)
{
	if (spec->count != 0)
		return probe_misses(spec, type);
	*vec_add(ret) = (struct probe_match){
		.type = type,
		.name = spec->provider,
		.function = spec->provider,
		.context = CONTEXT_NONE,
		.attach = type == &probes_special[0] ? ATTACH_BEGIN : ATTACH_END,
	};
	return NULL;
}

static struct error *list(const struct probe_ops *type, const struct probe_world *world _unused_,
	struct arena *arena _unused_, host_names *ret)
{
	vec_push(ret, type->name);
	return NULL;
}

const struct probe_ops probes_special[2] = {
	{
		.name = "BEGIN",
		.spelling = "BEGIN",
		.doc = "once, before all other probes are attached",
		.is_special = true,
		.match = match,
		.list = list,
	},
	{
		.name = "END",
		.spelling = "END",
		.doc = "once, after all other probes are detached",
		.is_special = true,
		.match = match,
		.list = list,
	},
};
