/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of programs and libraries, at entry (uprobe) and return (uretprobe). The kernel
 * attaches by offset in the file; symbols and addresses become one through the file's own tables.
 * Several names of one place are one match, so that a wildcard counts each call once.
 */
#include "rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libcommon/elf/elf.h"
#include "libcommon/elf/locate.h"

/* A function that is meant. */
struct function {
	const char *name;
	uint64_t address;
	uint64_t size;
	bool is_hidden; /* local, or an old version: there may be another of the name */
};

typedef VEC(struct function) functions;

/* What is looked for in a file, and what was found. */
struct search {
	const char *pattern;
	struct arena *arena;
	functions found;
	bool is_indirect; /* one that matches, which is not among the found */
};

/* The parts of "uprobe:PATH:FUNCTION+OFFSET" or "uprobe:PATH:ADDRESS". */
struct place {
	const char *shown;  /* path as names show it: as written, or what a short name stands for */
	const char *path;   /* absolute */
	const char *symbol; /* NULL: an address */
	uint64_t number;    /* offset or address */
};

static void search_functions(const struct elf_symbol *symbol, void *context)
{
	struct search *search = context;

	if (!probe_wildcard(search->pattern, symbol->name))
		return;
	if (symbol->is_indirect) {
		search->is_indirect = true;
		return;
	}
	*vec_add(&search->found) = (struct function){
		.name = arena_strdup(search->arena, symbol->name),
		.address = symbol->address,
		.size = symbol->size,
		.is_hidden = symbol->is_local || symbol->is_old,
	};
}

/* The function around an address, in the first item. */
static void search_address(const struct elf_symbol *symbol, void *context)
{
	struct search *search = context;
	const struct function *wanted = &search->found.items[0];

	if (wanted->name || wanted->address < symbol->address ||
		wanted->address - symbol->address >= symbol->size)
		return;
	search->found.items[0].name = arena_strdup(search->arena, symbol->name);
}

/* Of the names of one place, plain ones come before those with leading underscores. */
static int compare_places(const void *a, const void *b)
{
	const struct function *one = a, *other = b;
	size_t one_under = strspn(one->name, "_"), other_under = strspn(other->name, "_");

	if (one->address != other->address)
		return one->address < other->address ? -1 : 1;
	if (one_under != other_under)
		return one_under < other_under ? -1 : 1;
	return strcmp(one->name, other->name);
}

/* Of functions with one name, those that other objects call today come first. */
static int compare_names(const void *a, const void *b)
{
	const struct function *one = a, *other = b;
	int order = strcmp(one->name, other->name);

	if (order == 0)
		order = one->is_hidden - other->is_hidden;
	if (order == 0)
		order = one->address < other->address ? -1 : one->address > other->address;
	return order;
}

/* Leaves one name of each place, sorted by name. */
static void unify(functions *found)
{
	size_t kept = 0;

	if (found->count == 0)
		return;
	qsort(found->items, found->count, sizeof(*found->items), compare_places);
	for (size_t i = 0; i < found->count; i++) {
		if (kept == 0 || found->items[kept - 1].address != found->items[i].address)
			found->items[kept++] = found->items[i];
	}
	found->count = kept;
	qsort(found->items, found->count, sizeof(*found->items), compare_names);
}

/* Adds the function, moved by offset; false when that is not code in the file. */
static bool add(const struct probe_type *type, struct elf *elf, const struct place *place,
	const struct function *function, uint64_t offset, struct arena *arena, probe_matches *ret)
{
	struct probe_match match = {
		.type = type,
		.function = function->name ? function->name : "",
		.context = CONTEXT_REGS,
		.attach = ATTACH_UPROBE,
		.target = place->path,
		.event = function->name ? function->name : "",
	};

	if (!elf_code_offset(elf, function->address + offset, &match.address))
		return false;
	if (type == &probes_uprobe[1]) {
		match.context = CONTEXT_REGS_RETURN;
		match.is_return = true;
	}
	if (!place->symbol)
		match.name = arena_printf(arena, "%s:%s:%llu", type->name, place->shown,
			(unsigned long long)function->address);
	else if (offset)
		match.name = arena_printf(arena, "%s:%s:%s+%llu", type->name, place->shown,
			function->name, (unsigned long long)offset);
	else
		match.name =
			arena_printf(arena, "%s:%s:%s", type->name, place->shown, function->name);
	vec_push(ret, match);
	return true;
}

static struct error *match_address(const struct probe_type *type, struct elf *elf,
	const struct place *place, struct arena *arena, probe_matches *ret)
{
	struct search search = {.arena = arena};

	vec_add(&search.found)->address = place->number;

	struct error *error = elf_functions(elf, search_address, &search);
	struct function function = search.found.items[0];

	vec_deinit(&search.found);
	if (error)
		return error;
	if (!add(type, elf, place, &function, 0, arena, ret))
		return error_new(EINVAL, "%s has no code at address 0x%llx", place->shown,
			(unsigned long long)place->number);
	return NULL;
}

static struct error *match_wildcard(const struct probe_type *type, struct elf *elf,
	const struct place *place, struct arena *arena, probe_matches *ret)
{
	struct search search = {.pattern = place->symbol, .arena = arena};
	struct error *error = elf_functions(elf, search_functions, &search);
	const struct function *function;

	unify(&search.found);
	if (!error) {
		vec_for_each (&search.found, function)
			add(type, elf, place, function, 0, arena, ret);
	}
	vec_deinit(&search.found);
	return error;
}

/* Keeps the nearest name in the suggestion. */
struct nearest {
	struct suggestion suggestion;
	struct arena *arena;
};

static void offer(const struct elf_symbol *symbol, void *context)
{
	struct nearest *nearest = context;
	struct suggestion before = nearest->suggestion;

	suggest_offer(&nearest->suggestion, symbol->name);
	if (nearest->suggestion.best != before.best)
		nearest->suggestion.best = arena_strdup(nearest->arena, symbol->name);
}

static struct error *no_symbol(const struct probe_type *type, struct elf *elf,
	const struct place *place, struct arena *arena, struct suggestion *suggestion)
{
	struct nearest nearest = {suggest_start(place->symbol), arena};
	struct error *error = elf_functions(elf, offer, &nearest);

	if (error)
		return error;
	if (suggestion && nearest.suggestion.best) {
		*suggestion = nearest.suggestion;
		suggestion->best = arena_printf(
			arena, "%s:%s:%s", type->name, place->shown, nearest.suggestion.best);
	}
	return error_new(ENOENT, "Could not resolve symbol: %s:%s", place->shown, place->symbol);
}

/* A function may be entered at its begin only when its return is wanted; an offset stays inside. */
static struct error *check_offset(
	const struct probe_type *type, const struct place *place, const struct function *function)
{
	if (place->number == 0)
		return NULL;
	if (type == &probes_uprobe[1])
		return error_new(EINVAL, "%s takes no offset", type->name);
	if (function->size != 0 && place->number >= function->size)
		return error_new(EINVAL, "offset %llu is outside of %s, which has %llu bytes",
			(unsigned long long)place->number, function->name,
			(unsigned long long)function->size);
	return NULL;
}

static struct error *match_symbol(const struct probe_type *type, struct elf *elf,
	const struct place *place, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	struct search search = {.pattern = place->symbol, .arena = arena};
	struct error *error = elf_functions(elf, search_functions, &search);
	struct function function = {};

	unify(&search.found);
	if (search.found.count > 0)
		function = search.found.items[0];
	vec_deinit(&search.found);
	if (error)
		return error;
	if (search.is_indirect)
		return error_new(ENOTSUP,
			"%s:%s is an indirect function: which code its callers get is decided when "
			"they start",
			place->shown, place->symbol);
	if (!function.name)
		return no_symbol(type, elf, place, arena, suggestion);
	error = check_offset(type, place, &function);
	if (!error && !add(type, elf, place, &function, place->number, arena, ret))
		error = error_new(EINVAL, "%s:%s is no code", place->shown, place->symbol);
	return error;
}

/* "malloc", "malloc+4", "0x1149". */
static struct error *parse_function(struct arena *arena, const char *text, struct place *place)
{
	if (*text >= '0' && *text <= '9')
		return probe_number(text, &place->number)
			       ? NULL
			       : error_new(EINVAL, "'%s' is not an address", text);

	const char *plus = strrchr(text, '+');

	if (plus && !probe_number(plus + 1, &place->number))
		return error_new(EINVAL, "'%s' is not an offset", plus + 1);
	place->symbol = arena_strndup(arena, text, plus ? (size_t)(plus - text) : strlen(text));
	if (*place->symbol == '\0')
		return error_new(EINVAL, "'%s' names no function", text);
	if (plus && spec_is_wildcard(place->symbol))
		return error_new(EINVAL, "'%s': an offset needs one function", text);
	return NULL;
}

static struct error *parse_place(const struct probe_type *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct place *ret)
{
	if (spec->count == 3 && strcmp(spec->parts[1], "cpp") == 0)
		return error_new(ENOTSUP, "%s: names of C++ are not available yet", type->name);
	if (spec->count != 2)
		return spec_misses(spec, type);

	const char *path = spec->parts[0];

	if (spec_is_wildcard(path))
		return error_new(
			ENOTSUP, "%s: wildcards in the path are not available yet", type->name);

	struct error *error = parse_function(arena, spec->parts[1], ret);

	if (error)
		return error;
	ret->path = locate_binary(world->host, getenv("PATH"), path, arena);
	if (!ret->path)
		return error_new(ENOENT, "%s target file '%s' does not exist or is not executable",
			type->name, path);
	ret->shown = strchr(path, '/') ? path : ret->path;
	return NULL;
}

static struct error *match(const struct probe_type *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	_cleanup_elf_ struct elf *elf = NULL;
	struct place place = {};
	struct error *error = parse_place(type, world, spec, arena, &place);

	if (!error)
		error = elf_open(world->host, place.path, &elf);
	if (error)
		return error;
	if (!place.symbol)
		return match_address(type, elf, &place, arena, ret);
	if (spec_is_wildcard(place.symbol))
		return match_wildcard(type, elf, &place, arena, ret);
	return match_symbol(type, elf, &place, arena, suggestion, ret);
}

const struct probe_type probes_uprobe[2] = {
	{
		.name = "uprobe",
		.aliases = {"u"},
		.spelling = "uprobe:PATH:FUNCTION",
		.doc = "entry of a function in a program or library",
		.wildcard = true,
		.match = match,
	},
	{
		.name = "uretprobe",
		.aliases = {"ur"},
		.spelling = "uretprobe:PATH:FUNCTION",
		.doc = "return from a function in a program or library",
		.wildcard = true,
		.match = match,
	},
};
