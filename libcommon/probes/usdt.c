/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Static probes of programs and libraries (USDT), by the notes in the file. A probe can be at
 * several places, each with its arguments elsewhere: all of them are matches of one name.
 */
#include "rows.h"

#include <errno.h>
#include <string.h>

#include "libcommon/base/hashmap.h"
#include "libcommon/elf/stapsdt.h"
#include "libcommon/host/arch.h"
#include "target.h"

/* "usdt:PATH:PROVIDER:NAME" or "usdt:PATH:NAME". */
struct wanted {
	const char *provider; /* "*" when it may be any */
	const char *name;
	bool is_unique; /* the provider was left out, so there must be one only */
};

/* A file with its notes. */
struct source {
	const struct target *target;
	bool is_optional; /* its probes: one of many */
	struct elf *elf;
	struct arena *arena;
	stapsdts notes;
	struct hashmap places; /* probes by name: how many places of each have come */
};

static struct error *parse(
	const struct probe_type *type, const struct probe_spec *spec, struct wanted *ret)
{
	if (spec->count != 2 && spec->count != 3)
		return spec_misses(spec, type);
	ret->name = spec->parts[spec->count - 1];
	ret->provider = spec->count == 3 && *spec->parts[1] ? spec->parts[1] : "*";
	ret->is_unique = (spec->count == 2 || !*spec->parts[1]) && !spec_is_wildcard(ret->name);
	return *ret->name ? NULL : spec_misses(spec, type);
}

static bool is_wanted(const struct wanted *wanted, const struct stapsdt *note)
{
	return probe_wildcard(wanted->provider, note->provider) &&
	       probe_wildcard(wanted->name, note->name);
}

/* How many places of the probe came before. */
static uint32_t count_place(struct source *source, const char *name)
{
	void **slot = hashmap_text_slot(&source->places, name);
	uintptr_t before = (uintptr_t)*slot;

	*slot = (void *)(before + 1);
	return (uint32_t)before;
}

static bool find_symbol(void *context, const char *name, uint64_t *ret)
{
	return elf_symbol_address(context, name, ret);
}

/* Adds a place; one that is not in the file's code, as hostile notes may say, is left out. */
static void add(const struct probe_type *type, struct source *source, const struct stapsdt *note,
	probe_matches *ret)
{
	struct operand_symbols symbols = {find_symbol, source->elf};
	struct operands *operands = arena_new(source->arena, struct operands);
	struct probe_match match = {
		.type = type,
		.name = arena_printf(source->arena, "%s:%s:%s:%s", type->name,
			source->target->shown, note->provider, note->name),
		.function = note->name,
		.context = CONTEXT_USDT,
		.attach = ATTACH_UPROBE,
		.target = source->target->path,
		.process = source->target->process,
		.event = note->name,
		.optional = source->is_optional,
		.operands = operands,
	};

	if (!elf_code_offset(source->elf, note->address, &match.address))
		return;
	if (note->semaphore && !elf_data_offset(source->elf, note->semaphore, &match.semaphore))
		return;
	*operands = operands_parse(
		arch_native(), note->arguments, note->address, &symbols, source->arena);
	match.place = count_place(source, match.name);
	vec_push(ret, match);
}

/* How many providers have the probe. */
static size_t count_providers(const struct source *source, const struct wanted *wanted)
{
	struct hashmap seen = HASHMAP_INIT;
	const struct stapsdt *note;

	vec_for_each (&source->notes, note) {
		if (is_wanted(wanted, note))
			*hashmap_text_slot(&seen, note->provider) = &seen;
	}

	size_t count = seen.count;

	hashmap_deinit(&seen);
	return count;
}

static struct error *no_probe(const struct probe_type *type, const struct source *source,
	const struct wanted *wanted, const struct probe_spec *spec, struct suggestion *suggestion)
{
	struct suggestion nearest = suggest_start(wanted->name);
	const char *shown = source->target->shown;
	const struct stapsdt *note, *best = NULL;

	vec_for_each (&source->notes, note) {
		suggest_offer(&nearest, note->name);
		if (nearest.best == note->name)
			best = note;
	}
	if (best && suggestion) {
		nearest.best = arena_printf(source->arena, "%s:%s:%s:%s", type->name, shown,
			best->provider, best->name);
		*suggestion = nearest;
	}
	if (source->notes.count == 0)
		return error_new(ENOENT, "%s has no static probes", shown);
	return error_new(ENOENT, "No probes found for %s", spec->text);
}

static struct error *match_source(const struct probe_type *type, struct source *source,
	const struct wanted *wanted, const struct probe_spec *spec, bool several,
	struct suggestion *suggestion, probe_matches *ret)
{
	const struct stapsdt *note;
	size_t before = ret->count;

	stapsdt_read(source->elf, source->arena, &source->notes);

	size_t providers = wanted->is_unique && !several ? count_providers(source, wanted) : 1;

	if (providers > 1)
		return error_new(EINVAL,
			"namespace for %s not specified, matched %zu probes; specify a unique "
			"namespace or use '*' to attach to all matched probes",
			spec->text, providers);
	vec_for_each (&source->notes, note) {
		if (is_wanted(wanted, note))
			add(type, source, note, ret);
	}
	if (ret->count > before || several || spec_is_wildcard(wanted->name))
		return NULL;
	return no_probe(type, source, wanted, spec, suggestion);
}

static void source_deinit(struct source *source)
{
	elf_close(source->elf);
	vec_deinit(&source->notes);
	hashmap_deinit(&source->places);
}

static struct error *match(const struct probe_type *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	_cleanup_targets_ struct targets targets = {};
	struct wanted wanted = {};
	const struct target *target;
	struct error *error = parse(type, spec, &wanted);

	if (!error)
		error = target_find(type, world, spec->parts[0], arena, &targets);
	if (error)
		return error;
	vec_for_each (&targets.items, target) {
		_cleanup_(source_deinit) struct source source = {
			.target = target,
			.arena = arena,
			.is_optional = targets.several || spec_is_wildcard(wanted.name),
		};

		error = target_open(&targets, target, &source.elf);
		if (!error)
			error = match_source(
				type, &source, &wanted, spec, targets.several, suggestion, ret);
		if (error && !targets.several)
			return error;
		error_free(error);
	}
	return NULL;
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

const struct probe_type probes_usdt[1] = {
	{
		.name = "usdt",
		.aliases = {"U"},
		.spelling = "usdt:PATH:PROVIDER:NAME",
		.doc = "static probe of a program or library",
		.wildcard = true,
		.match = match,
		.declare = declare,
	},
};
