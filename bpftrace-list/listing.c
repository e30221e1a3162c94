/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pattern that begins with a probe type asks that type only, else all names are compared. Names
 * that a type can list are compared as a whole, so that "tracepoint:*" matches; others, as the
 * functions of a file, are left to the type's own match.
 */
#include "listing.h"

#include <errno.h>
#include <string.h>

#include "definition.h"
#include "libcommon/base/log.h"

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

/* Tells what is not known, once. */
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

/* Matches the text and shows all that it finds; of what a wildcard found, what can be probed and
 * has a name that fits the pattern (NULL: any). */
static struct error *show_spec(struct listing *listing, const char *text, const char *pattern,
	struct suggestion *suggestion, size_t *ret_count)
{
	struct probe_spec spec;
	probe_matches matches = {};
	const struct probe_match *match;
	struct error *error = probe_spec_parse(&listing->arena, text, &spec);

	if (error)
		return error;
	error = probe_match(&listing->world, &spec, &listing->arena, suggestion, &matches);
	vec_for_each (&matches, match) {
		if (error || match->refusal || (pattern && !probe_wildcard(pattern, match->name)))
			continue;
		++*ret_count;
		error = show_match(listing, match);
	}
	vec_deinit(&matches);
	return error;
}

/* A name out of a type's list; most need no match, only their arguments do. */
static struct error *show_name(
	struct listing *listing, const struct probe_type *type, const char *name)
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
	struct listing *listing, const struct probe_type *type, const char *pattern, size_t *count)
{
	host_names names = {};
	const char **name;

	if (!type->list)
		return NULL;
	if (listing->detail > DETAIL_NAMES && type->everything)
		return show_spec(listing, type->everything, pattern, NULL, count);

	struct error *error = type->list(type, &listing->world, &listing->arena, &names);

	vec_for_each (&names, name) {
		if (error || !probe_wildcard(pattern, *name))
			continue;
		++*count;
		error = show_name(listing, type, *name);
	}
	vec_deinit(&names);
	return error;
}

/*
 * A type whose source is missing here has no names, which is no reason to hide the others; where
 * only the right to look is missing, the user is told. Returns of functions are not shown beside
 * their entries, unless the pattern begins as they do.
 */
static size_t show_of_all_types(struct listing *listing, const char *pattern)
{
	size_t count = 0;

	for (size_t i = 0; i < probe_type_count; i++) {
		if (probe_types[i]->mirrors && *pattern == '*')
			continue;
		_cleanup_error_ struct error *error =
			show_listed(listing, probe_types[i], pattern, &count);

		if (error && error->number == EACCES)
			log_warning("%s probes are missing here: %s", probe_types[i]->name,
				error->message);
	}
	return count;
}

struct error *listing_all(struct listing *listing)
{
	if (show_of_all_types(listing, "*") == 0)
		return error_new(ENOENT, "no probes are known here");
	return NULL;
}

static struct error *nothing(const char *pattern)
{
	return error_new(ENOENT, "nothing matches '%s'", pattern);
}

/* The pattern of a type, by its own name: "t:a:b" becomes "tracepoint:a:b", "t" becomes
 * "tracepoint:*". */
static const char *canonical(
	struct listing *listing, const struct probe_type *type, const struct probe_spec *spec)
{
	const char *rest = strchr(spec->text, ':');

	if (rest)
		return arena_printf(&listing->arena, "%s%s", type->name, rest);
	return arena_printf(&listing->arena, "%s*", type->name);
}

static struct error *show_of_type(struct listing *listing, const struct probe_type *type,
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
	if (!type->list && spec->count == 1)
		pattern = arena_printf(&listing->arena, "%s:*", pattern);
	/* an attach point may leave out a part that its full name has */
	if (spec->count > 0 || !type->list)
		error = show_spec(listing, pattern, NULL, suggestion, &count);
	return error || count > 0 ? error : nothing(spec->text);
}

static struct error *show_probes(
	struct listing *listing, const char *pattern, struct suggestion *suggestion)
{
	struct probe_spec spec;
	size_t count = 0;
	struct error *error = probe_spec_parse(&listing->arena, pattern, &spec);

	if (error)
		return error;
	if (strchr(spec.provider, '*'))
		return show_of_all_types(listing, pattern) > 0 ? NULL : nothing(pattern);

	const struct probe_type *type = probe_type_find(spec.provider, NULL);

	if (type)
		return show_of_type(listing, type, &spec, suggestion);
	/* The message for what is no probe type is the language's own. */
	error = show_spec(listing, pattern, NULL, suggestion, &count);
	if (error && !suggestion->best && spec.count == 0)
		suggestion->best = arena_printf(&listing->arena, "*%s*", pattern);
	return error;
}

struct error *listing_show(
	struct listing *listing, const char *pattern, struct suggestion *suggestion)
{
	if (definition_is(pattern))
		return definition_show(listing, pattern, suggestion);
	return show_probes(listing, pattern, suggestion);
}
