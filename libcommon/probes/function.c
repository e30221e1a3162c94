/* SPDX-License-Identifier: Apache-2.0 */
#include "function.h"

#include <stdlib.h>
#include <string.h>

#include "libcommon/base/str.h"
#include "libcommon/elf/cppname.h"
#include "libcommon/elf/debugfile.h"
#include "libcommon/elf/demangle.h"
#include "rows.h"

/* A search in a file, and its result. */
struct search {
	const struct function_query *query;
	cppname_compare compare; /* the query's name with another */
	functions *found;
	bool is_indirect; /* an indirect function matched, which is not in found */
};

static bool is_same(const char *name, const char *text)
{
	return strcmp(name, text) == 0;
}

/* "name@OLD", "name@@DEFAULT"; the default version can be given with one "@". */
static bool is_version_meant(const struct search *search, const struct elf_symbol *symbol)
{
	_cleanup_str_ struct str text = STR_INIT;

	if (!symbol->version)
		return false;
	str_printf(&text, "%s@%s", symbol->name, symbol->version);
	if (search->compare(search->query->name, str_text(&text)))
		return true;
	str_truncate(&text, 0);
	str_printf(&text, "%s@@%s", symbol->name, symbol->version);
	return !symbol->is_old && search->compare(search->query->name, str_text(&text));
}

static bool is_name_meant(const struct search *search, const char *name)
{
	if (search->query->demangled)
		return cppname_means(search->query->name, search->compare, name);
	return search->compare(search->query->name, name);
}

static bool is_meant(const struct search *search, const struct elf_symbol *symbol)
{
	return is_name_meant(search, symbol->name) ||
	       (strchr(search->query->name, '@') && is_version_meant(search, symbol));
}

static const char *spell(
	const struct search *search, const struct elf_symbol *symbol, const char *demangled)
{
	struct arena *arena = search->query->arena;

	if (demangled)
		return arena_printf(arena, "cpp:\"%s\"", demangled);
	if (symbol->is_old && symbol->version)
		return spec_spell(
			arena_printf(arena, "%s@%s", symbol->name, symbol->version), arena);
	return spec_spell(arena_strdup(arena, symbol->name), arena);
}

static void search_functions(const struct elf_symbol *symbol, void *context)
{
	struct search *search = context;

	if (!is_meant(search, symbol))
		return;
	if (symbol->is_indirect) {
		search->is_indirect |= !symbol->is_old;
		return;
	}

	_cleanup_free_ char *full =
		search->query->demangled ? demangle(symbol->name, DEMANGLE_FULL) : NULL;

	*vec_add(search->found) = (struct function){
		.name = arena_strdup(search->query->arena, full ? full : symbol->name),
		.shown = spell(search, symbol, full),
		.address = symbol->address,
		.size = symbol->size,
		.is_old = symbol->is_old,
		.is_local = symbol->is_local,
	};
}

/* Order of aliases at one address: exported before local, the default version before old ones,
 * fewer leading underscores first. */
static int compare_places(const void *a, const void *b)
{
	const struct function *one = a, *other = b;
	size_t one_under = strspn(one->name, "_"), other_under = strspn(other->name, "_");

	if (one->address != other->address)
		return one->address < other->address ? -1 : 1;
	if (one->is_local != other->is_local)
		return one->is_local - other->is_local;
	if (one->is_old != other->is_old)
		return one->is_old - other->is_old;
	if (one_under != other_under)
		return one_under < other_under ? -1 : 1;
	return strcmp(one->name, other->name);
}

static int compare_names(const void *a, const void *b)
{
	const struct function *one = a, *other = b;
	int order = strcmp(one->name, other->name);

	if (order == 0)
		order = strcmp(one->shown, other->shown);
	if (order == 0)
		order = one->address < other->address ? -1 : one->address > other->address;
	return order;
}

/* Keeps the first alias of each address, sorted by name. */
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

/* A name without a version matches the default version, where there is one. */
static void drop_old(functions *found)
{
	const struct function *function;
	size_t kept = 0;

	vec_for_each (found, function) {
		if (!function->is_old)
			found->items[kept++] = *function;
	}
	found->count = kept > 0 ? kept : found->count;
}

struct error *function_find(const struct function_query *query, const struct host *host,
	struct elf *elf, functions *ret, bool *is_indirect)
{
	struct function_query literal = *query;
	struct search search = {.query = &literal, .compare = is_same, .found = ret};

	literal.name = spec_literal(query->name, query->arena);

	struct error *error = debugfile_functions(host, elf, search_functions, &search);

	if (!error && ret->count == 0 && spec_is_wildcard(query->name)) {
		search.query = query;
		search.compare = spec_wildcard;
		error = debugfile_functions(host, elf, search_functions, &search);
	}
	unify(ret);
	if (search.compare == is_same && !strchr(query->name, '@'))
		drop_old(ret);
	*is_indirect = search.is_indirect;
	return error;
}

struct import {
	struct search search;
	const char *name; /* NULL: none so far */
};

static void look_at_import(const char *name, void *context)
{
	struct import *import = context;

	if (!import->name && is_name_meant(&import->search, name))
		import->name = arena_strdup(import->search.query->arena, name);
}

const char *function_import(const struct function_query *query, struct elf *elf)
{
	struct import import = {.search = {.query = query, .compare = is_same}};

	elf_imports(elf, look_at_import, &import);
	return import.name;
}
