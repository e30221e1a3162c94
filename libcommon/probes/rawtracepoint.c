/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw tracepoints: the hooks behind tracepoints, with their raw arguments. BTF of the kernel has a
 * typedef btf_trace_X for a hook X; hooks of modules, and of kernels without BTF, are found by
 * their events in tracefs, most of which have the hook's name.
 */
#include "rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libcommon/host/kbtf.h"
#include "libcommon/host/tracefs.h"

#define BTF_PREFIX "btf_trace_"

static void add(struct arena *arena, const char *name, probe_matches *ret)
{
	*vec_add(ret) = (struct probe_match){
		.type = &probes_rawtracepoint[0],
		.name = arena_printf(arena, "rawtracepoint:%s", name),
		.function = arena_strdup(arena, name),
		.context = CONTEXT_RAW,
		.attach = ATTACH_RAW_TRACEPOINT,
		.target = arena_strdup(arena, name),
	};
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void drop_twins(host_names *names)
{
	size_t kept = 0;

	for (size_t i = 0; i < names->count; i++) {
		if (kept == 0 || strcmp(names->items[kept - 1], names->items[i]) != 0)
			names->items[kept++] = names->items[i];
	}
	names->count = kept;
}

/* Events of system calls have no hooks of their own. */
static struct error *names_from_tracefs(
	const struct probe_world *world, struct arena *arena, host_names *ret)
{
	tracefs_events events = {};
	const struct tracefs_event *event;
	struct error *error = tracefs_list(world->host, arena, &events);

	if (error)
		return error;
	vec_for_each (&events, event) {
		if (strcmp(event->category, "syscalls") != 0)
			vec_push(ret, event->name);
	}
	vec_deinit(&events);
	return NULL;
}

/* All names, sorted; an error only when there is neither BTF nor tracefs. */
static struct error *all_names(
	const struct probe_world *world, struct arena *arena, host_names *ret)
{
	host_names names = {};

	if (world->kbtf)
		kbtf_names_after(world->kbtf, BTF_PREFIX, arena, &names);

	struct error *error = names_from_tracefs(world, arena, &names);

	if (error && names.count == 0)
		return error;
	error_free(error);
	if (names.count)
		qsort(names.items, names.count, sizeof(*names.items), compare);
	drop_twins(&names);
	*ret = names;
	return NULL;
}

static bool is_known_to_btf(const struct probe_world *world, const char *name)
{
	_cleanup_str_ struct str symbol = STR_INIT;

	str_printf(&symbol, BTF_PREFIX "%s", name);
	return world->kbtf && kbtf_has_name(world->kbtf, str_text(&symbol));
}

static struct error *match(const struct probe_ops *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	if (spec->count != 1)
		return probe_misses(spec, type);

	const char *wanted = spec->parts[0];

	if (!spec_is_wildcard(wanted) && is_known_to_btf(world, wanted)) {
		add(arena, wanted, ret);
		return NULL;
	}

	host_names names = {};
	const char **name;
	size_t before = ret->count;
	struct suggestion nearest = suggest_start(wanted);
	struct error *error = all_names(world, arena, &names);

	if (error)
		return error;
	vec_for_each (&names, name) {
		suggest_offer(&nearest, *name);
		if (spec_wildcard(wanted, *name))
			add(arena, *name, ret);
	}
	vec_deinit(&names);
	if (ret->count > before || spec_is_wildcard(wanted))
		return NULL;
	if (suggestion && nearest.best) {
		nearest.best = arena_printf(arena, "rawtracepoint:%s", nearest.best);
		*suggestion = nearest;
	}
	return error_new(ENOENT, "rawtracepoint not found: %s", wanted);
}

static struct error *list(const struct probe_ops *type _unused_, const struct probe_world *world,
	struct arena *arena, host_names *ret)
{
	host_names names = {};
	const char **name;
	struct error *error = all_names(world, arena, &names);

	if (error)
		return error;
	vec_for_each (&names, name)
		vec_push(ret, arena_printf(arena, "rawtracepoint:%s", *name));
	vec_deinit(&names);
	return NULL;
}

const struct probe_ops probes_rawtracepoint[1] = {{
	.name = "rawtracepoint",
	.aliases = {"rt"},
	.spelling = "rawtracepoint:NAME",
	.doc = "a tracepoint of the kernel, with its raw arguments",
	.wildcard = true,
	.match = match,
	.list = list,
}};
