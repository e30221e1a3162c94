/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of programs and libraries, at entry (uprobe) and return (uretprobe). The kernel
 * attaches by offset in the file; symbols and addresses become one through the file's own tables,
 * or those of its debug file. Several names of one place are one match, so that a wildcard counts
 * each call once.
 */
#include "rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libcommon/elf/debugfile.h"
#include "libcommon/elf/demangle.h"
#include "libcommon/elf/dwarf.h"
#include "libcommon/elf/golang.h"
#include "target.h"

/* A function that is meant. */
struct function {
	const char *name;
	const char *shown; /* in the probe's name, where that differs: "cpp:\"ns::fn(int)\"" */
	uint64_t address;
	uint64_t inside; /* of an address: bytes from the begin of the function around it */
	uint64_t size;
	bool is_hidden; /* local, or an old version: there may be another of the name */
};

typedef VEC(struct function) functions;

/* What is looked for in a file, and what was found. */
struct search {
	const char *pattern;
	bool demangled; /* pattern is for names as programmers write them */
	struct arena *arena;
	functions found;
	bool is_indirect; /* one that matches, which is not among the found */
};

/* The parts of "uprobe:PATH:FUNCTION+OFFSET" or "uprobe:PATH:ADDRESS". */
struct place {
	const char *symbol; /* NULL: an address */
	uint64_t number;    /* offset or address */
	bool demangled;     /* cpp */
	bool is_pattern;    /* may be any number of functions */
	bool is_optional;   /* one of many: they are traced without it if need be */
};

/* What the attach point asks of one file. */
struct query {
	const struct probe_type *type;
	const struct probe_world *world;
	const struct place *place;
	const struct target *target;
	const struct host *host;
	struct elf *elf;
	struct arena *arena;
};

/* A pattern with a parenthesis is compared with the types of parameters, too. Names of C are as
 * they are. */
static bool is_meant(const struct search *search, const char *name)
{
	if (probe_wildcard(search->pattern, name))
		return true;
	if (!search->demangled)
		return false;

	_cleanup_free_ char *plain = demangle(name, strchr(search->pattern, '('));

	return plain && probe_wildcard(search->pattern, plain);
}

static void search_functions(const struct elf_symbol *symbol, void *context)
{
	struct search *search = context;

	if (!is_meant(search, symbol->name))
		return;
	if (symbol->is_indirect) {
		search->is_indirect = true;
		return;
	}

	_cleanup_free_ char *full = search->demangled ? demangle(symbol->name, true) : NULL;

	*vec_add(&search->found) = (struct function){
		.name = arena_strdup(search->arena, full ? full : symbol->name),
		.shown = full ? arena_printf(search->arena, "cpp:\"%s\"", full) : NULL,
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
	search->found.items[0].inside = wanted->address - symbol->address;
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

static bool is_return(const struct query *query)
{
	return query->type == &probes_uprobe[1];
}

static const char *full_name(
	const struct query *query, const struct function *function, uint64_t offset)
{
	const char *type = query->type->name, *path = query->target->shown;
	const char *name = function->shown ? function->shown : function->name;

	if (!query->place->symbol)
		return arena_printf(query->arena, "%s:%s:%llu", type, path,
			(unsigned long long)function->address);
	if (offset)
		return arena_printf(query->arena, "%s:%s:%s+%llu", type, path, name,
			(unsigned long long)offset);
	return arena_printf(query->arena, "%s:%s:%s", type, path, name);
}

/* Adds the function, moved by offset; false when that is not code in the file. */
static bool add(const struct query *query, const struct function *function, uint64_t offset,
	probe_matches *ret)
{
	struct probe_match match = {
		.type = query->type,
		.function = function->name ? function->name : "",
		.context = is_return(query) ? CONTEXT_REGS_RETURN : CONTEXT_REGS,
		.attach = ATTACH_UPROBE,
		.target = query->target->path,
		.process = query->target->process,
		.event = function->name ? function->name : "",
		.is_return = is_return(query),
		.optional = query->place->is_optional,
	};

	if (!elf_code_offset(query->elf, function->address + offset, &match.address))
		return false;
	match.name = full_name(query, function, offset);
	match.inside = function->inside + offset;
	match.is_lost = !function->name;
	match.code_file = query->target->shown;
	if (match.inside)
		match.code = elf_code(query->elf, function->address - function->inside,
			match.inside + LONGEST_INSTRUCTION, query->arena, &match.code_size);
	vec_push(ret, match);
	return true;
}

static struct error *match_address(const struct query *query, probe_matches *ret)
{
	struct search search = {.arena = query->arena};

	vec_add(&search.found)->address = query->place->number;

	struct error *error = debugfile_functions(query->host, query->elf, search_address, &search);
	struct function function = search.found.items[0];

	vec_deinit(&search.found);
	if (error)
		return error;
	if (!add(query, &function, 0, ret))
		return error_new(EINVAL, "%s has no code at address 0x%llx", query->target->shown,
			(unsigned long long)query->place->number);
	return NULL;
}

static struct error *find_functions(const struct query *query, struct search *ret)
{
	*ret = (struct search){
		.pattern = query->place->symbol,
		.demangled = query->place->demangled,
		.arena = query->arena,
	};

	struct error *error = debugfile_functions(query->host, query->elf, search_functions, ret);

	unify(&ret->found);
	return error;
}

static struct error *match_pattern(const struct query *query, probe_matches *ret)
{
	struct search search;
	struct error *error = find_functions(query, &search);
	const struct function *function;

	if (!error) {
		vec_for_each (&search.found, function)
			add(query, function, 0, ret);
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

static struct error *no_symbol(const struct query *query, struct suggestion *suggestion)
{
	const char *symbol = query->place->symbol, *shown = query->target->shown;
	struct nearest nearest = {suggest_start(symbol), query->arena};
	struct error *error = debugfile_functions(query->host, query->elf, offer, &nearest);

	if (error)
		return error;
	if (suggestion && nearest.suggestion.best) {
		*suggestion = nearest.suggestion;
		suggestion->best = arena_printf(query->arena, "%s:%s:%s", query->type->name, shown,
			nearest.suggestion.best);
	}
	return error_new(ENOENT, "Could not resolve symbol: %s:%s", shown, symbol);
}

/* A function may be entered at its begin only when its return is wanted; an offset stays inside. */
static struct error *check_offset(const struct query *query, const struct function *function)
{
	uint64_t offset = query->place->number;

	if (offset == 0)
		return NULL;
	if (is_return(query))
		return error_new(EINVAL, "%s takes no offset", query->type->name);
	if (function->size != 0 && offset >= function->size)
		return error_new(EINVAL, "offset %llu is outside of %s, which has %llu bytes",
			(unsigned long long)offset, function->name,
			(unsigned long long)function->size);
	return NULL;
}

static struct error *match_symbol(
	const struct query *query, struct suggestion *suggestion, probe_matches *ret)
{
	const char *symbol = query->place->symbol, *shown = query->target->shown;
	struct search search;
	struct error *error = find_functions(query, &search);
	struct function function = {};

	if (search.found.count > 0)
		function = search.found.items[0];
	vec_deinit(&search.found);
	if (error)
		return error;
	if (search.is_indirect)
		return error_new(ENOTSUP,
			"%s:%s is an indirect function: which code its callers get is decided when "
			"they start",
			shown, symbol);
	if (!function.name)
		return no_symbol(query, suggestion);
	error = check_offset(query, &function);
	if (!error && !add(query, &function, query->place->number, ret))
		error = error_new(EINVAL, "%s:%s is no code", shown, symbol);
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

static struct error *parse_place(const struct probe_type *type, const struct probe_spec *spec,
	struct arena *arena, struct place *ret)
{
	ret->demangled = spec->count == 3 && strcmp(spec->parts[1], "cpp") == 0;
	if (spec->count != 2 && !ret->demangled)
		return spec_misses(spec, type);

	struct error *error = parse_function(arena, spec->parts[spec->count - 1], ret);

	/* Functions of C++ can share a name: those of all parameter types are meant. */
	if (!error && ret->symbol)
		ret->is_pattern = ret->demangled || spec_is_wildcard(ret->symbol);
	return error;
}

static struct error *check_golang(const struct query *query)
{
	if (!is_return(query) || query->world->unsafe || !golang_made(query->elf))
		return NULL;
	return error_new(ENOTSUP,
		"%s is a Go program, which a uretprobe would crash: Go moves stacks, return "
		"addresses and all; use uprobes, or --unsafe",
		query->target->shown);
}

static struct error *match_target(
	const struct query *query, bool several, struct suggestion *suggestion, probe_matches *ret)
{
	size_t before = ret->count;
	struct error *error = check_golang(query);

	if (error)
		return error;
	if (!query->place->symbol)
		return match_address(query, ret);
	if (!query->place->is_pattern)
		return match_symbol(query, suggestion, ret);
	error = match_pattern(query, ret);
	if (!error && !several && ret->count == before && !spec_is_wildcard(query->place->symbol))
		error = no_symbol(query, suggestion);
	return error;
}

static struct error *match(const struct probe_type *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	_cleanup_targets_ struct targets targets = {};
	struct place place = {};
	const struct target *target;
	struct error *error = parse_place(type, spec, arena, &place);

	if (!error)
		error = target_find(type, world, spec->parts[0], arena, &targets);
	if (error)
		return error;
	place.is_optional = place.is_pattern || targets.several;
	vec_for_each (&targets.items, target) {
		_cleanup_elf_ struct elf *elf = NULL;
		struct query query = {
			type, world, &place, target, target_host(&targets, target), NULL, arena};

		error = target_open(&targets, target, &elf);
		query.elf = elf;
		if (!error)
			error = match_target(
				&query, targets.several, targets.several ? NULL : suggestion, ret);
		if (error && !targets.several)
			return error;
		error_free(error);
	}
	return NULL;
}

/* Arguments, or the result, as debug information has them; a place inside of a function has none.
 */
static struct error *declare(
	const struct probe_world *world, const struct probe_match *match, struct str *out)
{
	_cleanup_elf_ struct elf *elf = NULL;
	_cleanup_str_ struct str path = STR_INIT;
	uint64_t address;

	if (match->process)
		str_printf(&path, "/proc/%d/root", match->process);
	str_append(&path, match->target);

	struct error *error = elf_open(world->host, path.data, &elf);

	if (!error && elf_code_address(elf, match->address, &address))
		error = dwarf_declare(world->host, elf, address, match->is_return, out);
	return error;
}

const struct probe_type probes_uprobe[2] = {
	{
		.name = "uprobe",
		.aliases = {"u"},
		.spelling = "uprobe:PATH:FUNCTION",
		.doc = "entry of a function in a program or library",
		.wildcard = true,
		.match = match,
		.declare = declare,
	},
	{
		.name = "uretprobe",
		.aliases = {"ur"},
		.spelling = "uretprobe:PATH:FUNCTION",
		.doc = "return from a function in a program or library",
		.wildcard = true,
		.match = match,
		.declare = declare,
	},
};
