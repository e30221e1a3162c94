/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copying types from one BTF into a struct types. There are two ways to copy a type. As a value, it
 * is copied with all types of its bytes: members by value, elements, bases of typedefs. Behind a
 * pointer, a struct with a name becomes a forward declaration whose origin is kept, so a copy never
 * grows by what is only pointed to. Both kinds of copies are cached per source id: each is made
 * once.
 *
 * What scripts cannot use is simplified: functions become void, tags other than "user" vanish, a
 * pointer to an array of structs points to the struct. Foreign typedefs with the name of a meaning
 * (meanings.def) are replaced by their types. The copies of types_export keep meanings: there the
 * source is the BTF of a struct types.
 */
#include "intern.h"

#include <inttypes.h>
#include <string.h>

#include "libcommon/base/alloc.h"

enum {
	NAME_MOST = 127,      /* KSYM_NAME_LEN of old kernels, with the NUL */
	HASH_LENGTH = 1 + 16, /* of what is in place of the rest */
	WORD = sizeof(uint64_t),
};

enum way {
	AS_VALUE,
	BEHIND_POINTER,
};

struct copy {
	struct types *types;
	const struct btf *source;
	const struct types *own; /* the owner of source; NULL when it is foreign */
	int depth;
};

/* Marks a copy in progress; a type that contains itself becomes void there. */
static char under_way;

static uint32_t copy_type(struct copy *copy, uint32_t id, enum way way);

/* The type without qualifiers and typedefs. */
static const struct btf_type *base_of(const struct btf *source, uint32_t id)
{
	const struct btf_type *type = btf_at(source, id);

	for (int i = 0; i < TYPES_DEPTH && (btf_is_mod(type) || btf_is_typedef(type)); i++)
		type = btf_at(source, type->type);
	return type;
}

static bool is_array_of_composites(const struct btf *source, const struct btf_type *type)
{
	for (int i = 0; i < TYPES_DEPTH && btf_is_array(type); i++)
		type = base_of(source, btf_array(type)->type);
	return btf_is_composite(type);
}

/* A name that is longer than the kernel accepts: its beginning, and a hash of all of it. */
static const char *shortened(struct copy *copy, const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	return arena_printf(
		&copy->types->arena, "%.*s_%016" PRIx64, NAME_MOST - HASH_LENGTH, name, hash);
}

/* The name at offset as the kernel accepts it: names of other languages are not C identifiers. */
static const char *name_at(struct copy *copy, uint32_t offset)
{
	const char *name = btf_text(copy->source, offset);
	char *copied = NULL;

	if (copy->own && strlen(name) > NAME_MOST)
		name = shortened(copy, name);
	for (size_t i = 0; name[i]; i++) {
		bool is_digit = name[i] >= '0' && name[i] <= '9';

		if (is_word_char(name[i]) && (i > 0 || !is_digit))
			continue;
		if (!copied)
			copied = arena_strdup(&copy->types->arena, name);
		copied[i] = '_';
	}
	return copied ? copied : name;
}

/* The kernel refuses a number of floating point at an odd place, but not in a struct at that place.
 * The members of one without a name are those of the struct around it. */
static void wrap_float(struct copy *copy, struct types_member *member)
{
	const struct btf_type *type = base_of(copy->types->btf, member->type);
	uint32_t size = type->size;
	struct types_member inner = *member;

	if (!btf_is_float(type) || member->bit_offset % (8 * MIN(size, WORD)) == 0)
		return;
	inner.bit_offset = 0;
	member->name = "";
	member->type = intern_composite(copy->types, BTF_KIND_STRUCT, "", &inner, 1, size);
}

static uint32_t copy_members(struct copy *copy, const struct btf_type *type)
{
	uint32_t count = btf_vlen(type), kept = 0;
	_cleanup_free_ struct types_member *members = xcalloc(count + 1, sizeof(*members));

	for (uint32_t i = 0; i < count; i++) {
		uint32_t member = copy_type(copy, btf_members(type)[i].type, AS_VALUE);

		if (member == 0 || types_class(copy->types, member) == TYPE_FORWARD)
			continue;
		members[kept] = (struct types_member){
			.name = name_at(copy, btf_members(type)[i].name_off),
			.type = member,
			.bit_offset = btf_member_bit_offset(type, i),
			.bit_size = btf_member_bitfield_size(type, i),
		};
		if (copy->own)
			wrap_float(copy, &members[kept]);
		kept++;
	}
	return intern_add_composite(copy->types, btf_kind(type), name_at(copy, type->name_off),
		members, kept, type->size);
}

static uint32_t copy_enum(struct copy *copy, const struct btf_type *type)
{
	struct btf *btf = copy->types->btf;
	int id = btf__add_enum(btf, name_at(copy, type->name_off), type->size);

	if (id <= 0)
		return 0;
	for (uint32_t i = 0; i < btf_vlen(type); i++)
		btf__add_enum_value(btf, name_at(copy, btf_enum(type)[i].name_off),
			btf_enum_number(copy->own ? NULL : copy->source, type, i));
	return id;
}

static uint32_t copy_enum64(struct copy *copy, const struct btf_type *type)
{
	struct btf *btf = copy->types->btf;
	int id = btf__add_enum64(btf, name_at(copy, type->name_off), type->size, btf_kflag(type));

	if (id <= 0)
		return 0;
	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		const struct btf_enum64 *value = &btf_enum64(type)[i];

		btf__add_enum64_value(btf, name_at(copy, value->name_off), btf_enum64_value(value));
	}
	return id;
}

static uint32_t forward_kind(const struct btf_type *type)
{
	if (btf_is_fwd(type))
		return btf_kflag(type) ? BTF_KIND_UNION : BTF_KIND_STRUCT;
	return btf_kind(type);
}

/* A declaration has no definition in its source, one in a struct types may have it elsewhere:
 * then it is copied by its name only. */
static uint32_t copy_forward(struct copy *copy, uint32_t id, const struct btf_type *type)
{
	bool by_name = copy->own || btf_is_fwd(type);
	struct origin origin = {
		.source = by_name ? NULL : copy->source,
		.id = by_name ? 0 : id,
	};

	return intern_forward(
		copy->types, forward_kind(type), name_at(copy, type->name_off), origin);
}

static uint32_t copy_composite(
	struct copy *copy, uint32_t id, const struct btf_type *type, enum way way)
{
	if (way == BEHIND_POINTER && type->name_off != 0)
		return copy_forward(copy, id, type);
	return copy_members(copy, type);
}

static uint32_t copy_array(struct copy *copy, const struct btf_type *type, enum way way)
{
	const struct btf_array *array = btf_array(type);

	if (way == BEHIND_POINTER && is_array_of_composites(copy->source, type))
		return copy_type(copy, array->type, BEHIND_POINTER);
	if (btf_is_char(copy->source, base_of(copy->source, array->type)))
		return types_string(copy->types, array->nelems);

	uint32_t id = copy_type(copy, array->type, AS_VALUE);

	return id ? intern_array(copy->types, id, array->nelems) : 0;
}

static uint32_t copy_typedef(
	struct copy *copy, uint32_t id, const struct btf_type *type, enum way way)
{
	const char *name = name_at(copy, type->name_off);
	uint32_t to = copy_type(copy, type->type, way);

	if (meaning_is_reserved(name) && !copy->own)
		return to;
	if (to == 0 && way == AS_VALUE)
		return 0;
	return intern_typedef(
		copy->types, name, to, copy->own ? types_parameters(copy->own, id) : NULL);
}

/* "user" may be among the qualifiers, too, where the kernel refuses it. */
static bool is_user(const struct btf *source, uint32_t id)
{
	const struct btf_type *type = btf_at(source, id);

	for (int i = 0; i < TYPES_DEPTH && btf_is_mod(type); i++) {
		if (btf_is_type_tag(type) && strcmp(btf_text(source, type->name_off), "user") == 0)
			return true;
		type = btf_at(source, type->type);
	}
	return false;
}

static uint32_t copy_pointer(struct copy *copy, const struct btf_type *type)
{
	uint32_t to = copy_type(copy, type->type, BEHIND_POINTER);

	return types_pointer(
		copy->types, to, is_user(copy->source, type->type) ? ADDRESS_USER : ADDRESS_KERNEL);
}

static uint32_t copy_qualifier(struct copy *copy, const struct btf_type *type, enum way way)
{
	uint32_t to = copy_type(copy, type->type, way);

	if (to == 0 && way == AS_VALUE)
		return 0;
	return intern_reference(copy->types, btf_kind(type), to);
}

static uint32_t copy_kind(struct copy *copy, uint32_t id, enum way way)
{
	const struct btf_type *type = btf_at(copy->source, id);
	const char *name = btf_text(copy->source, type->name_off);

	switch (btf_kind(type)) {
	case BTF_KIND_INT:
		return intern_integer(copy->types, name, type->size, btf_int_encoding(type));
	case BTF_KIND_FLOAT: return intern_float(copy->types, name, type->size);
	case BTF_KIND_ENUM: return copy_enum(copy, type);
	case BTF_KIND_ENUM64: return copy_enum64(copy, type);
	case BTF_KIND_PTR: return copy_pointer(copy, type);
	case BTF_KIND_ARRAY: return copy_array(copy, type, way);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION: return copy_composite(copy, id, type, way);
	case BTF_KIND_FWD: return copy_forward(copy, id, type);
	case BTF_KIND_TYPEDEF: return copy_typedef(copy, id, type, way);
	case BTF_KIND_TYPE_TAG: return copy_type(copy, type->type, way);
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT: return copy_qualifier(copy, type, way);
	default: return 0;
	}
}

/* Copies a type of copy->source itself. */
static uint32_t copy_own(struct copy *copy, uint32_t id, enum way way)
{
	struct {
		const struct btf *source;
		uint32_t id, way;
	} key = {copy->source, id, way};

	if (id == 0 || copy->depth == TYPES_DEPTH)
		return 0;

	void *copied = *hashmap_slot(&copy->types->copies, &key, sizeof(key));

	if (copied)
		return copied == &under_way ? 0 : (uintptr_t)copied;
	*hashmap_slot(&copy->types->copies, &key, sizeof(key)) = &under_way;
	copy->depth++;

	uint32_t result = copy_kind(copy, id, way);

	copy->depth--;
	*hashmap_slot(&copy->types->copies, &key, sizeof(key)) = (void *)(uintptr_t)result;
	return result;
}

/* What a module shares with the kernel is the kernel's, so that it is copied once. */
static const struct btf *owner_of(const struct btf *source, uint32_t id)
{
	const struct btf *base;

	while ((base = btf__base_btf(source)) && id < btf__type_cnt(base))
		source = base;
	return source;
}

static uint32_t copy_type(struct copy *copy, uint32_t id, enum way way)
{
	const struct btf *source = copy->source;

	copy->source = owner_of(source, id);

	uint32_t result = copy_own(copy, id, way);

	copy->source = source;
	return result;
}

uint32_t types_import(struct types *types, const struct btf *source, uint32_t id)
{
	struct copy copy = {.types = types, .source = source};

	return copy_type(&copy, id, AS_VALUE);
}

uint32_t types_complete(struct types *types, uint32_t type)
{
	uint32_t id = types_strip(types, type);
	struct origin *origin = hashmap_get(&types->origins, &id, sizeof(id));

	if (!origin)
		return type;
	if (!origin->complete)
		origin->complete = find_definition(types, id, origin);
	return origin->complete ? origin->complete : type;
}

struct error *types_export(const struct types *types, const uint32_t *roots, size_t count,
	uint32_t *ret_ids, struct btf **ret)
{
	_cleanup_types_ struct types *out = types_new(NULL);
	struct copy copy = {.types = out, .source = types->btf, .own = types};
	_cleanup_free_ uint32_t *ids = xcalloc(count + 1, sizeof(*ids));

	for (size_t i = 0; i < count; i++) {
		ids[i] = copy_type(&copy, roots[i], AS_VALUE);
		if (ids[i] == 0 && roots[i] != 0) {
			_cleanup_str_ struct str name = STR_INIT;

			types_spell(types, roots[i], &name);
			return error_new(0, "type %s cannot be written as BTF", str_text(&name));
		}
	}
	memcpy(ret_ids, ids, count * sizeof(*ids));
	*ret = TAKE(out->btf);
	return NULL;
}
