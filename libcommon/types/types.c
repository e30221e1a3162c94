/* SPDX-License-Identifier: Apache-2.0 */
/* Creating and freeing a struct types, and the constructors of the types that scripts make. */
#include "intern.h"

#include <stdio.h>
#include <string.h>

#include "libcommon/base/alloc.h"

static struct types *wrap(struct btf *btf, struct kbtf *kernel)
{
	struct types *types = xcalloc(1, sizeof(*types));

	types->btf = btf;
	types->kernel = kernel;
	types->texts = xcalloc(1, sizeof(*types->texts));
	return types;
}

struct types *types_new(struct kbtf *kernel)
{
	struct types *types = wrap(btf__new_empty(), kernel);

	btf__set_pointer_size(types->btf, 8);
	return types;
}

struct types *types_adopt(struct btf *btf)
{
	struct types *types = wrap(btf, NULL);

	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf_at(btf, id);

		if (!btf_is_decl_tag(type) || btf_decl_tag(type)->component_idx != -1)
			continue;
		*hashmap_slot(&types->parameters, &type->type, sizeof(type->type)) =
			arena_strdup(&types->arena, btf_text(btf, type->name_off));
	}
	return types;
}

void types_free(struct types *types)
{
	if (!types)
		return;
	btf__free(types->btf);
	str_deinit(&types->key);
	hashmap_deinit(&types->interned);
	hashmap_deinit(&types->copies);
	hashmap_deinit(&types->origins);
	hashmap_deinit(&types->dies);
	hashmap_deinit(&types->scopes);
	hashmap_deinit(&types->parameters);
	hashmap_deinit(&types->found);
	hashmap_deinit(&types->texts->at);
	vec_deinit(&types->texts->typedef_kinds);
	arena_deinit(&types->texts->arena);
	free(types->texts);
	vec_deinit(&types->definitions);
	arena_deinit(&types->arena);
	free(types);
}

const struct btf *types_btf(const struct types *types)
{
	return types->btf;
}

uint32_t types_integer(struct types *types, uint32_t bytes, bool is_signed)
{
	char name[sizeof("uint4294967295")];

	snprintf(name, sizeof(name), "%sint%u", is_signed ? "" : "u", (uint32_t)(bytes * 8));
	return intern_integer(types, name, bytes, is_signed ? BTF_INT_SIGNED : 0);
}

uint32_t types_bool(struct types *types)
{
	return intern_integer(types, "bool", 1, BTF_INT_BOOL);
}

bool types_is_bool(const struct types *types, uint32_t id)
{
	const struct btf_type *type = types_at(types, types_strip(types, id));

	return btf_kind(type) == BTF_KIND_INT && btf_int_encoding(type) == BTF_INT_BOOL;
}

uint32_t types_widened(struct types *types, uint32_t bytes, bool is_signed)
{
	uint32_t integer = types_integer(types, sizeof(uint64_t), is_signed);

	for (size_t i = 0; i < NR_WIDENED; i++) {
		if (widened[i].bytes == bytes)
			return intern_typedef(types, widened[i].name, integer, NULL);
	}
	return integer;
}

uint32_t types_string(struct types *types, uint32_t bytes)
{
	return intern_array(types, intern_integer(types, "char", 1, BTF_INT_SIGNED), bytes);
}

uint32_t types_pointer(struct types *types, uint32_t to, enum address_space space)
{
	if (space == ADDRESS_USER && !btf_is_type_tag(types_at(types, to)))
		to = intern_user(types, to);
	return intern_reference(types, BTF_KIND_PTR, to);
}

uint32_t types_array(struct types *types, uint32_t element, uint32_t count)
{
	return intern_array(types, element, count);
}

uint32_t types_struct(
	struct types *types, const char *name, const struct types_field *fields, size_t count)
{
	_cleanup_free_ struct types_member *members = xcalloc(count + 1, sizeof(*members));
	uint32_t end = 0, align = 1;

	for (size_t i = 0; i < count; i++) {
		uint32_t member_align = types_align(types, fields[i].type);
		uint32_t offset = ALIGN_UP(end, member_align);

		members[i] = (struct types_member){
			.name = fields[i].name,
			.type = fields[i].type,
			.bit_offset = offset * 8,
		};
		end = offset + types_size(types, fields[i].type);
		align = MAX(align, member_align);
	}
	return intern_composite(types, BTF_KIND_STRUCT, name, members, count, ALIGN_UP(end, align));
}

uint32_t types_buf(struct types *types, uint32_t bytes)
{
	const struct types_field fields[] = {
		{"length", types_integer(types, 4, false)},
		{"data", types_array(types, types_integer(types, 1, false), bytes)},
	};
	uint32_t form = types_struct(types, NULL, fields, ARRAY_SIZE(fields));

	return types_with_meaning(types, MEANING_BUF, form, NULL);
}

uint32_t types_layout(struct types *types, const char *name, const struct types_member *members,
	size_t count, uint32_t size)
{
	return intern_composite(types, BTF_KIND_STRUCT, name, members, count, size);
}

uint32_t types_composite(struct types *types, const char *keyword, const char *name,
	const struct types_member *members, size_t count, uint32_t size)
{
	uint32_t kind = strcmp(keyword, "union") == 0 ? BTF_KIND_UNION : BTF_KIND_STRUCT;

	return intern_add_composite(types, kind, name, members, count, size);
}

uint32_t types_enum(
	struct types *types, const char *name, const struct types_constant *constants, size_t count)
{
	int64_t least = 0, most = 0;

	for (size_t i = 0; i < count; i++) {
		least = MIN(least, constants[i].value);
		most = MAX(most, constants[i].value);
	}

	bool is_signed = least < 0;
	bool is_wide = least < INT32_MIN || most > (is_signed ? INT32_MAX : (int64_t)UINT32_MAX);
	int id = is_wide ? btf__add_enum64(types->btf, name, 8, is_signed)
			 : btf__add_enum(types->btf, name, 4);

	for (size_t i = 0; id > 0 && i < count; i++) {
		if (is_wide)
			btf__add_enum64_value(
				types->btf, constants[i].name, (uint64_t)constants[i].value);
		else
			btf__add_enum_value(types->btf, constants[i].name, constants[i].value);
	}
	return MAX(id, 0);
}

uint32_t types_tuple(struct types *types, const uint32_t *elements, size_t count)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct types_field *fields = arena_array(&arena, struct types_field, count + 1);

	for (size_t i = 0; i < count; i++) {
		fields[i].name = arena_printf(&arena, "_%zu", i);
		fields[i].type = elements[i];
	}
	return intern_typedef(types, tuple_name, types_struct(types, NULL, fields, count), NULL);
}

uint32_t types_with_meaning(
	struct types *types, enum meaning meaning, uint32_t form, const char *parameters)
{
	return intern_typedef(types, meaning_name(meaning), form, parameters);
}
