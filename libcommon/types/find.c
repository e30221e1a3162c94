/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types by name: the script's definitions, then the basic types, then those of headers, then the
 * kernel's BTF and those of its modules (seek.c), then those of the kernel's own headers.
 */
#include "intern.h"

#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/suggest.h"
#include "libcommon/host/kbtf.h"
#include "seek.h"

#define KIND(name) (1u << BTF_KIND_##name)

static const struct {
	const char *keyword; /* "": none */
	uint32_t kinds;
} keywords[] = {
	{"struct", KIND(STRUCT)},
	{"union", KIND(UNION)},
	{"enum", KIND(ENUM) | KIND(ENUM64)},
	{"", KIND(TYPEDEF) | KIND(INT) | KIND(FLOAT)},
};

static uint32_t kinds_of(const char *keyword)
{
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		if (strcmp(keywords[i].keyword, keyword ? keyword : "") == 0)
			return keywords[i].kinds;
	}
	return 0;
}

static bool is_of(const struct btf_type *type, uint32_t kinds)
{
	return kinds & (1u << btf_kind(type));
}

uint32_t types_find_defined(struct types *types, const char *keyword, const char *name)
{
	const char *word = keyword ? keyword : "";
	const struct definition *definition;

	vec_for_each (&types->definitions, definition) {
		if (strcmp(definition->keyword, word) == 0 && strcmp(definition->name, name) == 0)
			return definition->id;
	}
	return 0;
}

bool types_define(struct types *types, const char *keyword, const char *name, uint32_t id)
{
	struct definition definition = {
		.keyword = keyword ? keyword : "",
		.name = arena_strdup(&types->arena, name),
		.id = id,
	};

	if (types_find_defined(types, keyword, name))
		return false;
	vec_push(&types->definitions, definition);
	hashmap_deinit(&types->found);
	return true;
}

void types_forget_defined(struct types *types)
{
	types->definitions.count = 0;
	hashmap_deinit(&types->found);
}

void types_set_headers(struct types *types, struct types_headers *headers)
{
	types->headers = headers;
	hashmap_deinit(&types->found);
}

static uint32_t find_in_headers(
	struct types *types, const char *keyword, const char *name, bool before_kernel)
{
	struct types_headers *headers = types->headers;

	return headers ? headers->find(headers, keyword, name, before_kernel) : 0;
}

/* What does not depend on the module that comes first. */
static uint32_t find_first(struct types *types, const struct seeking *wanted, const char *keyword)
{
	uint32_t id = types_find_defined(types, keyword, wanted->name);
	struct seeking seeking = *wanted;

	if (!id && !keyword)
		id = basic_find(types, wanted->name);
	if (!id)
		id = find_in_headers(types, keyword, wanted->name, true);
	return id ? id : seek_kernel(types, &seeking);
}

static uint32_t find_in_modules(
	struct types *types, const struct seeking *wanted, const char *keyword _unused_)
{
	struct seeking seeking = *wanted;

	return seek_modules(types, &seeking);
}

/* An answer of find is remembered below the key. */
static uint32_t find_once(struct types *types, const struct str *key,
	uint32_t (*find)(struct types *, const struct seeking *, const char *),
	const struct seeking *wanted, const char *keyword)
{
	void *found = hashmap_get(&types->found, key->data, key->length);

	if (found)
		return (uintptr_t)found - 1;

	uint32_t id = find(types, wanted, keyword);

	*hashmap_slot(&types->found, key->data, key->length) = (void *)((uintptr_t)id + 1);
	return id;
}

uint32_t types_find_for(
	struct types *types, const char *module, const char *keyword, const char *name)
{
	struct seeking wanted = {.name = name, .module = module, .kinds = kinds_of(keyword)};
	_cleanup_str_ struct str key = STR_INIT;
	uint32_t id;

	str_printf(&key, "%s %s", keyword ? keyword : "", name);
	id = find_once(types, &key, find_first, &wanted, keyword);
	if (id)
		return id;
	str_printf(&key, " %s", module ? module : "");
	id = find_once(types, &key, find_in_modules, &wanted, keyword);
	return id ? id : find_in_headers(types, keyword, name, false);
}

uint32_t types_find(struct types *types, const char *keyword, const char *name)
{
	return types_find_for(types, NULL, keyword, name);
}

bool types_knows_module(const struct types *types, const char *module)
{
	const char **known;

	if (!types->kernel)
		return false;
	vec_for_each (kbtf_modules(types->kernel), known) {
		if (strcmp(*known, module) == 0)
			return true;
	}
	return false;
}

static uint32_t add_forward(
	struct types *types, const char *keyword, const char *name, struct origin origin)
{
	uint32_t kinds = kinds_of(keyword);
	uint32_t kind = kinds & KIND(ENUM)    ? BTF_KIND_ENUM
			: kinds & KIND(UNION) ? BTF_KIND_UNION
					      : BTF_KIND_STRUCT;

	return intern_forward(types, kind, name, origin);
}

uint32_t types_forward(struct types *types, const char *keyword, const char *name)
{
	return add_forward(types, keyword, name, (struct origin){});
}

uint32_t types_forward_kernel(struct types *types, const char *keyword, const char *name)
{
	return add_forward(types, keyword, name, (struct origin){.of_kernel = true});
}

uint32_t find_definition(struct types *types, uint32_t forward, const struct origin *origin)
{
	const struct btf_type *type = types_at(types, forward);
	const char *keyword = !btf_is_fwd(type) ? "enum" : btf_kflag(type) ? "union" : "struct";
	const char *name = types_text(types, type->name_off);
	uint32_t id = types_find_defined(types, keyword, name);

	if (id)
		return id;
	if (origin->program)
		return dwarf_definition(types, forward, origin);
	if (origin->source)
		return types_import(types, origin->source, origin->id);

	struct seeking seeking = {.name = name, .kinds = kinds_of(keyword)};

	id = origin->of_kernel ? seek_kernel(types, &seeking) : 0;
	return id ? id : types_find(types, keyword, name);
}

const char *types_enumerator_name(const struct types *types, uint32_t type, uint64_t value)
{
	const struct btf_type *found = types_at(types, types_strip(types, type));

	for (uint32_t i = 0; btf_is_any_enum(found) && i < btf_vlen(found); i++) {
		uint32_t name;

		if (btf_enumerator(types->btf, found, i, &name) == value)
			return types_text(types, name);
	}
	return NULL;
}

bool types_enumerator_defined(
	struct types *types, const char *name, uint32_t *ret_type, uint64_t *ret_value)
{
	struct types_headers *headers = types->headers;
	const struct definition *definition;

	vec_for_each (&types->definitions, definition) {
		const struct btf_type *type = types_at(types, definition->id);

		for (uint32_t i = 0; btf_is_any_enum(type) && i < btf_vlen(type); i++) {
			uint32_t at;
			uint64_t value = btf_enumerator(NULL, type, i, &at);

			if (strcmp(types_text(types, at), name) != 0)
				continue;
			*ret_type = definition->id;
			*ret_value = value;
			return true;
		}
	}
	return headers && headers->enumerator(headers, name, true, ret_type, ret_value);
}

bool types_enumerator(struct types *types, const char *module, const char *name, uint32_t *ret_type,
	uint64_t *ret_value)
{
	struct types_headers *headers = types->headers;

	if (types_enumerator_defined(types, name, ret_type, ret_value))
		return true;

	struct seeking seeking = {.name = name, .module = module, .enumerators = true};
	uint32_t id = seek_kernel(types, &seeking);

	if (!id)
		id = seek_modules(types, &seeking);
	if (!id)
		return headers && headers->enumerator(headers, name, false, ret_type, ret_value);
	*ret_type = id;
	*ret_value = seeking.value;
	return true;
}

struct offering {
	uint32_t kinds;
	struct suggestion *suggestion;
};

static void offer(void *context, const struct btf *btf, const struct btf_type *type)
{
	const struct offering *offering = context;

	if (is_of(type, offering->kinds) && type->name_off)
		suggest_offer(offering->suggestion, btf_text(btf, type->name_off));
}

void types_suggest(struct types *types, const char *keyword, struct suggestion *suggestion)
{
	struct offering offering = {kinds_of(keyword), suggestion};
	const struct definition *definition;

	vec_for_each (&types->definitions, definition) {
		if (strcmp(definition->keyword, keyword ? keyword : "") == 0)
			suggest_offer(suggestion, definition->name);
	}
	seek_all(types, offer, &offering);
}
