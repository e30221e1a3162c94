/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watchpoints of the CPU: at an address (of the process of -p or -c, else of the kernel), or at the
 * address in an argument of a function of that process. In the second form the process is stopped
 * at the function's entry until the memory is watched; with asyncwatchpoint it continues. Source:
 * perf_event_open(2), PERF_TYPE_BREAKPOINT.
 */
#include "rows.h"

#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "libcommon/host/arch.h"

static const struct {
	char letter;
	uint32_t bit;
} modes[] = {
	{'r', HW_BREAKPOINT_R},
	{'w', HW_BREAKPOINT_W},
	{'x', HW_BREAKPOINT_X},
};

static struct error *parse_mode(
	const struct probe_spec *spec, const struct arch *arch, uint64_t *ret)
{
	const char *text = spec->parts[2];
	uint64_t mode = 0;

	for (const char *at = text; *at; at++) {
		uint32_t bit = 0;

		for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
			bit |= modes[i].letter == *at ? modes[i].bit : 0;
		if (!bit || (mode & bit))
			return error_new(EINVAL,
				"%s: the mode is a combination of r, w and x, each once",
				spec->text);
		mode |= bit;
	}
	if (!mode)
		return error_new(EINVAL, "%s: the mode is missing: r, w, x or several", spec->text);
	if ((mode & HW_BREAKPOINT_X) && mode != HW_BREAKPOINT_X)
		return error_new(EINVAL,
			"%s: execution cannot be watched together with reads or writes",
			spec->text);
	if (mode == HW_BREAKPOINT_R && !arch->watches_reads)
		return error_new(
			EINVAL, "%s: this CPU cannot watch reads alone; use rw", spec->text);
	*ret = mode;
	return NULL;
}

static struct error *parse_length(const struct probe_spec *spec, uint64_t *ret)
{
	uint64_t length;

	if (!spec_number(spec->parts[1], &length) ||
		(length != 1 && length != 2 && length != 4 && length != 8))
		return error_new(EINVAL, "%s: the length must be one of (1,2,4,8)", spec->text);
	*ret = length;
	return NULL;
}

/* A breakpoint for execution has no length of its own; the CPU requires that of a pointer. */
static uint32_t effective_length(uint64_t length, uint64_t mode)
{
	return mode == HW_BREAKPOINT_X ? sizeof(long) : (uint32_t)length;
}

/* Addresses of processes have the highest bit clear on all supported architectures. */
static bool is_of_process(uint64_t address)
{
	return address >> 63 == 0;
}

static struct error *match_address(
	const struct probe_world *world, const struct probe_spec *spec, struct probe_match *match)
{
	if (!spec_number(spec->parts[0], &match->address))
		return error_new(EINVAL, "'%s' is neither an address nor a function with +argN",
			spec->parts[0]);
	if (match->address == 0)
		return error_new(EINVAL, "%s: must be attached to a non-zero address", spec->text);
	if (match->perf_config != HW_BREAKPOINT_X && match->address % match->length)
		return error_new(
			EINVAL, "%s: the address must be a multiple of the length", spec->text);
	if (is_of_process(match->address) && !world->pid && !world->has_child)
		return error_new(EINVAL,
			"%s is an address of a process: give it by -p PID or -c COMMAND",
			spec->parts[0]);
	return NULL;
}

/* Matches the entries of function in the program of -p or -c, or else in its libraries; an error
 * when there is none. */
static struct error *find_entries(const struct probe_ops *type, const struct probe_world *world,
	const char *function, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	static const char *const paths[] = {"", "*"};
	const struct probe_ops *uprobe = &probes_uprobe[0];
	struct error *error = NULL;

	if (!world->pid && !world->program)
		return error_new(EINVAL, "%s of a function's argument needs -p PID or -c COMMAND",
			type->name);
	for (size_t i = 0; i < ARRAY_SIZE(paths) && ret->count == 0; i++) {
		const char *parts[] = {paths[i], function};
		const struct probe_spec spec = {
			.text = function, .provider = uprobe->name, .parts = parts, .count = 2};

		/* What a command will map is not known before it runs. */
		if (i > 0 && !world->pid)
			break;
		error_free(error);
		error = uprobe->match(uprobe, world, &spec, arena, suggestion, ret);
	}
	if (!error && ret->count == 0)
		error = error_new(ENOENT, "process %d has no function %s", world->pid, function);
	return error;
}

/* Names the match; functions that a wildcard matches have a name each, overloads of one name share
 * it.
 */
static void add_entry(const struct probe_spec *spec, struct probe_match match,
	const struct probe_match *entry, bool is_member, struct arena *arena, probe_matches *ret)
{
	if (is_member)
		match.name = arena_printf(arena, "%s:%s%s:%s:%s", match.type->name, entry->event,
			strstr(spec->parts[0], "+arg"), spec->parts[1], spec->parts[2]);
	match.attach = ATTACH_WATCH_ARGUMENT;
	match.function = entry->function;
	match.target = entry->target;
	match.event = entry->event;
	match.process = entry->process;
	match.address = entry->address;
	match.location = entry->location;
	match.optional = is_member;
	vec_push(ret, match);
}

static struct error *match_argument(const struct probe_world *world, const struct probe_spec *spec,
	struct arena *arena, struct suggestion *suggestion, struct probe_match match,
	probe_matches *ret)
{
	const struct arch *arch = host_arch(world->host);
	const char *plus = strstr(spec->parts[0], "+arg");
	const char *function =
		arena_strndup(arena, spec->parts[0], (size_t)(plus - spec->parts[0]));
	probe_matches entries = {};
	const struct probe_match *entry;
	uint64_t number;

	if (!spec_number(plus + strlen("+arg"), &number) || number >= arch->argument_count)
		return error_new(EINVAL, "%s: arguments in registers are arg0 to arg%zu",
			spec->text, arch->argument_count - 1);

	struct error *error =
		find_entries(match.type, world, function, arena, suggestion, &entries);

	match.argument = arch->arguments[number];
	match.stops = match.type == &probes_watchpoint[0];
	vec_for_each (&entries, entry) {
		if (!error)
			add_entry(spec, match, entry, spec_is_wildcard(function), arena, ret);
	}
	vec_deinit(&entries);
	return error;
}

static struct error *match(const struct probe_ops *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	struct probe_match match = {
		.type = type,
		.context = CONTEXT_PERF,
		.attach = ATTACH_WATCHPOINT,
		.perf_type = PERF_TYPE_BREAKPOINT,
		.period = 1,
	};
	uint64_t length = 0;

	if (spec->count != 3)
		return probe_misses(spec, type);
	match.name = arena_printf(arena, "%s%s", type->name, strchr(spec->text, ':'));
	match.function = match.name;

	struct error *error = parse_length(spec, &length);

	if (!error)
		error = parse_mode(spec, host_arch(world->host), &match.perf_config);
	if (error)
		return error;
	match.length = effective_length(length, match.perf_config);
	if (strstr(spec->parts[0], "+arg"))
		return match_argument(world, spec, arena, suggestion, match, ret);
	error = match_address(world, spec, &match);
	if (!error)
		vec_push(ret, match);
	return error;
}

const struct probe_ops probes_watchpoint[2] = {
	{
		.name = "watchpoint",
		.aliases = {"w"},
		.spelling = "watchpoint:ADDRESS:LENGTH:MODE",
		.alternative = "watchpoint:FUNCTION+argN:LENGTH:MODE (FUNCTION of -p or -c)",
		.doc = "access to memory; of a function's argument while the process is stopped",
		.match = match,
	},
	{
		.name = "asyncwatchpoint",
		.aliases = {"aw"},
		.spelling = "asyncwatchpoint:ADDRESS:LENGTH:MODE",
		.alternative = "asyncwatchpoint:FUNCTION+argN:LENGTH:MODE (FUNCTION of -p or -c)",
		.doc = "the same without stopping the process",
		.match = match,
	},
};
