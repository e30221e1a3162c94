/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events counted by the kernel (software) or the CPU (hardware): the probe fires once for every
 * COUNT of them. The default of COUNT gives at most some hundred samples a second on a busy
 * machine. Source: perf_event_open(2).
 */
#include "rows.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>

struct event {
	const char *name;
	const char *alias; /* may be NULL */
	uint64_t config;
	uint64_t count; /* default */
};

static const struct event software[] = {
	{"alignment-faults", NULL, PERF_COUNT_SW_ALIGNMENT_FAULTS, 1},
	{"bpf-output", NULL, PERF_COUNT_SW_BPF_OUTPUT, 1},
	{"context-switches", "cs", PERF_COUNT_SW_CONTEXT_SWITCHES, 1000},
	{"cpu-clock", "cpu", PERF_COUNT_SW_CPU_CLOCK, 1000000},
	{"cpu-migrations", NULL, PERF_COUNT_SW_CPU_MIGRATIONS, 1},
	{"dummy", NULL, PERF_COUNT_SW_DUMMY, 1},
	{"emulation-faults", NULL, PERF_COUNT_SW_EMULATION_FAULTS, 1},
	{"major-faults", NULL, PERF_COUNT_SW_PAGE_FAULTS_MAJ, 1},
	{"minor-faults", NULL, PERF_COUNT_SW_PAGE_FAULTS_MIN, 100},
	{"page-faults", "faults", PERF_COUNT_SW_PAGE_FAULTS, 100},
	{"task-clock", NULL, PERF_COUNT_SW_TASK_CLOCK, 1000000},
};

static const struct event hardware[] = {
	{"backend-stalls", NULL, PERF_COUNT_HW_STALLED_CYCLES_BACKEND, 1000000},
	{"branch-instructions", "branches", PERF_COUNT_HW_BRANCH_INSTRUCTIONS, 100000},
	{"branch-misses", NULL, PERF_COUNT_HW_BRANCH_MISSES, 100000},
	{"bus-cycles", NULL, PERF_COUNT_HW_BUS_CYCLES, 100000},
	{"cache-misses", NULL, PERF_COUNT_HW_CACHE_MISSES, 1000000},
	{"cache-references", NULL, PERF_COUNT_HW_CACHE_REFERENCES, 1000000},
	{"cpu-cycles", "cycles", PERF_COUNT_HW_CPU_CYCLES, 1000000},
	{"frontend-stalls", NULL, PERF_COUNT_HW_STALLED_CYCLES_FRONTEND, 1000000},
	{"instructions", NULL, PERF_COUNT_HW_INSTRUCTIONS, 1000000},
	{"ref-cycles", NULL, PERF_COUNT_HW_REF_CPU_CYCLES, 1000000},
};

/* The events of a probe type. */
struct events {
	const struct event *items;
	size_t count;
	uint32_t perf_type;
};

static struct events events_of(const struct probe_ops *type)
{
	if (type == &probes_perf[0])
		return (struct events){software, ARRAY_SIZE(software), PERF_TYPE_SOFTWARE};
	return (struct events){hardware, ARRAY_SIZE(hardware), PERF_TYPE_HARDWARE};
}

static const struct event *find(const struct events *events, const char *name)
{
	for (size_t i = 0; i < events->count; i++) {
		const struct event *event = &events->items[i];

		if (strcmp(event->name, name) == 0 ||
			(event->alias && strcmp(event->alias, name) == 0))
			return event;
	}
	return NULL;
}

static struct error *unknown(const struct probe_ops *type, const struct events *events,
	const char *name, struct arena *arena, struct suggestion *suggestion)
{
	struct suggestion nearest = suggest_start(name);

	for (size_t i = 0; i < events->count; i++) {
		suggest_offer(&nearest, events->items[i].name);
		if (events->items[i].alias)
			suggest_offer(&nearest, events->items[i].alias);
	}
	if (suggestion && nearest.best) {
		nearest.best = arena_printf(arena, "%s:%s:", type->name, nearest.best);
		*suggestion = nearest;
	}
	return error_new(EINVAL, "%s is not a %s probe", name, type->name);
}

static struct error *match(const struct probe_ops *type, const struct probe_world *world _unused_,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	struct events events = events_of(type);

	if (spec->count != 1 && spec->count != 2)
		return probe_misses(spec, type);

	const char *name = spec->parts[0], *text = spec->count == 2 ? spec->parts[1] : "";
	const struct event *event = find(&events, name);

	if (!event)
		return unknown(type, &events, name, arena, suggestion);

	uint64_t count = event->count;

	if (*text && !spec_number(text, &count))
		return spec_number_error(text);

	const char *full =
		arena_printf(arena, "%s:%s:%llu", type->name, name, (unsigned long long)count);

	if (count == 0)
		return error_new(EINVAL, "%s: the count must be positive", full);
	if (count > INT64_MAX)
		return error_new(EINVAL, "%s: the count is too high", full);
	*vec_add(ret) = (struct probe_match){
		.type = type,
		.name = full,
		.function = full,
		.context = CONTEXT_PERF,
		.attach = ATTACH_PERF,
		.perf_type = events.perf_type,
		.perf_config = event->config,
		.period = count,
	};
	return NULL;
}

static struct error *list(const struct probe_ops *type, const struct probe_world *world,
	struct arena *arena, host_names *ret)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct events events = events_of(type);

	if (events.perf_type == PERF_TYPE_HARDWARE && world->refuses &&
		world->refuses(world->refuses_context, OBSTACLE_HARDWARE, &text))
		return error_new(ENOTSUP, "%s: %s", type->name, str_text(&text));

	for (size_t i = 0; i < events.count; i++) {
		const struct event *event = &events.items[i];

		vec_push(ret, arena_printf(arena, "%s:%s:", type->name, event->name));
		if (event->alias)
			vec_push(ret, arena_printf(arena, "%s:%s:", type->name, event->alias));
	}
	return NULL;
}

const struct probe_ops probes_perf[2] = {
	{
		.name = "software",
		.aliases = {"s"},
		.spelling = "software:EVENT:COUNT",
		.doc = "every COUNT events of a kind that the kernel counts",
		.match = match,
		.list = list,
	},
	{
		.name = "hardware",
		.aliases = {"h"},
		.spelling = "hardware:EVENT:COUNT",
		.doc = "every COUNT events of a kind that the CPU counts",
		.match = match,
		.list = list,
	},
};
