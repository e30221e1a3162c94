/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of programs and libraries, at entry (uprobe) and return (uretprobe). The kernel
 * attaches by file offset; symbols and addresses are converted by the file's own tables, or those
 * of its debug file. Aliases of one address are one match, so that a wildcard counts each call
 * once.
 */
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "absence.h"
#include "function.h"
#include "libcommon/elf/cppname.h"
#include "libcommon/elf/debugfile.h"
#include "libcommon/elf/golang.h"
#include "parameters.h"
#include "renamed.h"
#include "return_danger.h"
#include "source_line.h"
#include "target.h"

/* What is wanted of the file: the part behind PATH of "uprobe:PATH:FUNCTION+OFFSET",
 * "uprobe:PATH:ADDRESS" or "uprobe:PATH@FILE:LINE". */
struct wanted {
	struct source_line line; /* its number is 0: a symbol or an address */
	const char *symbol;      /* NULL: an address */
	const char *pattern;
	uint64_t number;  /* offset or address */
	bool demangled;   /* cpp */
	bool is_pattern;  /* can match any number of functions */
	bool is_optional; /* a member of a wildcard: skipped when it cannot be attached */
};

/* The search for an attach point's functions in one file. */
struct query {
	const struct probe_ops *type;
	const struct probe_world *world;
	const struct wanted *wanted;
	const struct target *target;
	const struct host *host;
	struct elf *elf;
	struct arena *arena;
};

/* The function that contains an address. */
struct enclosing {
	struct function function;
	struct arena *arena;
};

static void find_enclosing(const struct elf_symbol *symbol, void *context)
{
	struct enclosing *enclosing = context;
	struct function *function = &enclosing->function;

	if (function->address < symbol->address ||
		function->address - symbol->address >= symbol->size)
		return;
	/* Symbols can overlap: the one that starts nearest is the function. */
	if (function->name && function->function_offset <= function->address - symbol->address)
		return;
	function->function_offset = function->address - symbol->address;
	function->name = arena_strdup(enclosing->arena, symbol->name);
}

static bool is_return(const struct query *query)
{
	return query->type == &probes_uprobe[1];
}

static const char *full_name(
	const struct query *query, const struct function *function, uint64_t offset)
{
	const char *type = query->type->name, *name = function->shown;
	const char *path = spec_spell(query->target->shown, query->arena);

	if (!query->wanted->symbol)
		return arena_printf(query->arena, "%s:%s:%llu", type, path,
			(unsigned long long)function->address);
	if (offset)
		return arena_printf(query->arena, "%s:%s:%s+%llu", type, path, name,
			(unsigned long long)offset);
	return arena_printf(query->arena, "%s:%s:%s", type, path, name);
}

/* A match in the file, whose place is not known. */
static struct probe_match match_in_file(const struct query *query)
{
	return (struct probe_match){
		.type = query->type,
		.context = is_return(query) ? CONTEXT_REGS_RETURN : CONTEXT_REGS,
		.attach = ATTACH_UPROBE,
		.target = query->target->path,
		.process = query->target->process,
		.origin = query->target->origin,
		.debug_process = query->target->debug_process,
		.is_return = is_return(query),
		.optional = query->wanted->is_optional,
		.code_file = query->target->shown,
	};
}

/* Adds a match at offset bytes from the function's start; false when the file has no code there. */
static bool add_match(const struct query *query, const struct function *function, uint64_t offset,
	probe_matches *ret)
{
	struct probe_match match = match_in_file(query);

	match.event = match.function = function->name ? function->name : "";
	if (!elf_code_offset(query->elf, function->address + offset, &match.address))
		return false;
	match.name = full_name(query, function, offset);
	match.function_offset = function->function_offset + offset;
	match.start_unknown = !function->name;
	if (is_return(query))
		match.refusal = return_danger(query->world, query->elf, function);
	if (match.function_offset)
		match.code = elf_code(query->elf, function->address - function->function_offset,
			match.function_offset + LONGEST_INSTRUCTION, query->arena,
			&match.code_size);
	vec_push(ret, match);
	return true;
}

/* Returns an error for a return probe that is refused and was not matched by a wildcard. */
static struct error *check_return(const struct probe_match *match)
{
	if (!match->is_return || !match->refusal)
		return NULL;
	return error_new(EPERM,
		"%s can crash the traced program: %s; use --unsafe to attach it anyway",
		match->name, match->refusal);
}

static struct error *match_address(const struct query *query, uint64_t address, probe_matches *ret)
{
	struct enclosing enclosing = {{.address = address}, query->arena};
	struct error *error =
		debugfile_functions(query->host, query->elf, find_enclosing, &enclosing);

	if (error)
		return error;
	if (!add_match(query, &enclosing.function, 0, ret))
		return error_new(EINVAL, "%s has no code at address 0x%llx", query->target->shown,
			(unsigned long long)address);
	return query->wanted->is_optional ? NULL : check_return(vec_last(ret));
}

static struct error *match_line(
	const struct query *query, struct suggestion *suggestion, probe_matches *ret)
{
	_cleanup_linecode_ struct linecode code = {};
	const struct probe_match match = match_in_file(query);
	struct error *error;
	const uint64_t *address;

	if (is_return(query))
		return error_new(EINVAL, "%s takes no line: a function returns as a whole",
			query->type->name);
	error = source_line_find(
		query->world, &match, &query->wanted->line, query->arena, suggestion, &code);
	vec_for_each (&code.addresses, address) {
		if (!error)
			error = match_address(query, *address, ret);
	}
	return error;
}

static struct function_query function_query_of(const struct query *query)
{
	return (struct function_query){
		.name = query->wanted->pattern,
		.demangled = query->wanted->demangled,
		.arena = query->arena,
	};
}

/* Adds the functions and returns how many; those of one name are locations of one probe. */
static size_t add_functions(
	const struct query *query, const functions *found, uint64_t offset, probe_matches *ret)
{
	size_t before = ret->count;
	const struct function *function;

	vec_for_each (found, function) {
		const struct probe_match *last = ret->count > before ? vec_last(ret) : NULL;
		uint32_t next = last ? last->location + 1 : 0;

		if (!add_match(query, function, offset, ret))
			continue;
		if (last && strcmp(ret->items[ret->count - 2].name, vec_last(ret)->name) == 0)
			vec_last(ret)->location = next;
	}
	return ret->count - before;
}

static struct absence absence_of(const struct query *query)
{
	struct absence absence = {
		.type = query->type->name,
		.shown = query->target->shown,
		.host = query->host,
		.elf = query->elf,
		.wanted = function_query_of(query),
	};

	absence.wanted.name = spec_literal(query->wanted->symbol, query->arena);
	return absence;
}

/* A return probe takes no offset; that of an entry probe must be inside the function. */
static struct error *check_offset(const struct query *query, const struct function *function)
{
	uint64_t offset = query->wanted->number;

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

/* Returns an error when the symbol was not found, or cannot be probed. */
static struct error *check_found(const struct query *query, const functions *found,
	bool is_indirect, struct suggestion *suggestion)
{
	const char *symbol = query->wanted->symbol, *shown = query->target->shown;
	const struct absence absence = absence_of(query);

	if (is_indirect && (found->count == 0 || found->items[0].is_old))
		return error_new(ENOTSUP,
			"%s:%s is an indirect function (ifunc): the dynamic linker chooses its "
			"code at run time",
			shown, symbol);
	if (found->count == 0)
		return absence_explain(&absence, suggestion);
	if (query->wanted->number && found->count > 1)
		return error_new(EINVAL, "%s has several functions %s, so an offset is ambiguous",
			shown, symbol);
	return check_offset(query, &found->items[0]);
}

/* The error of a name that matched nothing, or a symbol outside of the code. */
static struct error *error_no_code(const struct query *query, bool is_single)
{
	const struct absence absence = absence_of(query);

	if (is_single)
		return error_new(
			EINVAL, "%s:%s is not code", query->target->shown, query->wanted->symbol);
	return absence_of_all(&absence);
}

static struct error *match_name(
	const struct query *query, bool several, struct suggestion *suggestion, probe_matches *ret)
{
	const struct function_query wanted = function_query_of(query);
	bool is_indirect = false, is_single = !several && !spec_is_wildcard(wanted.name);
	functions found = {};
	struct error *error = function_find(&wanted, query->host, query->elf, &found, &is_indirect);
	size_t before = ret->count;

	if (!error && (is_single || query->wanted->number))
		error = check_found(query, &found, is_indirect, suggestion);
	if (!error && add_functions(query, &found, query->wanted->number, ret) == 0 && !several)
		error = error_no_code(query, is_single);
	for (size_t i = before; i < ret->count && !error && !query->wanted->is_optional; i++)
		error = check_return(&ret->items[i]);
	vec_deinit(&found);
	return error;
}

/* "malloc", "malloc+4", "0x1149". */
static struct error *parse_function(struct arena *arena, const char *text, struct wanted *wanted)
{
	if (*text >= '0' && *text <= '9')
		return spec_number(text, &wanted->number)
			       ? NULL
			       : error_new(EINVAL, "'%s' is not an address", text);

	const char *plus = strrchr(text, '+');

	if (plus && !spec_number(plus + 1, &wanted->number)) {
		if (!wanted->demangled)
			return error_new(EINVAL, "'%s' is not an offset", plus + 1);
		plus = NULL; /* "operator+=" */
	}
	wanted->symbol = arena_strndup(arena, text, plus ? (size_t)(plus - text) : strlen(text));
	if (*wanted->symbol == '\0')
		return error_new(EINVAL, "'%s' names no function", text);
	if (plus && !wanted->demangled && spec_is_wildcard(wanted->symbol))
		return error_new(EINVAL, "'%s': an offset needs one function", text);
	return NULL;
}

/* The parts from first on, with their colons: a C++ name can be given without quotes. */
static const char *join(const struct probe_spec *spec, size_t first, struct arena *arena)
{
	const char *text = spec->parts[first];

	for (size_t i = first + 1; i < spec->count; i++)
		text = arena_printf(arena, "%s:%s", text, spec->parts[i]);
	return text;
}

static const char *cpp_pattern(const char *symbol, struct arena *arena)
{
	_cleanup_free_ char *pattern = cppname_pattern(symbol);

	return arena_strdup(arena, pattern);
}

static struct error *parse_wanted(const struct probe_ops *type, const struct probe_spec *spec,
	struct arena *arena, struct wanted *ret)
{
	bool is_marked = spec->count >= 3 && strcmp(spec->parts[1], "cpp") == 0;

	if (spec->count < 2)
		return probe_misses(spec, type);

	const char *text = join(spec, is_marked ? 2 : 1, arena);

	ret->demangled = is_marked || strstr(text, "::");
	if (spec->count > 2 && !ret->demangled)
		return probe_misses(spec, type);

	struct error *error = parse_function(arena, text, ret);

	if (error || !ret->symbol)
		return error;
	ret->pattern = ret->demangled ? cpp_pattern(ret->symbol, arena) : ret->symbol;
	/* A C++ name without parameter types matches all overloads. */
	ret->is_pattern = ret->demangled || spec_is_wildcard(ret->symbol);
	return NULL;
}

static struct error *check_golang(const struct query *query)
{
	if (!is_return(query) || query->world->unsafe || !golang_made(query->elf))
		return NULL;
	return error_new(ENOTSUP,
		"%s is a Go program, which a uretprobe would crash, since Go moves stacks; use "
		"uprobes, or --unsafe",
		query->target->shown);
}

static struct error *match_target(
	const struct query *query, bool several, struct suggestion *suggestion, probe_matches *ret)
{
	struct error *error = check_golang(query);

	if (error)
		return error;
	if (query->wanted->line.line)
		return match_line(query, suggestion, ret);
	if (!query->wanted->symbol)
		return match_address(query, query->wanted->number, ret);
	return match_name(query, several, suggestion, ret);
}

/* All that one part for files matches. */
static struct error *match_files(const struct probe_ops *type, const struct probe_world *world,
	const char *path, struct wanted *wanted, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	_cleanup_targets_ struct targets targets = {};
	const struct target *target;
	size_t before = ret->count;
	struct error *error = target_find(type, world, path, arena, &targets);

	if (error)
		return error;
	wanted->is_optional = wanted->is_pattern || targets.several;
	vec_for_each (&targets.items, target) {
		_cleanup_elf_ struct elf *elf = NULL;
		struct query query = {
			type, world, wanted, target, target_home(&targets, target), NULL, arena};

		error = target_open(&targets, target, &elf);
		query.elf = elf;
		if (!error)
			error = match_target(
				&query, targets.several, targets.several ? NULL : suggestion, ret);
		if (error && !targets.several)
			return error;
		error_free(error);
	}
	return targets.several && ret->count == before ? target_check_limits(&targets) : NULL;
}

/* Looks for what a library does not have, or no more, in the one that its functions moved to.
 * Returns the error if it is not there either. */
static struct error *match_moved(struct error *error, const struct probe_ops *type,
	const struct probe_world *world, const char *path, struct wanted *wanted,
	struct arena *arena, probe_matches *ret)
{
	struct renamed renamed;
	size_t before = ret->count;

	if (error->number != ENOENT || !wanted->symbol || !renamed_library(path, arena, &renamed))
		return error;
	error_free(match_files(type, world, renamed.now, wanted, arena, NULL, ret));
	if (ret->count == before)
		return error;
	error_free(error);
	for (size_t i = before; i < ret->count; i++)
		ret->items[i].note =
			arena_printf(arena, "%s is a function of %s since %s, no longer of %s",
				wanted->symbol, ret->items[i].target, renamed.since, path);
	return NULL;
}

static struct error *match(const struct probe_ops *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	struct wanted wanted = {};
	struct error *error;

	if (source_line_parse(world, spec, arena, &wanted.line))
		return match_files(type, world, wanted.line.path, &wanted, arena, suggestion, ret);
	error = parse_wanted(type, spec, arena, &wanted);

	if (spec->count == 1 && suggestion && (world->pid || world->program) &&
		!strchr(spec->parts[0], '/')) {
		*suggestion = suggest_start(spec->text);
		suggestion->best = arena_printf(arena, "%s::%s", type->name, spec->parts[0]);
	}
	if (error)
		return error;
	error = match_files(type, world, spec->parts[0], &wanted, arena, suggestion, ret);
	return error ? match_moved(error, type, world, spec->parts[0], &wanted, arena, ret) : NULL;
}

static struct error *arguments(const struct probe_world *world, const struct probe_match *match,
	struct types *types, uint32_t *ret)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	const struct operands *operands;

	return parameters_read(world, match, types, &arena, ret, &operands);
}

static struct error *locate(const struct probe_world *world, struct types *types,
	struct arena *arena, struct probe_match *match)
{
	uint32_t type;

	return parameters_read(world, match, types, arena, &type, &match->operands);
}

const struct probe_ops probes_uprobe[2] = {
	{
		.name = "uprobe",
		.aliases = {"u"},
		.spelling = "uprobe:PATH:FUNCTION",
		.alternative = "uprobe:PATH@FILE:LINE[:COLUMN]",
		.doc = "entry of a function in a program or library",
		.wildcard = true,
		.match = match,
		.arguments = arguments,
		.locate = locate,
		.declare = parameters_declare,
	},
	{
		.name = "uretprobe",
		.aliases = {"ur"},
		.spelling = "uretprobe:PATH:FUNCTION",
		.doc = "return from a function in a program or library",
		.wildcard = true,
		.mirrors = true,
		.match = match,
		.arguments = arguments,
		.locate = locate,
		.declare = parameters_declare,
	},
};
