/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pattern that begins with a probe type lists that type only, other patterns are compared with
 * the names of all types. Names that a type can list are compared as a whole, so that
 * "tracepoint:*" matches; others, as the functions of a file, are found by the match callback of
 * the type.
 */
#include "listing.h"

#include <errno.h>
#include <string.h>

#include "definition.h"
#include "libcommon/base/log.h"
#include "libcommon/host/kbtf.h"

struct listing listing_make(const struct probe_world *world, const struct output_ops *output)
{
	return (struct listing){.world = *world, .output = output};
}

void listing_deinit(struct listing *listing)
{
	sources_deinit(&listing->sources);
	hashmap_deinit(&listing->shown);
	arena_deinit(&listing->arena);
}

bool listing_is_new(struct listing *listing, const char *name)
{
	void **slot = hashmap_text_slot(&listing->shown, name);
	bool first = *slot == NULL;

	*slot = listing;
	return first;
}

/* Logs the warning unless it was logged before; frees the error. */
static void warn(struct listing *listing, struct error *error)
{
	if (listing_is_new(listing, error->message))
		log_warning("%s", error->message);
	error_free(error);
}

static struct error *show_match(struct listing *listing, const struct probe_match *match)
{
	_cleanup_str_ struct str declarations = STR_INIT;
	bool with_arguments = listing->detail > DETAIL_NAMES && match->type->declare;

	if (match->refusal || !listing_is_new(listing, match->name))
		return NULL;
	if (with_arguments) {
		struct error *error = match->type->declare(&listing->world, match, &declarations);

		if (error && error->number == ENODATA)
			warn(listing, TAKE(error));
		if (error)
			return error;
	}
	listing->output->probe(match->name, with_arguments ? str_text(&declarations) : NULL);
	return NULL;
}

/* Shows the matches of an attach point that can be probed and match the pattern (NULL: any); adds
 * their number to *ret_count. */
static struct error *show_spec(struct listing *listing, const char *text, const char *pattern,
	struct suggestion *suggestion, size_t *ret_count)
{
	struct probe_spec spec;
	probe_matches matches = {};
	const struct probe_match *match;
	struct error *error = spec_parse(&listing->arena, text, &spec);

	if (error)
		return error;
	error = probe_match(&listing->world, &spec, &listing->arena, suggestion, &matches);
	vec_for_each (&matches, match) {
		if (error || match->refusal || (pattern && !spec_wildcard(pattern, match->name)))
			continue;
		++*ret_count;
		error = show_match(listing, match);
	}
	vec_deinit(&matches);
	return error;
}

/* Shows a name from a type's list. It is matched only to show its arguments. */
static struct error *show_name(
	struct listing *listing, const struct probe_ops *type, const char *name)
{
	size_t count = 0;

	if (listing->detail > DETAIL_NAMES && type->declare)
		return show_spec(listing, name, NULL, NULL, &count);
	if (listing_is_new(listing, name))
		listing->output->probe(name, NULL);
	return NULL;
}

/* Shows the names of a type's list that match; adds their number to *count. */
static struct error *show_listed(
	struct listing *listing, const struct probe_ops *type, const char *pattern, size_t *count)
{
	host_names names = {};
	const char **name;

	if (!type->list)
		return NULL;
	if (listing->detail > DETAIL_NAMES && type->everything)
		return show_spec(listing, type->everything, pattern, NULL, count);

	struct error *error = type->list(type, &listing->world, &listing->arena, &names);

	vec_for_each (&names, name) {
		if (error || !spec_wildcard(pattern, *name))
			continue;
		++*count;
		error = show_name(listing, type, *name);
	}
	vec_deinit(&names);
	return error;
}

/* For a pattern of several types, shows probes of a type that needs a file: those of the file in
 * the pattern, else of the files mapped by the process of -p. A file without such probes is no
 * error. */
static void show_of_files(struct listing *listing, const struct probe_ops *type,
	const char *pattern, const struct probe_spec *spec, size_t *count)
{
	struct arena *arena = &listing->arena;

	if (type->list || !type->wildcard)
		return;
	struct error *error = NULL;

	if (spec && spec->count > 0 && spec_wildcard(spec->provider, type->name))
		error = show_spec(listing,
			arena_printf(arena, "%s%s", type->name, strchr(spec->text, ':')), NULL,
			NULL, count);
	else if (listing->world.pid && (!spec || spec->count == 0))
		error = show_spec(
			listing, arena_printf(arena, "%s:*:*", type->name), pattern, NULL, count);
	if (error && error->number == EACCES)
		warn(listing, TAKE(error));
	error_free(error);
}

/*
 * A type that cannot be listed on this machine does not hide the others; missing privileges are a
 * warning. A return probe is listed only if the pattern begins with its type: its entry probe has
 * the same function.
 */
static size_t show_of_all_types(
	struct listing *listing, const char *pattern, const struct probe_spec *spec)
{
	size_t count = 0;

	for (size_t i = 0; i < probe_type_count; i++) {
		if (probe_types[i]->mirrors && *pattern == '*')
			continue;
		_cleanup_error_ struct error *error =
			show_listed(listing, probe_types[i], pattern, &count);

		if (error && error->number == EACCES)
			log_warning("%s probes are not listed: %s", probe_types[i]->name,
				error->message);
		show_of_files(listing, probe_types[i], pattern, spec, &count);
	}
	return count;
}

struct error *listing_all(struct listing *listing)
{
	size_t count = 0;

	if (!listing->world.pid)
		count = show_of_all_types(listing, "*", NULL);
	for (size_t i = 0; i < probe_type_count && listing->world.pid; i++) {
		if (!probe_types[i]->mirrors)
			show_of_files(listing, probe_types[i], "*", NULL, &count);
	}
	return count > 0 ? NULL : error_new(ENOENT, "no probes found");
}

static struct error *nothing(const char *pattern)
{
	return error_new(ENOENT, "nothing matches '%s'", pattern);
}

/* The pattern with the type's full name: "t:a:b" becomes "tracepoint:a:b", "t" becomes
 * "tracepoint:*". */
static const char *canonical(
	struct listing *listing, const struct probe_ops *type, const struct probe_spec *spec)
{
	const char *rest = strchr(spec->text, ':');

	if (rest)
		return arena_printf(&listing->arena, "%s%s", type->name, rest);
	return arena_printf(&listing->arena, "%s*", type->name);
}

/* Shows probes of a type that cannot be listed without a file. */
static struct error *show_mapped(struct listing *listing, const struct probe_ops *type)
{
	size_t count = 0;

	if (!type->wildcard)
		return error_new(EINVAL, "%s has no list; write %s%s%s", type->name, type->spelling,
			type->alternative ? " or " : "",
			type->alternative ? type->alternative : "");
	if (!listing->world.pid)
		return error_new(EINVAL, "%s needs a file, '%s:PATH:*', or a process, -p PID",
			type->name, type->name);
	show_of_files(listing, type, "*", NULL, &count);
	return count > 0 ? NULL : nothing(type->name);
}

static struct error *show_of_type(struct listing *listing, const struct probe_ops *type,
	const struct probe_spec *spec, struct suggestion *suggestion)
{
	const char *pattern = canonical(listing, type, spec);
	size_t count = 0;
	struct error *error = NULL;

	/* The short forms that scripts use: "kfunc:vfs_*" for "kfunc:vmlinux:vfs_*". */
	if (type->everything && strchr(spec->text, ':'))
		error_free(show_spec(listing, pattern, NULL, NULL, &count));
	if (count == 0)
		error = show_listed(listing, type, pattern, &count);
	if (error || count > 0)
		return error;
	if (!type->list && spec->count == 0)
		return show_mapped(listing, type);
	if (!type->list && spec->count == 1)
		pattern = arena_printf(&listing->arena, "%s:*", pattern);
	/* An attach point can omit a part of the full name. */
	if (spec->count > 0 || !type->list)
		error = show_spec(listing, pattern, NULL, suggestion, &count);
	return error || count > 0 ? error : nothing(spec->text);
}

/* For a pattern without a probe type and colons, suggests a type of the kernel, or a part of a
 * name. */
static void suggest_pattern(
	struct listing *listing, const struct probe_spec *spec, struct suggestion *suggestion)
{
	struct arena *arena = &listing->arena;

	if (spec->count == 0 && kbtf_has_name(listing->world.kbtf, spec->text))
		suggestion->best = arena_printf(arena, "struct %s", spec->text);
	else if (spec->count == 0 && !suggestion->best)
		suggestion->best = arena_printf(arena, "*%s*", spec->text);
}

static struct error *show_probes(
	struct listing *listing, const char *pattern, struct suggestion *suggestion)
{
	struct probe_spec spec;
	size_t count = 0;
	struct error *error = spec_parse(&listing->arena, pattern, &spec);

	if (error)
		return error;
	if (strchr(spec.provider, '*'))
		return show_of_all_types(listing, pattern, &spec) > 0 ? NULL : nothing(pattern);

	const struct probe_ops *type = probe_type_find(spec.provider, NULL);

	if (type)
		return show_of_type(listing, type, &spec, suggestion);
	/* Not a probe type: the error is that of scripts. */
	error = show_spec(listing, pattern, NULL, suggestion, &count);
	if (error)
		suggest_pattern(listing, &spec, suggestion);
	return error;
}

struct error *listing_show(
	struct listing *listing, const char *pattern, struct suggestion *suggestion)
{
	if (definition_is(pattern))
		return definition_show(listing, pattern, suggestion);
	if (definition_is_keyword(pattern))
		return error_new(EINVAL, "'%s' lacks a name: '%s NAME', or '%s *' for all", pattern,
			pattern, pattern);
	return show_probes(listing, pattern, suggestion);
}
