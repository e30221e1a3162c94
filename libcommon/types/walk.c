/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions about types. Every id and every text offset is checked, and every chain has an end, so
 * that a BTF out of a hostile bundle can do no more than answer nonsense: what is broken is void.
 */
#include "intern.h"

#include <string.h>

const struct btf_type *btf_at(const struct btf *btf, uint32_t id)
{
	static const struct btf_type nothing;
	const struct btf_type *type = btf__type_by_id(btf, id);

	return type ? type : &nothing;
}

const char *btf_text(const struct btf *btf, uint32_t offset)
{
	const char *text = btf__str_by_offset(btf, offset);

	return text ? text : "";
}

/* Whether the BTF distinguishes signed and unsigned enums; those of kernels before 6.0 do not. */
static bool has_signs(const struct btf *btf)
{
	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (btf_is_enum64(type) || (btf_is_enum(type) && btf_kflag(type)))
			return true;
	}
	return false;
}

int64_t btf_enum_number(const struct btf *foreign, const struct btf_type *type, uint32_t index)
{
	int32_t value = btf_enum(type)[index].val;

	if (value >= 0 || btf_kflag(type) || (foreign && !has_signs(foreign)))
		return value;
	return (uint32_t)value;
}

uint64_t btf_enumerator(
	const struct btf *foreign, const struct btf_type *type, uint32_t index, uint32_t *ret_name)
{
	if (btf_is_enum64(type)) {
		*ret_name = btf_enum64(type)[index].name_off;
		return btf_enum64_value(&btf_enum64(type)[index]);
	}

	*ret_name = btf_enum(type)[index].name_off;
	return btf_enum_number(foreign, type, index);
}

bool btf_is_char(const struct btf *btf, const struct btf_type *type)
{
	if (!btf_is_int(type) || type->size != 1)
		return false;
	return btf_int_encoding(type) == BTF_INT_CHAR ||
	       strcmp(btf_text(btf, type->name_off), "char") == 0;
}

const struct btf_type *types_at(const struct types *types, uint32_t id)
{
	return btf_at(types->btf, id);
}

/* libbpf moves its strings when they grow, so the texts that are returned are copies. */
const char *types_text(const struct types *types, uint32_t offset)
{
	void **slot = hashmap_slot(&types->texts->at, &offset, sizeof(offset));

	if (!*slot)
		*slot = arena_strdup(&types->texts->arena, btf_text(types->btf, offset));
	return *slot;
}

enum {
	TYPEDEF_UNKNOWN,
	TYPEDEF_OTHER,
	TYPEDEF_TUPLE,
	TYPEDEF_MEANING, /* and those from here on: + enum meaning */
};
_Static_assert(TYPEDEF_MEANING + NR_MEANINGS <= UINT8_MAX, "a kind of a typedef is a byte");

static uint8_t classify_typedef(const char *name)
{
	enum meaning meaning;

	if (strcmp(name, tuple_name) == 0)
		return TYPEDEF_TUPLE;
	return meaning_find(name, &meaning) ? TYPEDEF_MEANING + meaning : TYPEDEF_OTHER;
}

static uint8_t typedef_kind(const struct types *types, const struct btf_type *type)
{
	struct texts *texts = types->texts;
	uint32_t at = type->name_off;

	if (!btf_is_typedef(type))
		return TYPEDEF_OTHER;
	if (at < texts->typedef_kinds.count && texts->typedef_kinds.items[at])
		return texts->typedef_kinds.items[at];

	const char *name = btf__str_by_offset(types->btf, at);

	if (!name)
		return TYPEDEF_OTHER;
	while (texts->typedef_kinds.count <= at)
		vec_add(&texts->typedef_kinds);
	texts->typedef_kinds.items[at] = classify_typedef(name);
	return texts->typedef_kinds.items[at];
}

static bool is_tuple(const struct types *types, const struct btf_type *type)
{
	return typedef_kind(types, type) == TYPEDEF_TUPLE;
}

/* The meaning of a typedef; NR_MEANINGS when it has none. */
static enum meaning meaning_of(const struct types *types, const struct btf_type *type)
{
	uint8_t kind = typedef_kind(types, type);

	return kind >= TYPEDEF_MEANING ? (enum meaning)(kind - TYPEDEF_MEANING) : NR_MEANINGS;
}

bool types_is_widened(const struct types *types, uint32_t id, uint32_t *ret_bytes)
{
	const struct btf_type *type = types_at(types, id);

	if (!btf_is_typedef(type) || types_size(types, id) != sizeof(uint64_t))
		return false;
	for (size_t i = 0; i < NR_WIDENED; i++) {
		if (strcmp(btf_text(types->btf, type->name_off), widened[i].name) != 0)
			continue;
		if (ret_bytes)
			*ret_bytes = widened[i].bytes;
		return true;
	}
	return false;
}

uint32_t types_strip(const struct types *types, uint32_t id)
{
	for (int i = 0; i < TYPES_DEPTH; i++) {
		const struct btf_type *type = types_at(types, id);

		if (!btf_is_mod(type) && !btf_is_typedef(type))
			return id;
		if (btf_is_typedef(type) && typedef_kind(types, type) != TYPEDEF_OTHER)
			return id;
		id = type->type;
	}
	return 0;
}

static const struct btf_type *stripped(const struct types *types, uint32_t id)
{
	return types_at(types, types_strip(types, id));
}

enum type_class types_class(const struct types *types, uint32_t id)
{
	const struct btf_type *type = stripped(types, id);

	switch (btf_kind(type)) {
	case BTF_KIND_INT: return TYPE_INTEGER;
	case BTF_KIND_PTR: return TYPE_POINTER;
	case BTF_KIND_ARRAY:
		return btf_is_char(types->btf, stripped(types, btf_array(type)->type)) ? TYPE_STRING
										       : TYPE_ARRAY;
	case BTF_KIND_STRUCT: return TYPE_STRUCT;
	case BTF_KIND_UNION: return TYPE_UNION;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64: return TYPE_ENUM;
	case BTF_KIND_FWD: return TYPE_FORWARD;
	case BTF_KIND_TYPEDEF: return is_tuple(types, type) ? TYPE_TUPLE : TYPE_MEANING;
	case BTF_KIND_FUNC:
	case BTF_KIND_FUNC_PROTO: return TYPE_FUNCTION;
	case BTF_KIND_FLOAT: return TYPE_FLOAT;
	default: return TYPE_VOID;
	}
}

uint32_t types_size(const struct types *types, uint32_t id)
{
	uint64_t count = 1;

	for (int i = 0; i < TYPES_DEPTH; i++) {
		const struct btf_type *type = stripped(types, id);
		uint64_t size = 0;

		switch (btf_kind(type)) {
		case BTF_KIND_INT:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_FLOAT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION: size = type->size; break;
		case BTF_KIND_PTR: size = 8; break;
		case BTF_KIND_TYPEDEF: id = type->type; continue;
		case BTF_KIND_ARRAY:
			count *= btf_array(type)->nelems;
			if (count > UINT32_MAX)
				return 0;
			id = btf_array(type)->type;
			continue;
		default: break;
		}
		return count * size <= UINT32_MAX ? count * size : 0;
	}
	return 0;
}

/* One walk over the members of members. */
struct walk {
	const struct types *types;
	int depth;
	uint32_t members; /* seen so far */
};

static bool walk_ended(const struct walk *walk)
{
	return walk->depth >= TYPES_DEPTH || walk->members >= TYPES_MEMBERS;
}

static uint32_t align_of(struct walk *walk, uint32_t id);

/* A member off its own alignment, or a size that is no multiple of it, shows a packed struct. */
static uint32_t align_of_members(struct walk *walk, uint32_t id)
{
	const struct btf_type *type = types_at(walk->types, id);
	uint32_t align = 1;

	for (uint32_t i = 0; i < btf_vlen(type) && !walk_ended(walk); i++, walk->members++) {
		uint32_t member = align_of(walk, btf_members(type)[i].type);
		bool bit_field = btf_member_bitfield_size(type, i) != 0;

		if (!bit_field && btf_member_bit_offset(type, i) % (8 * member) != 0)
			return 1;
		align = MAX(align, member);
	}
	return type->size % align ? 1 : align;
}

static uint32_t align_of_kind(struct walk *walk, uint32_t id)
{
	const struct btf_type *type = types_at(walk->types, id);

	switch (btf_kind(type)) {
	case BTF_KIND_INT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_FLOAT: return type->size ? MIN(type->size & -type->size, 16u) : 1;
	case BTF_KIND_PTR: return 8;
	case BTF_KIND_TYPEDEF: return align_of(walk, type->type);
	case BTF_KIND_ARRAY: return align_of(walk, btf_array(type)->type);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION: return align_of_members(walk, id);
	default: return 1;
	}
}

static uint32_t align_of(struct walk *walk, uint32_t id)
{
	if (walk_ended(walk))
		return 1;
	walk->depth++;

	uint32_t align = align_of_kind(walk, types_strip(walk->types, id));

	walk->depth--;
	return align;
}

uint32_t types_align(const struct types *types, uint32_t id)
{
	struct walk walk = {.types = types};

	return align_of(&walk, id);
}

bool types_is_signed(const struct types *types, uint32_t id)
{
	const struct btf_type *type = stripped(types, id);

	if (btf_is_int(type))
		return btf_int_encoding(type) & BTF_INT_SIGNED;
	return btf_is_any_enum(type) && btf_kflag(type);
}

bool types_is_integer(const struct types *types, uint32_t id)
{
	enum type_class class = types_class(types, id);

	return class == TYPE_INTEGER || class == TYPE_ENUM;
}

bool types_is_scalar(const struct types *types, uint32_t id)
{
	return types_is_integer(types, id) || types_class(types, id) == TYPE_POINTER;
}

uint32_t types_pointee(const struct types *types, uint32_t pointer)
{
	const struct btf_type *type = stripped(types, pointer);

	if (!btf_is_ptr(type))
		return 0;

	uint32_t to = type->type;

	for (int i = 0; i < TYPES_DEPTH && btf_is_type_tag(types_at(types, to)); i++)
		to = types_at(types, to)->type;
	return to;
}

bool types_points_to_char(const struct types *types, uint32_t type)
{
	uint32_t pointee = types_pointee(types, type);

	return pointee && btf_is_char(types->btf, stripped(types, pointee));
}

enum address_space types_space(const struct types *types, uint32_t pointer)
{
	const struct btf_type *type = stripped(types, pointer);

	if (!btf_is_ptr(type))
		return ADDRESS_KERNEL;
	type = types_at(types, type->type);
	if (!btf_is_type_tag(type) || strcmp(btf_text(types->btf, type->name_off), "user") != 0)
		return ADDRESS_KERNEL;
	return ADDRESS_USER;
}

uint32_t types_element(const struct types *types, uint32_t array, uint32_t *count)
{
	const struct btf_type *type = stripped(types, array);

	if (!btf_is_array(type))
		return 0;
	if (count)
		*count = btf_array(type)->nelems;
	return btf_array(type)->type;
}

/* The struct or union that holds the members, looking through the typedef of a tuple. */
static const struct btf_type *composite(const struct types *types, uint32_t id)
{
	const struct btf_type *type = stripped(types, id);

	return is_tuple(types, type) ? stripped(types, type->type) : type;
}

uint32_t types_member_count(const struct types *types, uint32_t id)
{
	const struct btf_type *type = composite(types, id);

	return btf_is_composite(type) ? btf_vlen(type) : 0;
}

struct types_member types_member_at(const struct types *types, uint32_t id, uint32_t index)
{
	const struct btf_type *type = composite(types, id);

	if (!btf_is_composite(type) || index >= btf_vlen(type))
		return (struct types_member){.name = ""};

	const struct btf_member *member = &btf_members(type)[index];

	return (struct types_member){
		.name = types_text(types, member->name_off),
		.type = member->type,
		.bit_offset = btf_member_bit_offset(type, index),
		.bit_size = btf_member_bitfield_size(type, index),
		.owner = id,
		.index = index,
	};
}

static bool find_member(struct walk *walk, uint32_t id, const char *name, struct types_member *ret);

/* Looks into member i of type id, an unnamed one. */
static bool find_inside(
	struct walk *walk, uint32_t id, uint32_t i, const char *name, struct types_member *ret)
{
	struct types_member outer = types_member_at(walk->types, id, i);

	walk->depth++;

	bool found = find_member(walk, outer.type, name, ret);

	walk->depth--;
	if (!found)
		return false;
	ret->bit_offset += outer.bit_offset;
	ret->owner = id;
	ret->index = i;
	return true;
}

static bool find_member(struct walk *walk, uint32_t id, const char *name, struct types_member *ret)
{
	const struct types *types = walk->types;
	const struct btf_type *type = composite(types, id);

	if (!btf_is_composite(type))
		return false;
	for (uint32_t i = 0; i < btf_vlen(type) && !walk_ended(walk); i++, walk->members++) {
		if (strcmp(btf_text(types->btf, btf_members(type)[i].name_off), name) == 0) {
			*ret = types_member_at(types, id, i);
			return true;
		}
	}
	for (uint32_t i = 0; i < btf_vlen(type) && !walk_ended(walk); i++) {
		if (btf_members(type)[i].name_off == 0 && find_inside(walk, id, i, name, ret))
			return true;
	}
	return false;
}

bool types_member(
	const struct types *types, uint32_t type, const char *name, struct types_member *ret)
{
	struct walk walk = {.types = types};

	return *name != '\0' && find_member(&walk, type, name, ret);
}

enum meaning types_meaning_of(const struct types *types, uint32_t id)
{
	return meaning_of(types, stripped(types, id));
}

uint32_t types_form(const struct types *types, uint32_t id)
{
	const struct btf_type *type = stripped(types, id);

	return btf_is_typedef(type) ? type->type : 0;
}

const char *types_parameters(const struct types *types, uint32_t id)
{
	id = types_strip(types, id);

	const char *parameters = hashmap_get(&types->parameters, &id, sizeof(id));

	return parameters ? parameters : "";
}

uint32_t types_buf_room(const struct types *types, uint32_t type)
{
	uint32_t form = types_form(types, type), count = 0;

	if (types_member_count(types, form) == 2)
		types_element(types, types_member_at(types, form, 1).type, &count);
	return count;
}

bool types_has_meaning(const struct types *types, uint32_t id, enum meaning meaning)
{
	return types_meaning_of(types, id) == meaning;
}

enum meaning_reading types_reading(const struct types *types, uint32_t type)
{
	static const enum meaning_reading readings[] = {
#define MEANING(NAME, name, reading, doc) [MEANING_##NAME] = reading,
#include "meanings.def"
#undef MEANING
	};
	enum meaning meaning = types_meaning_of(types, type);

	return meaning < NR_MEANINGS ? readings[meaning] : READS_ITSELF;
}

bool types_aggregates_unsigned(const struct types *types, uint32_t type)
{
	switch (types_reading(types, type)) {
	case READS_ITSELF:
	case READS_SLOTS:
	case READS_BUCKETS: return false;
	case READS_COUNT: return true;
	case READS_SUM:
	case READS_EXTREME:
	case READS_AVERAGE:
	case READS_FIELDS: break;
	}
	return strcmp(types_parameters(types, type), AGGREGATION_UNSIGNED) == 0;
}
