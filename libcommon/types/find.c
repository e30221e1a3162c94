/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types by name: the script's definitions, then the basic types, then the kernel's BTF.
 *
 * A BTF has no index of names, and to make one costs more than the few look-ups of a script. So a
 * name is first searched for among the strings, which tells at once when there is no such type;
 * then the types are compared by the offset of their names, without reading a text.
 */
#include "intern.h"

#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/suggest.h"
#include "libcommon/host/kbtf.h"

#define KIND(name) (1u << BTF_KIND_##name)

static const struct {
	const char *keyword; /* "" stands for none */
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

/* The strings of a BTF and one name in them. */
struct search {
	const char *strings;
	size_t size;
	struct str pattern; /* the name between two NULs */
};

static void search_start(struct search *search, const struct btf *btf, const char *name)
{
	uint32_t size;
	const struct btf_header *header = btf__raw_data(btf, &size);

	*search = (struct search){};
	if (!header)
		return;
	search->strings = (const char *)header + header->hdr_len + header->str_off;
	search->size = header->str_len;
	str_append_char(&search->pattern, '\0');
	str_append(&search->pattern, name);
	str_append_char(&search->pattern, '\0');
}

static void search_deinit(struct search *search)
{
	str_deinit(&search->pattern);
}

/* The next offset of the name after the given one; 0 when there is none. */
static uint32_t search_next(const struct search *search, uint32_t offset)
{
	const char *found = search->strings
				    ? memmem(search->strings + offset, search->size - offset,
					      search->pattern.data, search->pattern.length)
				    : NULL;

	return found ? found - search->strings + 1 : 0;
}

static uint32_t find_type(const struct btf *btf, uint32_t kinds, const char *name)
{
	_cleanup_(search_deinit) struct search search;

	search_start(&search, btf, name);
	for (uint32_t at = search_next(&search, 0); at; at = search_next(&search, at)) {
		for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
			const struct btf_type *type = btf__type_by_id(btf, id);

			if (type->name_off == at && is_of(type, kinds))
				return id;
		}
	}
	return 0;
}

/* NULL when there is none: then there are no kernel types, which is not for us to report. */
static const struct btf *kernel_btf(struct types *types)
{
	const struct btf *btf = NULL;

	if (types->kernel)
		error_free(kbtf_btf(types->kernel, &btf));
	return btf;
}

static uint32_t find_defined(struct types *types, const char *keyword, const char *name)
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

	if (find_defined(types, keyword, name))
		return false;
	vec_push(&types->definitions, definition);
	hashmap_deinit(&types->found);
	return true;
}

static uint32_t find_kernel(struct types *types, uint32_t kinds, const char *name)
{
	const struct btf *kernel = kernel_btf(types);
	uint32_t id = kernel ? find_type(kernel, kinds, name) : 0;

	return id ? types_import(types, kernel, id) : 0;
}

static uint32_t find_anywhere(struct types *types, const char *keyword, const char *name)
{
	uint32_t kinds = kinds_of(keyword);
	uint32_t id = find_defined(types, keyword, name);

	if (!id && !keyword)
		id = basic_find(types, name);
	return id ? id : find_kernel(types, kinds, name);
}

uint32_t types_find(struct types *types, const char *keyword, const char *name)
{
	_cleanup_str_ struct str key = STR_INIT;

	str_printf(&key, "%s %s", keyword ? keyword : "", name);

	void *found = hashmap_get(&types->found, key.data, key.length);

	if (found)
		return (uintptr_t)found - 1;

	uint32_t id = find_anywhere(types, keyword, name);

	*hashmap_slot(&types->found, key.data, key.length) = (void *)((uintptr_t)id + 1);
	return id;
}

uint32_t types_forward(struct types *types, const char *keyword, const char *name)
{
	uint32_t kinds = kinds_of(keyword);
	uint32_t kind = kinds & KIND(ENUM)    ? BTF_KIND_ENUM
			: kinds & KIND(UNION) ? BTF_KIND_UNION
					      : BTF_KIND_STRUCT;

	return intern_forward(types, kind, name, (struct origin){});
}

uint32_t find_definition(struct types *types, uint32_t forward, const struct origin *origin)
{
	const struct btf_type *type = types_at(types, forward);
	const char *keyword = !btf_is_fwd(type) ? "enum" : btf_kflag(type) ? "union" : "struct";
	const char *name = types_text(types, type->name_off);
	uint32_t id = find_defined(types, keyword, name);

	if (id)
		return id;
	if (origin->source)
		return types_import(types, origin->source, origin->id);
	return types_find(types, keyword, name);
}

/* The value of number index of an enum, its name's offset in *ret_name. */
static uint64_t enum_value(
	const struct btf *foreign, const struct btf_type *type, uint32_t index, uint32_t *ret_name)
{
	if (btf_is_enum64(type)) {
		*ret_name = btf_enum64(type)[index].name_off;
		return btf_enum64_value(&btf_enum64(type)[index]);
	}

	*ret_name = btf_enum(type)[index].name_off;
	return btf_enum_number(foreign, type, index);
}

const char *types_enumerator_name(const struct types *types, uint32_t type, uint64_t value)
{
	const struct btf_type *found = types_at(types, types_strip(types, type));

	for (uint32_t i = 0; btf_is_any_enum(found) && i < btf_vlen(found); i++) {
		uint32_t name;

		if (enum_value(types->btf, found, i, &name) == value)
			return types_text(types, name);
	}
	return NULL;
}

/* The enum that has an enumerator whose name is at the offset. */
static uint32_t find_enum(const struct btf *btf, uint32_t at, uint64_t *ret_value)
{
	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		for (uint32_t i = 0; btf_is_any_enum(type) && i < btf_vlen(type); i++) {
			uint32_t name;
			uint64_t value = enum_value(btf, type, i, &name);

			if (name == at) {
				*ret_value = value;
				return id;
			}
		}
	}
	return 0;
}

static bool find_enumerator(struct types *types, const struct btf *btf, const char *name,
	uint32_t *ret_type, uint64_t *ret_value)
{
	_cleanup_(search_deinit) struct search search;

	search_start(&search, btf, name);
	for (uint32_t at = search_next(&search, 0); at; at = search_next(&search, at)) {
		uint32_t id = find_enum(btf, at, ret_value);

		if (id) {
			*ret_type = types_import(types, btf, id);
			return true;
		}
	}
	return false;
}

static bool find_defined_enumerator(
	struct types *types, const char *name, uint32_t *ret_type, uint64_t *ret_value)
{
	const struct definition *definition;

	vec_for_each (&types->definitions, definition) {
		const struct btf_type *type = types_at(types, definition->id);

		for (uint32_t i = 0; btf_is_any_enum(type) && i < btf_vlen(type); i++) {
			uint32_t at;
			uint64_t value = enum_value(NULL, type, i, &at);

			if (strcmp(types_text(types, at), name) != 0)
				continue;
			*ret_type = definition->id;
			*ret_value = value;
			return true;
		}
	}
	return false;
}

bool types_enumerator(
	struct types *types, const char *name, uint32_t *ret_type, uint64_t *ret_value)
{
	if (find_defined_enumerator(types, name, ret_type, ret_value))
		return true;

	const struct btf *kernel = kernel_btf(types);

	return kernel && find_enumerator(types, kernel, name, ret_type, ret_value);
}

static void suggest_from(const struct btf *btf, uint32_t kinds, struct suggestion *suggestion)
{
	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (is_of(type, kinds) && type->name_off)
			suggest_offer(suggestion, btf_text(btf, type->name_off));
	}
}

void types_suggest(struct types *types, const char *keyword, struct suggestion *suggestion)
{
	uint32_t kinds = kinds_of(keyword);
	const struct btf *kernel = kernel_btf(types);
	const struct definition *definition;

	vec_for_each (&types->definitions, definition) {
		if (strcmp(definition->keyword, keyword ? keyword : "") == 0)
			suggest_offer(suggestion, definition->name);
	}
	if (kernel)
		suggest_from(kernel, kinds, suggestion);
}
