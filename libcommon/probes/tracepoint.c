/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tracepoints, found in the tracing file system. Those of system calls are attached by their number
 * to the two raw tracepoints that all calls pass, which is much cheaper than an event for each; a
 * call whose number the architecture's table lacks has its own event as the others do.
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

static void add(struct arena *arena, const char *category, const char *event, probe_matches *ret)
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
			arch_syscall(arch_native(), call, &number))
			set_syscall(match, enter, number);
	}
}

/* The category in tracefs, which the target of a system call no longer tells. */
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
		if (probe_wildcard(category, one->category) && probe_wildcard(event, one->name))
			add(arena, one->category, one->name, ret);
	}
	vec_deinit(&events);
	return NULL;
}

static struct error *match(const struct probe_type *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	if (spec->count != 2)
		return spec_misses(spec, type);

	const char *category = spec->parts[0], *event = spec->parts[1];

	if (spec_is_wildcard(category) || spec_is_wildcard(event))
		return match_all(world, category, event, arena, ret);
	if (!tracefs_has_event(world->host, category, event))
		return not_found(world, category, event, arena, suggestion);
	add(arena, category, event, ret);
	return NULL;
}

/* "tracepoint_sched_sched_switch", with what is not allowed in an identifier replaced. */
static char *struct_name(struct arena *arena, const char *category, const char *event)
{
	char *name = arena_printf(arena, "tracepoint_%s_%s", category, event);

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
	*ret = types_from_tracefs(types, struct_name(&arena, category, match->event), &format,
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

static struct error *list(const struct probe_type *type _unused_, const struct probe_world *world,
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

const struct probe_type probes_tracepoint[1] = {{
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
