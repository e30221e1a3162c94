/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suggestions for attach points without a match. A pattern is compared with the names that its type
 * lists: as they are, and with the pattern's parts substituted for those that they match, so that
 * the nearest is a pattern again, "tracepoint:sched:*" for "tracepoint:shced:*".
 */
#include "rows.h"

#include <string.h>

/* The length of "sched" in "sched*"; 0: the part is no such pattern. */
static size_t prefix_length(const char *part)
{
	size_t length = strcspn(part, "*");

	return strcmp(part + length, "*") == 0 ? length : 0;
}

/* Whether a part of a name is similar to a part of the pattern. */
static bool is_near(const char *wanted, const char *candidate, struct arena *arena)
{
	size_t length = prefix_length(wanted);
	struct suggestion nearest =
		suggest_start(length ? arena_strndup(arena, wanted, length) : wanted);

	suggest_offer(&nearest, candidate);
	if (length && strlen(candidate) > length)
		suggest_offer(&nearest, arena_strndup(arena, candidate, length));
	return nearest.best != NULL;
}

/* The part of a name as a pattern: "sched*" from "sched_switch", for "shced*". */
static const char *as_pattern(const char *wanted, const char *part, struct arena *arena)
{
	size_t length = prefix_length(wanted);

	return length && strlen(part) >= length ? arena_printf(arena, "%.*s*", (int)length, part)
						: part;
}

/* Offers the name with the pattern's parts substituted for those that they match, if the others are
 * similar; these literally, or as patterns. */
static void offer(const struct probe_spec *pattern, const struct probe_spec *name, bool has_stars,
	struct arena *arena, struct suggestion *nearest)
{
	const char *text = "";

	for (size_t i = 0; i < name->count; i++) {
		const char *wanted = pattern->parts[i], *part = name->parts[i];

		if (spec_wildcard(wanted, part))
			part = wanted;
		else if (!is_near(wanted, part, arena))
			return;
		else if (has_stars)
			part = as_pattern(wanted, part, arena);
		text = arena_join(arena, text, i ? ":" : "", part, NULL);
	}
	suggest_offer(nearest, text);
}

static size_t count_parts(const char *attach_point)
{
	size_t count = 0;

	for (; *attach_point; attach_point++)
		count += *attach_point == ':';
	return count;
}

/* Listings name the module of a function of the kernel, which the shortest attach points of its
 * type leave out. */
static void drop_module(
	const struct probe_ops *type, const struct probe_spec *spec, struct probe_spec *name)
{
	if (!type->everything || count_parts(type->everything) != spec->count ||
		name->count != spec->count + 1)
		return;
	name->parts++;
	name->count--;
}

void suggested_listed(const struct probe_world *world, const struct probe_ops *type,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion)
{
	const char *rest = strchr(spec->text, ':');
	struct suggestion nearest = suggest_start(rest ? rest + 1 : "");
	host_names names = {};
	const char **name;

	if (suggestion->best || !type->list)
		return;
	error_free(type->list(type, world, arena, &names));
	vec_for_each (&names, name) {
		struct probe_spec other;
		_cleanup_error_ struct error *error = spec_parse(arena, *name, &other);

		if (error)
			continue;
		drop_module(type, spec, &other);
		if (other.count != spec->count)
			continue;
		offer(spec, &other, false, arena, &nearest);
		offer(spec, &other, true, arena, &nearest);
	}
	if (nearest.best) {
		nearest.best = arena_printf(arena, "%s:%s", type->name, nearest.best);
		*suggestion = nearest;
	}
	vec_deinit(&names);
}

void suggested_type(const struct probe_world *world, const struct probe_spec *spec,
	struct arena *arena, struct suggestion *suggestion)
{
	const struct probe_ops *tracepoint = &probes_tracepoint[0];
	probe_matches matches = {};

	if (spec->count != 1)
		return;

	const char *parts[] = {spec->provider, spec->parts[0]};
	const struct probe_spec other = {
		.text = arena_printf(arena, "%s:%s", tracepoint->name, spec->text),
		.provider = tracepoint->name,
		.parts = parts,
		.count = ARRAY_SIZE(parts),
	};

	error_free(tracepoint->match(tracepoint, world, &other, arena, NULL, &matches));
	if (matches.count > 0)
		suggestion->best = other.text;
	else
		suggested_listed(world, tracepoint, &other, arena, suggestion);
	vec_deinit(&matches);
}
