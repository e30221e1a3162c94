/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Static probes of programs and libraries (USDT), from the notes of the ELF file. A probe can have
 * several locations with different operands for its arguments: each is a match, all of one name.
 */
#include "rows.h"

#include <errno.h>
#include <string.h>

#include "absence.h"
#include "libcommon/base/hashmap.h"
#include "libcommon/base/str.h"
#include "libcommon/elf/stapsdt.h"
#include "libcommon/host/arch.h"
#include "target.h"

/* "usdt:PATH:PROVIDER:NAME" or "usdt:PATH:NAME". */
struct wanted {
	const char *provider; /* "*" when it may be any */
	const char *name;
	bool is_unique; /* the provider was omitted, so only one may match */
};

/* A search in one file or several, and its result. */
struct search {
	const struct probe_ops *type;
	const struct probe_world *world;
	const struct probe_spec *spec;
	struct arena *arena;
	const char *path;
	struct wanted wanted;
	bool is_everywhere; /* the path was omitted: all files of the process */
	size_t notes;       /* examined so far */
	struct hashmap providers;
	struct suggestion nearest;
};

/* A file with its notes. */
struct source {
	const struct target *target;
	bool is_optional; /* of its matches */
	struct elf *elf;
	const struct arch *arch;
	struct arena *arena;
	stapsdts notes;
	struct hashmap locations; /* number of locations so far, by probe name */
};

static struct error *parse(
	const struct probe_ops *type, const struct probe_spec *spec, struct wanted *ret)
{
	if (spec->count != 2 && spec->count != 3)
		return probe_misses(spec, type);
	ret->name = spec->parts[spec->count - 1];
	ret->provider = spec->count == 3 && *spec->parts[1] ? spec->parts[1] : "*";
	ret->is_unique = (spec->count == 2 || !*spec->parts[1]) && !spec_is_wildcard(ret->name);
	return *ret->name ? NULL : probe_misses(spec, type);
}

/* Compares names without quotes, which macros add that stringify a string. */
static bool is_meant(const char *pattern, const char *name)
{
	_cleanup_str_ struct str plain = STR_INIT;

	if (spec_wildcard(pattern, name))
		return true;
	if (!strchr(name, '"'))
		return false;
	for (const char *at = name; *at; at++) {
		if (*at != '"')
			str_append_char(&plain, *at);
	}
	return spec_wildcard(pattern, str_text(&plain));
}

static bool is_wanted(const struct wanted *wanted, const struct stapsdt *note)
{
	return is_meant(wanted->provider, note->provider) && is_meant(wanted->name, note->name);
}

/* Counts a location of the probe; returns how many came before. */
static uint32_t count_location(struct source *source, const char *name)
{
	void **slot = hashmap_text_slot(&source->locations, name);
	uintptr_t before = (uintptr_t)*slot;

	*slot = (void *)(before + 1);
	return (uint32_t)before;
}

static bool find_symbol(void *context, const char *name, uint64_t *ret)
{
	return elf_symbol_address(context, name, ret, NULL);
}

static const char *full_name(
	const struct probe_ops *type, const struct source *source, const struct stapsdt *note)
{
	struct arena *arena = source->arena;

	return arena_printf(arena, "%s:%s:%s:%s", type->name,
		spec_spell(source->target->shown, arena), spec_spell(note->provider, arena),
		spec_spell(note->name, arena));
}

/* Adds a location; ignores an address outside of the file's code, which a hostile note can have. */
static void add(const struct probe_ops *type, struct source *source, const struct stapsdt *note,
	probe_matches *ret)
{
	struct operand_symbols symbols = {find_symbol, source->elf};
	struct operands *operands = arena_new(source->arena, struct operands);
	struct probe_match match = {
		.type = type,
		.name = full_name(type, source, note),
		.function = note->name,
		.context = CONTEXT_USDT,
		.attach = ATTACH_UPROBE,
		.target = source->target->path,
		.process = source->target->process,
		.origin = source->target->origin,
		.debug_process = source->target->debug_process,
		.event = note->name,
		.optional = source->is_optional,
		.operands = operands,
	};

	if (!elf_code_offset(source->elf, note->address, &match.address))
		return;
	if (note->semaphore && !elf_data_offset(source->elf, note->semaphore, &match.semaphore))
		return;
	*operands = operands_parse(
		source->arch, note->arguments, note->address, &symbols, source->arena);
	match.location = count_location(source, match.name);
	vec_push(ret, match);
}

/* Keeps the full name of the probe with the nearest name. */
static void offer(struct search *search, const struct source *source, const struct stapsdt *note)
{
	struct suggestion before = search->nearest;

	suggest_offer(&search->nearest, note->name);
	if (search->nearest.best != before.best)
		search->nearest.best = full_name(search->type, source, note);
}

/* The error when a probe without wildcards was not found. */
static struct error *no_probe(const struct search *search, const struct target *target)
{
	const char *text = search->spec->text;

	if (search->is_everywhere)
		return error_new(ENOENT,
			"No probes found for %s: no program or library of process %d has it", text,
			search->world->pid);
	if (search->notes == 0)
		return error_new(ENOENT, "%s has no static probes", target->shown);
	return error_new(ENOENT, "No probes found for %s", text);
}

static struct error *match_source(struct search *search, struct source *source, probe_matches *ret)
{
	const struct stapsdt *note;

	stapsdt_read(source->elf, source->arena, &source->notes);
	search->notes += source->notes.count;
	vec_for_each (&source->notes, note) {
		offer(search, source, note);
		if (!is_wanted(&search->wanted, note))
			continue;
		*hashmap_text_slot(&search->providers, note->provider) = search;
		add(search->type, source, note, ret);
	}
	if (search->providers.count > 0)
		return NULL;
	return absence_damage(source->target->shown, source->elf, source->arena);
}

static void source_deinit(struct source *source)
{
	elf_close(source->elf);
	vec_deinit(&source->notes);
	hashmap_deinit(&source->locations);
}

/* Searches a file; one of several that cannot be read is skipped. */
static struct error *match_targets(
	struct search *search, const struct targets *targets, probe_matches *ret)
{
	const struct target *target;

	vec_for_each (&targets->items, target) {
		_cleanup_(source_deinit) struct source source = {
			.target = target,
			.arch = host_arch(search->world->host),
			.arena = search->arena,
			.is_optional = spec_is_wildcard(search->path) ||
				       spec_is_wildcard(search->wanted.name),
		};
		struct error *error = target_open(targets, target, &source.elf);

		if (!error)
			error = match_source(search, &source, ret);
		if (error && !targets->several)
			return error;
		error_free(error);
	}
	return NULL;
}

/* Checks the result: not empty, and unique where the provider was omitted. */
static struct error *check_found(
	const struct search *search, const struct targets *targets, size_t found)
{
	const struct wanted *wanted = &search->wanted;
	bool is_one = !targets->several || search->is_everywhere;

	if (is_one && wanted->is_unique && search->providers.count > 1)
		return error_new(EINVAL,
			"namespace for %s not specified, matched %zu probes; specify a unique "
			"namespace or use '*' to attach to all matched probes",
			search->spec->text, search->providers.count);
	if (found == 0 && targets->several) {
		struct error *error = target_check_limits(targets);

		if (error)
			return error;
	}
	if (found > 0 || !is_one || spec_is_wildcard(wanted->name))
		return NULL;
	return no_probe(search, targets->items.items);
}

static struct error *match_path(
	struct search *search, struct suggestion *suggestion, probe_matches *ret)
{
	_cleanup_targets_ struct targets targets = {};
	size_t before = ret->count;

	search->is_everywhere = !*search->path && search->world->pid;
	search->nearest = suggest_start(search->wanted.name);

	struct error *error = target_find(search->type, search->world,
		search->is_everywhere ? "*" : search->path, search->arena, &targets);

	if (!error)
		error = match_targets(search, &targets, ret);
	if (!error && ret->count == before && search->spec->count == 2 &&
		spec_is_wildcard(search->wanted.name)) {
		/* not a probe name, but part of a provider's name */
		search->wanted.provider = search->wanted.name;
		search->wanted.name = "*";
		error = match_targets(search, &targets, ret);
	}
	if (!error)
		error = check_found(search, &targets, ret->count - before);
	if (error && search->nearest.best && suggestion)
		*suggestion = search->nearest;
	hashmap_deinit(&search->providers);
	return error;
}

/* Reads "usdt:PROVIDER:NAME" with -p or -c as a probe of any file of the process, when PROVIDER is
 * no file with that probe. */
static struct error *match_provider(const struct search *other, struct error *error,
	struct suggestion *suggestion, probe_matches *ret)
{
	const struct probe_world *world = other->world;
	struct search search = *other;

	if (error->number != ENOENT || search.spec->count != 2 || !*search.path ||
		strchr(search.path, '/') || (!world->pid && !world->program))
		return error;
	search.wanted = (struct wanted){.provider = search.path, .name = other->wanted.name};
	search.path = "";
	search.providers = HASHMAP_INIT;
	error_free(error);
	return match_path(&search, suggestion, ret);
}

static struct error *match(const struct probe_ops *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	struct search search = {
		.type = type,
		.world = world,
		.spec = spec,
		.arena = arena,
		.providers = HASHMAP_INIT,
	};
	struct error *error = parse(type, spec, &search.wanted);

	if (error)
		return error;
	search.path = spec->parts[0];
	error = match_path(&search, suggestion, ret);
	return error ? match_provider(&search, error, suggestion, ret) : NULL;
}

/* "    int32 arg0 @ -4@%edi" */
static struct error *declare(
	const struct probe_world *world _unused_, const struct probe_match *match, struct str *out)
{
	const struct operands *operands = match->operands;

	for (size_t i = 0; i < operands->count; i++) {
		const struct operand *operand = &operands->items[i];

		if (operand->kind == OPERAND_OTHER)
			str_printf(out, "    arg%zu: %s (%s)\n", i, operand->why, operand->text);
		else
			str_printf(out, "    %s%u arg%zu (%s)\n",
				operand->is_signed ? "int" : "uint", operand->size * 8U, i,
				operand->text);
	}
	if (match->semaphore)
		str_printf(out, "    semaphore at 0x%llx\n", (unsigned long long)match->semaphore);
	return NULL;
}

const struct probe_ops probes_usdt[1] = {
	{
		.name = "usdt",
		.aliases = {"U"},
		.spelling = "usdt:PATH:PROVIDER:NAME",
		.alternative = "usdt:PATH:NAME",
		.doc = "static probe of a program or library",
		.wildcard = true,
		.match = match,
		.declare = declare,
	},
};
