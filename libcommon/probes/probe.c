/* SPDX-License-Identifier: Apache-2.0 */
/* The table of probe types. */
#include "rows.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

const struct probe_ops *const probe_types[] = {
	&probes_special[0],
	&probes_special[1],
	&probes_fentry[0],
	&probes_fentry[1],
	&probes_fentry[2],
	&probes_fentry[3],
	&probes_perf[1],
	&probes_timer[1],
	&probes_iter[0],
	&probes_kprobe[0],
	&probes_kprobe[1],
	&probes_timer[0],
	&probes_rawtracepoint[0],
	&probes_self[0],
	&probes_perf[0],
	&probes_tracepoint[0],
	&probes_uprobe[0],
	&probes_uprobe[1],
	&probes_usdt[0],
	&probes_watchpoint[0],
	&probes_watchpoint[1],
};
const size_t probe_type_count = ARRAY_SIZE(probe_types);

typedef int (*name_order)(const char *a, const char *b);

static bool has_name(const struct probe_ops *type, const char *name, name_order order)
{
	if (order(type->name, name) == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(type->aliases) && type->aliases[i]; i++) {
		if (order(type->aliases[i], name) == 0)
			return true;
	}
	return false;
}

static const struct probe_ops *find(const char *name, name_order order)
{
	for (size_t i = 0; i < probe_type_count; i++) {
		if (has_name(probe_types[i], name, order))
			return probe_types[i];
	}
	return NULL;
}

/* Names that differ only in case exist: "u" and "U". */
const struct probe_ops *probe_type_find(const char *name, struct suggestion *suggestion)
{
	struct suggestion nearest = suggest_start(name);
	const struct probe_ops *type = find(name, strcmp);

	if (!type)
		type = find(name, strcasecmp);
	if (type)
		return type;
	for (size_t i = 0; i < probe_type_count; i++)
		suggest_offer(&nearest, probe_types[i]->name);
	if (suggestion && nearest.best)
		*suggestion = nearest;
	return NULL;
}

struct error *probe_misses(const struct probe_spec *spec, const struct probe_ops *type)
{
	return error_new(EINVAL, "'%s' does not have the form %s%s%s", spec->text, type->spelling,
		type->alternative ? " or " : "", type->alternative ? type->alternative : "");
}

struct error *probe_match(const struct probe_world *world, const struct probe_spec *spec,
	struct arena *arena, struct suggestion *suggestion, probe_matches *ret)
{
	const struct probe_ops *type = probe_type_find(spec->provider, suggestion);

	if (!type && suggestion)
		suggested_type(world, spec, arena, suggestion);
	if (!type && spec_is_wildcard(spec->provider))
		return error_new(EINVAL,
			"Invalid probe type: %s; a script names the type: -l '%s' lists the probes "
			"of all",
			spec->provider, spec->text);
	if (!type)
		return error_new(EINVAL, "Invalid probe type: %s", spec->provider);

	size_t before = ret->count;
	struct error *error = type->match(type, world, spec, arena, suggestion, ret);

	if (!error && ret->count == before && suggestion)
		suggested_listed(world, type, spec, arena, suggestion);
	return error;
}
