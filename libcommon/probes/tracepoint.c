/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tracepoints, found in tracefs. Those of system calls share the two raw tracepoints of all calls
 * and are dispatched by number, which is much cheaper than an event for each; a call whose number
 * the architecture's table lacks is attached as other events are.
 */
#include "rows.h"

#include <errno.h>
#include <string.h>

#include "libcommon/host/arch.h"
#include "libcommon/host/tracefs.h"

enum { EVERY_SYSCALL = -1 };

/* The raw tracepoint behind an event of a system call, and the call's own name. */
static bool split_syscall(const char *event, bool *ret_enter, const char **ret_name)
{
	*ret_enter = strncmp(event, "sys_enter_", 10) == 0;
	*ret_name = event + (*ret_enter ? 10 : 9);
	return *ret_enter || strncmp(event, "sys_exit_", 9) == 0;
}

static void set_syscall(struct probe_match *match, bool enter, int32_t number)
{
	match->context = enter ? CONTEXT_SYSCALL_ENTER : CONTEXT_SYSCALL_EXIT;
	match->attach = ATTACH_SYSCALL;
	match->target = enter ? "sys_enter" : "sys_exit";
	match->syscall = number;
	match->compat = number == EVERY_SYSCALL;
}

static void add(const struct probe_world *world, struct arena *arena, const char *category,
	const char *event, probe_matches *ret)
{
	struct probe_match *match = vec_add(ret);
	bool enter;
	const char *call;
	int32_t number;

	*match = (struct probe_match){
		.type = &probes_tracepoint[0],
		.name = arena_printf(arena, "tracepoint:%s:%s", category, event),
		.function = arena_strdup(arena, event),
		.context = CONTEXT_RECORD,
		.attach = ATTACH_TRACEPOINT,
		.target = arena_strdup(arena, category),
		.event = arena_strdup(arena, event),
	};
	if (strcmp(category, "raw_syscalls") == 0) {
		if (strcmp(event, "sys_enter") == 0 || strcmp(event, "sys_exit") == 0)
			set_syscall(match, strcmp(event, "sys_enter") == 0, EVERY_SYSCALL);
	} else if (strcmp(category, "syscalls") == 0) {
		if (split_syscall(event, &enter, &call) &&
			arch_syscall(host_arch(world->host), call, &number))
			set_syscall(match, enter, number);
	}
}

/* The category in tracefs; the target of a system call is a raw tracepoint instead. */
static const char *category_of(const struct probe_match *match)
{
	if (match->attach == ATTACH_SYSCALL)
		return match->syscall == EVERY_SYSCALL ? "raw_syscalls" : "syscalls";
	return match->target;
}

static struct error *not_found(const struct probe_world *world, const char *category,
	const char *event, struct arena *arena, struct suggestion *suggestion)
{
	tracefs_events events = {};
	struct error *error = tracefs_list(world->host, arena, &events);

	if (error)
		return error;

	const char *wanted = arena_printf(arena, "tracepoint:%s:%s", category, event);
	struct suggestion nearest = suggest_start(wanted);
	const struct tracefs_event *one;

	vec_for_each (&events, one)
		suggest_offer(&nearest,
			arena_printf(arena, "tracepoint:%s:%s", one->category, one->name));
	if (suggestion && nearest.best)
		*suggestion = nearest;
	vec_deinit(&events);
	return error_new(ENOENT, "tracepoint not found: %s:%s", category, event);
}

static struct error *match_all(const struct probe_world *world, const char *category,
	const char *event, struct arena *arena, probe_matches *ret)
{
	tracefs_events events = {};
	const struct tracefs_event *one;
	struct error *error = tracefs_list(world->host, arena, &events);

	if (error)
		return error;
	vec_for_each (&events, one) {
		if (spec_wildcard(category, one->category) && spec_wildcard(event, one->name))
			add(world, arena, one->category, one->name, ret);
	}
	vec_deinit(&events);
	return NULL;
}

/* For an event without its category: the first category that has an event of this name. */
static void suggest_category(const struct probe_world *world, const char *name, struct arena *arena,
	struct suggestion *suggestion)
{
	tracefs_events events = {};
	const struct tracefs_event *event;

	if (!suggestion)
		return;
	error_free(tracefs_list(world->host, arena, &events));
	vec_for_each (&events, event) {
		if (strcmp(event->name, name) != 0)
			continue;
		*suggestion = suggest_start(name);
		suggestion->best =
			arena_printf(arena, "tracepoint:%s:%s", event->category, event->name);
		break;
	}
	vec_deinit(&events);
}

static struct error *match(const struct probe_ops *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	if (spec->count == 1)
		suggest_category(world, spec->parts[0], arena, suggestion);
	if (spec->count != 2)
		return probe_misses(spec, type);

	const char *category = spec->parts[0], *event = spec->parts[1];

	if (spec_is_wildcard(category) || spec_is_wildcard(event))
		return match_all(world, category, event, arena, ret);
	if (!tracefs_has_event(world->host, category, event))
		return not_found(world, category, event, arena, suggestion);
	add(world, arena, category, event, ret);
	return NULL;
}

/* "tracepoint_sched_sched_switch", other characters than those of identifiers replaced. All exits
 * of system calls have one name, so that they have one type and one block serves all of them. */
static char *struct_name(struct arena *arena, const char *category, const struct probe_match *match)
{
	bool is_end = match->attach == ATTACH_SYSCALL && match->context == CONTEXT_SYSCALL_EXIT;
	char *name = arena_printf(
		arena, "tracepoint_%s_%s", category, is_end ? match->target : match->event);

	for (char *c = name; *c; c++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789", *c))
			*c = '_';
	}
	return name;
}

static struct error *arguments(const struct probe_world *world, const struct probe_match *match,
	struct types *types, uint32_t *ret)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(tracefs_format_deinit) struct tracefs_format format = {};
	const char *category = category_of(match);
	struct error *error =
		tracefs_format_read(world->host, category, match->event, &arena, &format);

	if (error)
		return error;
	*ret = types_from_tracefs(types, struct_name(&arena, category, match), &format,
		strcmp(category, "syscalls") == 0 ? ADDRESS_USER : ADDRESS_KERNEL);
	return NULL;
}

static struct error *declare(
	const struct probe_world *world, const struct probe_match *match, struct str *out)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(tracefs_format_deinit) struct tracefs_format format = {};
	const struct tracefs_field *field;
	struct error *error =
		tracefs_format_read(world->host, category_of(match), match->event, &arena, &format);

	if (error)
		return error;
	vec_for_each (&format.fields, field)
		str_printf(out, "    %s\n", field->declaration);
	return NULL;
}

static struct error *list(const struct probe_ops *type _unused_, const struct probe_world *world,
	struct arena *arena, host_names *ret)
{
	tracefs_events events = {};
	const struct tracefs_event *event;
	struct error *error = tracefs_list(world->host, arena, &events);

	if (error)
		return error;
	vec_for_each (&events, event)
		vec_push(
			ret, arena_printf(arena, "tracepoint:%s:%s", event->category, event->name));
	vec_deinit(&events);
	return NULL;
}

const struct probe_ops probes_tracepoint[1] = {{
	.name = "tracepoint",
	.aliases = {"t"},
	.spelling = "tracepoint:CATEGORY:EVENT",
	.doc = "a static tracepoint of the kernel",
	.wildcard = true,
	.everything = "tracepoint:*:*",
	.match = match,
	.arguments = arguments,
	.list = list,
	.declare = declare,
}};
