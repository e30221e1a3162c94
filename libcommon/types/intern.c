/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interning: every type is added to the BTF here, unless an equal one exists. The key of a type is
 * its BTF encoding, which refers to other types by id; since these are interned too, equal types
 * have equal ids. libbpf refuses what BTF cannot express (e.g. an integer
 * of 3 bytes): such a type is void.
 */
#include "intern.h"

#include <string.h>

static void key_number(struct types *types, uint32_t number)
{
	str_append_bytes(&types->key, &number, sizeof(number));
}

/* NULL and "" are both "no name". */
static void key_text(struct types *types, const char *text)
{
	if (text)
		str_append(&types->key, text);
	str_append_char(&types->key, '\0');
}

static void key_start(struct types *types, uint32_t kind, const char *name)
{
	str_truncate(&types->key, 0);
	key_number(types, kind);
	key_text(types, name);
}

static uint32_t key_find(struct types *types)
{
	void *id = hashmap_get(&types->interned, types->key.data, types->key.length);

	return (uintptr_t)id;
}

/* id is what libbpf returned for the type of the present key. */
static uint32_t key_store(struct types *types, int id)
{
	if (id <= 0)
		return 0;
	*hashmap_slot(&types->interned, types->key.data, types->key.length) = (void *)(uintptr_t)id;
	return id;
}

uint32_t intern_integer(struct types *types, const char *name, uint32_t bytes, int encoding)
{
	key_start(types, BTF_KIND_INT, name);
	key_number(types, bytes);
	key_number(types, encoding);

	uint32_t id = key_find(types);

	return id ? id : key_store(types, btf__add_int(types->btf, name, bytes, encoding));
}

uint32_t intern_float(struct types *types, const char *name, uint32_t bytes)
{
	key_start(types, BTF_KIND_FLOAT, name);
	key_number(types, bytes);

	uint32_t id = key_find(types);

	return id ? id : key_store(types, btf__add_float(types->btf, name, bytes));
}

static int add_reference(struct btf *btf, uint32_t kind, uint32_t to)
{
	switch (kind) {
	case BTF_KIND_PTR: return btf__add_ptr(btf, to);
	case BTF_KIND_CONST: return btf__add_const(btf, to);
	case BTF_KIND_VOLATILE: return btf__add_volatile(btf, to);
	case BTF_KIND_RESTRICT: return btf__add_restrict(btf, to);
	default: return 0;
	}
}

uint32_t intern_reference(struct types *types, uint32_t kind, uint32_t to)
{
	key_start(types, kind, NULL);
	key_number(types, to);

	uint32_t id = key_find(types);

	return id ? id : key_store(types, add_reference(types->btf, kind, to));
}

uint32_t intern_user(struct types *types, uint32_t to)
{
	key_start(types, BTF_KIND_TYPE_TAG, "user");
	key_number(types, to);

	uint32_t id = key_find(types);

	return id ? id : key_store(types, btf__add_type_tag(types->btf, "user", to));
}

uint32_t intern_typedef(struct types *types, const char *name, uint32_t to, const char *parameters)
{
	bool has_parameters = parameters && *parameters;

	key_start(types, BTF_KIND_TYPEDEF, name);
	key_number(types, to);
	key_text(types, parameters);

	uint32_t id = key_find(types);

	if (id)
		return id;
	id = key_store(types, btf__add_typedef(types->btf, name, to));
	if (id && has_parameters) {
		btf__add_decl_tag(types->btf, parameters, id, -1);
		*hashmap_slot(&types->parameters, &id, sizeof(id)) =
			arena_strdup(&types->arena, parameters);
	}
	return id;
}

uint32_t intern_array(struct types *types, uint32_t element, uint32_t count)
{
	uint32_t index = types_integer(types, 4, false);

	key_start(types, BTF_KIND_ARRAY, NULL);
	key_number(types, element);
	key_number(types, count);

	uint32_t id = key_find(types);

	return id ? id : key_store(types, btf__add_array(types->btf, index, element, count));
}

uint32_t intern_add_composite(struct types *types, uint32_t kind, const char *name,
	const struct types_member *members, size_t count, uint32_t size)
{
	int id = kind == BTF_KIND_UNION ? btf__add_union(types->btf, name, size)
					: btf__add_struct(types->btf, name, size);

	if (id <= 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		btf__add_field(types->btf, members[i].name, members[i].type, members[i].bit_offset,
			members[i].bit_size);
	return id;
}

uint32_t intern_composite(struct types *types, uint32_t kind, const char *name,
	const struct types_member *members, size_t count, uint32_t size)
{
	key_start(types, kind, name);
	key_number(types, size);
	for (size_t i = 0; i < count; i++) {
		key_text(types, members[i].name);
		key_number(types, members[i].type);
		key_number(types, members[i].bit_offset);
		key_number(types, members[i].bit_size);
	}

	uint32_t id = key_find(types);

	if (id)
		return id;
	return key_store(types, intern_add_composite(types, kind, name, members, count, size));
}

static int add_enum(struct btf *btf, const char *name, uint32_t bytes, bool is_signed,
	const struct types_constant *constants, size_t count)
{
	bool is_wide = bytes > sizeof(uint32_t);
	int id = is_wide ? btf__add_enum64(btf, name, bytes, is_signed)
			 : btf__add_enum(btf, name, bytes);

	for (size_t i = 0; id > 0 && i < count; i++) {
		if (is_wide)
			btf__add_enum64_value(btf, constants[i].name, (uint64_t)constants[i].value);
		else
			btf__add_enum_value(btf, constants[i].name, constants[i].value);
	}
	return id;
}

uint32_t intern_enum(struct types *types, const char *name, uint32_t bytes, bool is_signed,
	const struct types_constant *constants, size_t count)
{
	key_start(types, BTF_KIND_ENUM, name);
	key_number(types, bytes);
	key_number(types, is_signed);
	for (size_t i = 0; i < count; i++) {
		key_text(types, constants[i].name);
		str_append_bytes(&types->key, &constants[i].value, sizeof(constants[i].value));
	}

	uint32_t id = key_find(types);

	if (id)
		return id;
	return key_store(types, add_enum(types->btf, name, bytes, is_signed, constants, count));
}

static int add_prototype(
	struct btf *btf, uint32_t result, const struct types_field *parameters, size_t count)
{
	int id = btf__add_func_proto(btf, result);

	for (size_t i = 0; id > 0 && i < count; i++)
		btf__add_func_param(btf, parameters[i].name, parameters[i].type);
	return id;
}

uint32_t intern_prototype(
	struct types *types, uint32_t result, const struct types_field *parameters, size_t count)
{
	key_start(types, BTF_KIND_FUNC_PROTO, NULL);
	key_number(types, result);
	for (size_t i = 0; i < count; i++) {
		key_text(types, parameters[i].name);
		key_number(types, parameters[i].type);
	}

	uint32_t id = key_find(types);

	return id ? id : key_store(types, add_prototype(types->btf, result, parameters, count));
}

static int add_forward(struct btf *btf, uint32_t kind, const char *name)
{
	switch (kind) {
	case BTF_KIND_STRUCT: return btf__add_fwd(btf, name, BTF_FWD_STRUCT);
	case BTF_KIND_UNION: return btf__add_fwd(btf, name, BTF_FWD_UNION);
	case BTF_KIND_ENUM: return btf__add_fwd(btf, name, BTF_FWD_ENUM);
	default: return 0;
	}
}

uint32_t intern_forward(struct types *types, uint32_t kind, const char *name, struct origin origin)
{
	key_start(types, BTF_KIND_FWD, name);
	key_number(types, kind);
	key_number(types, origin.id);
	key_number(types, origin.of_kernel);
	str_append_bytes(&types->key, &origin.source, sizeof(origin.source));
	str_append_bytes(&types->key, &origin.program, sizeof(origin.program));
	key_number(types, origin.size);
	key_number(types, origin.line);

	uint32_t id = key_find(types);

	if (id)
		return id;
	id = key_store(types, add_forward(types->btf, kind, name));
	if (id)
		*hashmap_slot(&types->origins, &id, sizeof(id)) =
			memcpy(arena_new(&types->arena, struct origin), &origin, sizeof(origin));
	return id;
}
