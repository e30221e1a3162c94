/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timers: interval fires on one CPU, profile on each. Both are the kernel's perf event of the CPU
 * clock, which counts nanoseconds; see perf_event_open(2). "interval:s:1" and "interval:1s" are the
 * same; a number alone is of nanoseconds.
 */
#include "rows.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>

enum { HZ = 0 };

#define SECOND UINT64_C(1000000000)

static const struct {
	const char *name;
	uint64_t nanoseconds; /* HZ: a rate */
	bool is_listed;
} units[] = {
	{"hz", HZ, true},
	{"s", SECOND, true},
	{"ms", SECOND / 1000, true},
	{"us", SECOND / 1000000, true},
	{"ns", 1, false},
	{"m", 60 * SECOND, false},
	{"h", 3600 * SECOND, false},
	{"d", 86400 * SECOND, false},
};

/* The number and the unit of a duration, "10ms" */
static void split_duration(
	struct arena *arena, const char *duration, const char **ret_unit, const char **ret_number)
{
	size_t length = strlen(duration), digits = length;

	while (digits > 0 && strchr("0123456789_", duration[digits - 1]) == NULL)
		digits--;
	/* A hexadecimal number has letters, and no unit. */
	if (strncmp(duration, "0x", 2) == 0)
		digits = length;
	*ret_unit = digits == length ? "ns" : duration + digits;
	*ret_number = arena_strndup(arena, duration, digits);
}

/* The time from one event to the next, or the rate of a profile. The kernel takes 63 bits. */
static struct error *set_period(struct probe_match *match, uint64_t nanoseconds, uint64_t number)
{
	if (number == 0)
		return error_new(EINVAL, "%s: the number must be positive", match->name);
	if (nanoseconds != HZ) {
		if (__builtin_mul_overflow(number, nanoseconds, &match->period) ||
			match->period > INT64_MAX)
			return error_new(EINVAL, "%s: the time is too long", match->name);
		return NULL;
	}
	if (number > SECOND)
		return error_new(EINVAL, "%s: the rate is too high", match->name);
	match->by_frequency = !match->one_cpu;
	match->period = match->by_frequency ? number : SECOND / number;
	return NULL;
}

static struct error *number_error(const char *text, uint64_t nanoseconds)
{
	_cleanup_error_ struct error *error = spec_number_error(text);
	bool is_divisible = strchr(text, '.') && nanoseconds > SECOND / 1000000;

	return error_new(EINVAL, "%s%s", error->message,
		is_divisible ? "; smaller units of time are ms and us" : "");
}

static struct error *match_unit(struct probe_match *match, struct arena *arena, const char *unit,
	const char *text, probe_matches *ret)
{
	uint64_t number;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(units[i].name, unit) != 0)
			continue;
		if (!*text)
			return error_new(EINVAL, "%s:%s lacks a count, as in %s:%s:1",
				match->type->name, unit, match->type->name, unit);
		if (!spec_number(text, &number))
			return number_error(text, units[i].nanoseconds);
		match->name = match->function = arena_printf(
			arena, "%s:%s:%llu", match->type->name, unit, (unsigned long long)number);

		struct error *error = set_period(match, units[i].nanoseconds, number);

		if (!error)
			vec_push(ret, *match);
		return error;
	}
	return error_new(
		EINVAL, "%s is not an accepted unit of time (hz, s, ms, us, ns, m, h, d)", unit);
}

static struct error *match(const struct probe_ops *type, const struct probe_world *world _unused_,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion _unused_,
	probe_matches *ret)
{
	struct probe_match match = {
		.type = type,
		.context = CONTEXT_PERF,
		.attach = ATTACH_PERF,
		.perf_type = PERF_TYPE_SOFTWARE,
		.perf_config = PERF_COUNT_SW_CPU_CLOCK,
		.one_cpu = type == &probes_timer[1],
	};
	const char *unit, *number;

	if (spec->count == 1) {
		split_duration(arena, spec->parts[0], &unit, &number);
		return match_unit(&match, arena, unit, number, ret);
	}
	if (spec->count == 2)
		return match_unit(&match, arena, spec->parts[0], spec->parts[1], ret);
	return probe_misses(spec, type);
}

static struct error *list(const struct probe_ops *type, const struct probe_world *world _unused_,
	struct arena *arena, host_names *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (units[i].is_listed)
			vec_push(ret, arena_printf(arena, "%s:%s:", type->name, units[i].name));
	}
	return NULL;
}

const struct probe_ops probes_timer[2] = {
	{
		.name = "profile",
		.aliases = {"p"},
		.spelling = "profile:UNIT:COUNT",
		.doc = "sampling at a rate or period, on every CPU",
		.match = match,
		.list = list,
	},
	{
		.name = "interval",
		.aliases = {"i"},
		.spelling = "interval:UNIT:COUNT",
		.doc = "a timer, on one CPU",
		.match = match,
		.list = list,
	},
};
