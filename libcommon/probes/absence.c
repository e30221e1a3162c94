/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each row is one explanation; the first that applies is returned. Similar names come last, since
 * they are a guess.
 */
#include "absence.h"

#include <dwarf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libcommon/base/str.h"
#include "libcommon/elf/cppname.h"
#include "libcommon/elf/debugfile.h"
#include "libcommon/elf/debuginfo.h"
#include "libcommon/elf/demangle.h"
#include "libcommon/elf/die.h"
#include "libcommon/elf/imports.h"
#include "rows.h"

enum {
	NAMES_MAX = 8,          /* in one message */
	ENTRIES_MOST = 1 << 20, /* of debug information that are looked at */
};

/* Names found so far, without duplicates. */
struct names {
	const struct absence *absence;
	const char *pattern;
	VEC(const char *) items;
};

static void names_deinit(struct names *names)
{
	vec_deinit(&names->items);
}

static void add_name(struct names *names, const char *name)
{
	const char **known;

	vec_for_each (&names->items, known) {
		if (strcmp(*known, name) == 0)
			return;
	}
	vec_push(&names->items, arena_strdup(names->absence->wanted.arena, name));
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "a, b, c and 7 more" */
static const char *list_names(const struct names *names)
{
	_cleanup_str_ struct str text = STR_INIT;
	size_t shown = MIN(names->items.count, (size_t)NAMES_MAX);

	qsort(names->items.items, names->items.count, sizeof(*names->items.items), compare_names);
	for (size_t i = 0; i < shown; i++)
		str_printf(&text, "%s%s", i ? ", " : "", names->items.items[i]);
	if (names->items.count > shown)
		str_printf(&text, " and %zu more", names->items.count - shown);
	return arena_strdup(names->absence->wanted.arena, str_text(&text));
}

static void suggest_name(
	const struct absence *absence, const char *name, struct suggestion *suggestion)
{
	struct arena *arena = absence->wanted.arena;

	if (!suggestion)
		return;
	*suggestion = suggest_start(absence->wanted.name);
	suggestion->best = arena_printf(
		arena, "%s:%s:%s", absence->type, spec_spell(absence->shown, arena), name);
}

/* --- the file itself --- */

struct error *absence_damage(const char *shown, struct elf *elf, struct arena *arena)
{
	const char *lost = elf_damage(elf, arena);

	if (!lost)
		return NULL;
	return error_new(ELF_OTHER_DAMAGED,
		"%s is damaged: %s is beyond the end of the file, which is truncated", shown, lost);
}

static struct error *find_damage(
	const struct absence *absence, struct suggestion *suggestion _unused_)
{
	return absence_damage(absence->shown, absence->elf, absence->wanted.arena);
}

/* --- other kinds of symbols --- */

static enum elf_meaning find_meaning(const struct absence *absence, uint64_t *ret_address)
{
	_cleanup_elf_ struct elf *debug = NULL;
	const char *name = absence->wanted.name;
	enum elf_meaning meaning = elf_meaning(absence->elf, name, ret_address);

	if (meaning == ELF_MEANS_NOTHING && !elf_has_symbols(absence->elf) &&
		debugfile_open(absence->host, absence->elf, &debug))
		meaning = elf_meaning(debug, name, ret_address);
	return meaning;
}

static struct error *find_no_function(
	const struct absence *absence, struct suggestion *suggestion _unused_)
{
	const char *name = absence->wanted.name, *shown = absence->shown;
	uint64_t address, offset;
	enum elf_meaning meaning = find_meaning(absence, &address);

	if (meaning == ELF_MEANS_DATA)
		return error_new(EINVAL, "%s:%s is data, not a function", shown, name);
	if (meaning != ELF_MEANS_LABEL)
		return NULL;
	if (!elf_code_offset(absence->elf, address, &offset))
		return error_new(EINVAL, "%s:%s is a label outside of the code", shown, name);
	return error_new(EINVAL,
		"%s:%s is a label, not a function; its address can be probed with --unsafe: "
		"%s:%s:0x%llx",
		shown, name, absence->type, shown, (unsigned long long)address);
}

/* --- versions --- */

static void look_at_version(const struct elf_symbol *symbol, void *context)
{
	struct names *names = context;

	if (symbol->version && strcmp(symbol->name, names->pattern) == 0)
		add_name(names, arena_printf(names->absence->wanted.arena,
					symbol->is_old ? "%s@%s" : "%s@@%s", symbol->name,
					symbol->version));
}

static struct error *find_version(const struct absence *absence, struct suggestion *suggestion)
{
	const char *name = absence->wanted.name, *at = strchr(name, '@');

	if (!at || at == name)
		return NULL;

	_cleanup_(names_deinit) struct names names = {
		.absence = absence,
		.pattern = arena_strndup(absence->wanted.arena, name, (size_t)(at - name)),
	};
	struct error *error =
		debugfile_functions(absence->host, absence->elf, look_at_version, &names);

	if (error || names.items.count == 0)
		return error;
	suggest_name(absence, names.pattern, suggestion);
	return error_new(
		ENOENT, "%s has no %s; it has %s", absence->shown, name, list_names(&names));
}

/* --- clones and inlined copies of a function --- */

static void look_at_copy(const struct elf_symbol *symbol, void *context)
{
	struct names *names = context;
	size_t length = strlen(names->pattern);

	if (strncmp(symbol->name, names->pattern, length) == 0 && symbol->name[length] == '.')
		add_name(names, symbol->name);
}

static struct error *find_copies(const struct absence *absence, struct suggestion *suggestion)
{
	_cleanup_(names_deinit) struct names names = {absence, absence->wanted.name};
	struct error *error =
		debugfile_functions(absence->host, absence->elf, look_at_copy, &names);

	if (error || names.items.count == 0)
		return error;
	suggest_name(absence, names.items.items[0], suggestion);
	return error_new(ENOENT, "%s has no %s, only clones that the compiler optimized: %s",
		absence->shown, names.pattern, list_names(&names));
}

/* Whether a function of the name was inlined; its own code would have been found. */
static bool is_inlined(Dwarf_Die *unit, const char *name, size_t *entries)
{
	Dwarf_Die die;

	if (dwarf_child(unit, &die) != 0)
		return false;
	do {
		const char *found =
			dwarf_tag(&die) == DW_TAG_subprogram && dwarf_hasattr(&die, DW_AT_inline)
				? die_text(&die, DW_AT_name)
				: NULL;

		if (found && strcmp(found, name) == 0)
			return true;
	} while (++*entries < ENTRIES_MOST && dwarf_siblingof(&die, &die) == 0);
	return false;
}

static bool has_inlined(struct debuginfo *info, const char *name)
{
	size_t entries = 0;
	Dwarf_Die unit;

	for (size_t i = 0; debuginfo_unit_at(info, i, &unit); i++) {
		if (is_inlined(&unit, name, &entries))
			return true;
	}
	return false;
}

static struct error *find_inlined(
	const struct absence *absence, struct suggestion *suggestion _unused_)
{
	_cleanup_elf_ struct elf *elf = NULL;
	_cleanup_error_ struct error *error = elf_open(absence->host, elf_path(absence->elf), &elf);
	struct debuginfo *info = error ? NULL : debuginfo_open(absence->host, &elf);
	bool found = info && has_inlined(info, absence->wanted.name);

	debuginfo_free(info);
	if (!found)
		return NULL;
	return error_new(ENOENT,
		"%s:%s was inlined wherever it is called: it has no code of its own",
		absence->shown, absence->wanted.name);
}

/* --- C++ --- */

static void look_at_full_name(const struct elf_symbol *symbol, void *context)
{
	struct names *names = context;

	if (!cppname_means(names->pattern, spec_wildcard, symbol->name))
		return;

	_cleanup_free_ char *full = demangle(symbol->name, DEMANGLE_CALL);

	if (full)
		add_name(names, full);
}

/* Cuts off the parameter types, and template arguments before them. */
static size_t plain_length(const char *name)
{
	size_t length = cppname_length(name), depth = 0;

	if (strstr(name, "operator") || length == 0 || name[length - 1] != '>')
		return length;
	for (size_t i = length; i-- > 0;) {
		depth += name[i] == '>';
		if (name[i] == '<' && --depth == 0)
			return i;
	}
	return length;
}

/* The name that all share without parameter types, "ns::fn" of "ns::fn(int)"; NULL when they
 * differ. */
static const char *shared_name(const struct names *names)
{
	const char *first = names->items.items[0], **name;
	size_t length = plain_length(first);

	vec_for_each (&names->items, name) {
		if (plain_length(*name) != length || strncmp(*name, first, length) != 0)
			return NULL;
	}
	return arena_strndup(names->absence->wanted.arena, first, length);
}

/* Patterns to search for: the name, its last part behind "::", and its overloads. */
static const char *cpp_pattern(const struct absence *absence, size_t form)
{
	const char *name = absence->wanted.name;
	struct arena *arena = absence->wanted.arena;

	switch (form) {
	case 0: return name;
	case 1: return arena_printf(arena, "*::%s", name);
	default: return arena_strndup(arena, name, cppname_length(name));
	}
}

static struct error *cpp_names(struct names *names, struct suggestion *suggestion)
{
	const struct absence *absence = names->absence;
	struct arena *arena = absence->wanted.arena;
	bool has_types = cppname_length(absence->wanted.name) < strlen(absence->wanted.name);
	const char *name =
		names->items.count == 1 && has_types ? names->items.items[0] : shared_name(names);

	if (name)
		suggest_name(absence, arena_printf(arena, "cpp:%s", spec_spell(name, arena)),
			suggestion);
	return error_new(ENOENT, "%s has no function %s; in C++ it has %s", absence->shown,
		absence->wanted.name, list_names(names));
}

static struct error *find_cpp(const struct absence *absence, struct suggestion *suggestion)
{
	for (size_t form = 0; form < 3; form++) {
		_cleanup_(names_deinit) struct names names = {
			.absence = absence,
			.pattern = cpp_pattern(absence, form),
		};
		struct error *error =
			debugfile_functions(absence->host, absence->elf, look_at_full_name, &names);

		if (error || names.items.count > 0)
			return error ? error : cpp_names(&names, suggestion);
	}
	return NULL;
}

/* --- libraries --- */

static struct error *find_import(const struct absence *absence, struct suggestion *suggestion)
{
	const char *symbol = absence->wanted.name, *shown = absence->shown;
	struct arena *arena = absence->wanted.arena;
	const char *import = function_import(&absence->wanted, absence->elf);

	if (!import)
		return NULL;

	const char *library = imports_find(absence->host, absence->elf, import, arena);

	if (!library)
		return error_new(ENOENT,
			"%s only imports %s, and none of its libraries on this machine defines it",
			shown, symbol);
	if (suggestion) {
		*suggestion = suggest_start(symbol);
		suggestion->best = arena_printf(arena,
			absence->wanted.demangled ? "%s:%s:cpp:\"%s\"" : "%s:%s:%s", absence->type,
			spec_spell(library, arena), symbol);
	}
	return error_new(
		ENOENT, "%s only imports %s: it is a function of %s", shown, symbol, library);
}

/* --- stripped files and similar names --- */

/* A stripped file has dynamic symbols only. */
static bool is_stripped(const struct absence *absence)
{
	_cleanup_elf_ struct elf *debug = NULL;

	return !elf_has_symbols(absence->elf) &&
	       !debugfile_open(absence->host, absence->elf, &debug);
}

static struct error *stripped(const struct absence *absence)
{
	const char *shown = absence->shown;

	return error_new(ENOENT,
		"Could not resolve symbol: %s:%s; the file is stripped: install its debug "
		"symbols, or name an address (%s:%s:0x..., with --unsafe)",
		shown, absence->wanted.name, absence->type, shown);
}

/* Keeps the nearest name in the suggestion. */
struct nearest {
	struct suggestion suggestion;
	const struct absence *absence;
};

static void offer_name(struct nearest *nearest, const char *name, bool is_cpp)
{
	struct arena *arena = nearest->absence->wanted.arena;
	struct suggestion before = nearest->suggestion;

	suggest_offer(&nearest->suggestion, name);
	if (nearest->suggestion.best != before.best)
		nearest->suggestion.best =
			arena_join(arena, is_cpp ? "cpp:" : "", spec_spell(name, arena), NULL);
}

static void offer(const struct elf_symbol *symbol, void *context)
{
	struct nearest *nearest = context;
	_cleanup_free_ char *plain =
		nearest->absence->wanted.demangled ? demangle(symbol->name, DEMANGLE_NAME) : NULL;

	offer_name(nearest, plain ? plain : symbol->name, plain != NULL);
}

static struct error *nearest_name(const struct absence *absence, struct suggestion *suggestion)
{
	struct nearest nearest = {suggest_start(absence->wanted.name), absence};
	struct error *error = debugfile_functions(absence->host, absence->elf, offer, &nearest);

	if (error)
		return error;
	if (nearest.suggestion.best)
		suggest_name(absence, nearest.suggestion.best, suggestion);
	if (is_stripped(absence))
		return stripped(absence);
	return error_new(
		ENOENT, "Could not resolve symbol: %s:%s", absence->shown, absence->wanted.name);
}

struct error *absence_explain(const struct absence *absence, struct suggestion *suggestion)
{
	static struct error *(*const rows[])(const struct absence *, struct suggestion *) = {
		find_no_function,
		find_version,
		find_copies,
		find_import,
		find_cpp,
		find_damage,
		find_inlined,
		nearest_name,
	};
	struct error *error = NULL;

	for (size_t i = 0; !error && i < ARRAY_SIZE(rows); i++)
		error = rows[i](absence, suggestion);
	return error;
}

struct error *absence_of_all(const struct absence *absence)
{
	struct error *error = find_damage(absence, NULL);

	return error || !is_stripped(absence) ? error : stripped(absence);
}
