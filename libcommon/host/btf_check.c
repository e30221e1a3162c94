/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every type is visited once as what contains it by value, and once as what a pointer leads to:
 * from there, structs and unions that have a name are not entered, since they may well point back;
 * one without a name is spelled out wherever it is used. Both walks count
 * how deep types nest, which bounds the recursion of all later walks and finds circles. The limit
 * is twice what the kernel's own types need: 33 levels, those of H.323 in its packet filters.
 *
 * Source: Documentation/bpf/btf.rst of the kernel.
 */
#include "btf_check.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "libcommon/base/alloc.h"

enum {
	DEPTH_LIMIT = 64,
	TEXT_LIMIT = 1 << 28, /* bytes of all types in C; those of the kernel are 6 million */
};

enum reached {
	BY_VALUE,
	BY_POINTER,
	NR_REACHED,
};

struct check {
	const struct btf *btf;
	uint32_t count;             /* of types, void included */
	uint8_t *depth[NR_REACHED]; /* 0: not visited yet */
	uint32_t *spelled;          /* bytes of a type's name or definition; 0: not counted yet */
};

static struct error *bad(uint32_t id, const char *what)
{
	return error_new(EINVAL, "type %u: %s", id, what);
}

static struct error *visit(
	struct check *check, uint32_t id, enum reached reached, int level, uint8_t *ret);

/* Visits what a type of its own refers to; *deepest grows to the deepest of them. */
static struct error *visit_into(
	struct check *check, uint32_t id, enum reached reached, int level, uint8_t *deepest)
{
	uint8_t depth = 0;
	struct error *error = visit(check, id, reached, level + 1, &depth);

	if (depth > *deepest)
		*deepest = depth;
	return error;
}

static struct error *visit_members(struct check *check, const struct btf_type *type,
	enum reached reached, int level, uint8_t *deepest)
{
	struct error *error = NULL;

	if (reached == BY_POINTER && type->name_off)
		return NULL;
	for (int i = 0; i < btf_vlen(type) && !error; i++)
		error = visit_into(check, btf_members(type)[i].type, BY_VALUE, level, deepest);
	return error;
}

static struct error *visit_prototype(
	struct check *check, const struct btf_type *type, int level, uint8_t *deepest)
{
	struct error *error = visit_into(check, type->type, BY_POINTER, level, deepest);

	for (int i = 0; i < btf_vlen(type) && !error; i++)
		error = visit_into(check, btf_params(type)[i].type, BY_POINTER, level, deepest);
	return error;
}

static struct error *visit_references(struct check *check, const struct btf_type *type,
	enum reached reached, int level, uint8_t *deepest)
{
	struct error *error = NULL;

	switch (btf_kind(type)) {
	case BTF_KIND_PTR: return visit_into(check, type->type, BY_POINTER, level, deepest);
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
	case BTF_KIND_DECL_TAG:
	case BTF_KIND_VAR:
	case BTF_KIND_FUNC: return visit_into(check, type->type, reached, level, deepest);
	case BTF_KIND_ARRAY:
		error = visit_into(check, btf_array(type)->index_type, reached, level, deepest);
		if (error)
			return error;
		return visit_into(check, btf_array(type)->type, reached, level, deepest);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION: return visit_members(check, type, reached, level, deepest);
	case BTF_KIND_FUNC_PROTO: return visit_prototype(check, type, level, deepest);
	case BTF_KIND_DATASEC:
		for (int i = 0; i < btf_vlen(type) && !error; i++)
			error = visit_into(
				check, btf_var_secinfos(type)[i].type, reached, level, deepest);
		return error;
	default: /* INT, ENUM, ENUM64, FLOAT, FWD refer to nothing */ return NULL;
	}
}

static struct error *visit(
	struct check *check, uint32_t id, enum reached reached, int level, uint8_t *ret)
{
	if (id >= check->count)
		return bad(id, "there is no such type");
	if (level > DEPTH_LIMIT)
		return bad(id, "contains itself or nests too deeply");
	if (id == 0)
		return NULL;

	uint8_t *known = &check->depth[reached][id];

	if (!*known) {
		const struct btf_type *type = btf__type_by_id(check->btf, id);
		uint8_t deepest = 0;
		struct error *error = visit_references(check, type, reached, level, &deepest);

		if (error)
			return error;
		if (deepest >= DEPTH_LIMIT)
			return bad(id, "nests too deeply");
		*known = deepest + 1;
	}
	*ret = *known;
	return NULL;
}

/* What is left of a type without typedefs, qualifiers and, unless it is a bit-field's, arrays. */
static const struct btf_type *value_of(const struct btf *btf, uint32_t id, bool is_bit_field)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (btf_is_mod(type) || btf_is_typedef(type) || (btf_is_array(type) && !is_bit_field))
		type = btf__type_by_id(
			btf, btf_is_array(type) ? btf_array(type)->type : type->type);
	return type;
}

/* Whether a member, or an element, can have it. libbpf divides by the alignment of members, which
 * other types have none of. */
static bool is_value(const struct btf *btf, uint32_t id, bool is_bit_field)
{
	const struct btf_type *type = value_of(btf, id, is_bit_field);

	if (btf_is_int(type) || btf_is_any_enum(type))
		return true;
	return !is_bit_field && (btf_is_ptr(type) || btf_is_composite(type) || btf_is_float(type));
}

static struct error *check_members(const struct btf *btf, uint32_t id, const struct btf_type *type)
{
	const struct btf_member *members = btf_members(type);

	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		uint64_t offset = btf_member_bit_offset(type, i);
		uint64_t bits = btf_member_bitfield_size(type, i);

		if (!btf__name_by_offset(btf, members[i].name_off))
			return bad(id, "a member's name is out of range");
		if (!is_value(btf, members[i].type, bits > 0))
			return bad(id, "a member is no value");
		if (!bits) {
			int64_t size = btf__resolve_size(btf, members[i].type);

			if (size < 0 || offset % 8)
				return bad(id, "a member has no size or is not at a byte");
			bits = (uint64_t)size * 8;
		}
		if (offset + bits > (uint64_t)type->size * 8)
			return bad(id, "a member lies outside of it");
	}
	return NULL;
}

static struct error *check_enumerators(
	const struct btf *btf, uint32_t id, const struct btf_type *type)
{
	bool wide = btf_kind(type) == BTF_KIND_ENUM64;

	if (type->size != 1 && type->size != 2 && type->size != 4 && type->size != 8)
		return bad(id, "an enum of an odd size");
	for (int i = 0; i < btf_vlen(type); i++) {
		uint32_t name = wide ? btf_enum64(type)[i].name_off : btf_enum(type)[i].name_off;

		if (!btf__name_by_offset(btf, name))
			return bad(id, "an enumerator's name is out of range");
	}
	return NULL;
}

static bool is_kind(const struct btf *btf, uint32_t id, uint32_t kind)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	return type && btf_kind(type) == kind;
}

static bool needs_name(const struct btf_type *type)
{
	switch (btf_kind(type)) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPE_TAG:
	case BTF_KIND_FUNC:
	case BTF_KIND_VAR:
	case BTF_KIND_DATASEC: return true;
	default: return false;
	}
}

/* Checks the record of one type itself; the types that it refers to were checked before. */
static struct error *check_type(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	const char *name = btf__name_by_offset(btf, type->name_off);

	if (!name)
		return bad(id, "its name is out of range");
	if (!*name && needs_name(type))
		return bad(id, "it has no name");
	switch (btf_kind(type)) {
	case BTF_KIND_INT:
		if (type->size < 1 || type->size > 16 || (type->size & (type->size - 1)) ||
			btf_int_offset(type) + btf_int_bits(type) > type->size * 8)
			return bad(id, "an integer of an odd size");
		return NULL;
	case BTF_KIND_ARRAY:
		if (btf__resolve_size(btf, id) < 0 || !is_value(btf, id, false))
			return bad(id, "an array without a size");
		return NULL;
	case BTF_KIND_FLOAT:
		if (type->size != 2 && type->size != 4 && type->size != 8 && type->size != 12 &&
			type->size != 16)
			return bad(id, "a floating-point number of an odd size");
		return NULL;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION: return check_members(btf, id, type);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64: return check_enumerators(btf, id, type);
	case BTF_KIND_FUNC:
		return is_kind(btf, type->type, BTF_KIND_FUNC_PROTO)
			       ? NULL
			       : bad(id, "a function without a prototype");
	case BTF_KIND_FUNC_PROTO:
		for (int i = 0; i < btf_vlen(type); i++) {
			if (!btf__name_by_offset(btf, btf_params(type)[i].name_off))
				return bad(id, "a parameter's name is out of range");
		}
		return NULL;
	case BTF_KIND_DATASEC:
		for (int i = 0; i < btf_vlen(type); i++) {
			if (!is_kind(btf, btf_var_secinfos(type)[i].type, BTF_KIND_VAR))
				return bad(id, "a section of something else than variables");
		}
		return NULL;
	default: return NULL;
	}
}

/* --- how long types are when they are spelled --- */

static uint32_t spelled(struct check *check, uint32_t id);

static uint32_t add_text(uint32_t bytes, uint32_t more)
{
	return MIN(bytes + more, (uint32_t)TEXT_LIMIT + 1);
}

static uint32_t name_size(const struct check *check, uint32_t name)
{
	return add_text((uint32_t)strnlen(btf__name_by_offset(check->btf, name), TEXT_LIMIT), 1);
}

/* Of the lines between the braces. */
static uint32_t definition_size(struct check *check, const struct btf_type *type)
{
	uint32_t bytes = 0, count = btf_vlen(type);

	for (uint32_t i = 0; i < count; i++) {
		if (btf_is_composite(type)) {
			bytes = add_text(bytes, name_size(check, btf_members(type)[i].name_off));
			bytes = add_text(bytes, spelled(check, btf_members(type)[i].type));
		} else if (btf_is_enum64(type)) {
			bytes = add_text(bytes, name_size(check, btf_enum64(type)[i].name_off));
		} else {
			bytes = add_text(bytes, name_size(check, btf_enum(type)[i].name_off));
		}
	}
	return bytes;
}

static uint32_t prototype_size(struct check *check, const struct btf_type *type)
{
	uint32_t bytes = spelled(check, type->type), count = btf_vlen(type);

	for (uint32_t i = 0; i < count; i++) {
		bytes = add_text(bytes, name_size(check, btf_params(type)[i].name_off));
		bytes = add_text(bytes, spelled(check, btf_params(type)[i].type));
	}
	return bytes;
}

static uint32_t count_spelled(struct check *check, const struct btf_type *type)
{
	switch (btf_kind(type)) {
	case BTF_KIND_PTR:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT: return spelled(check, type->type);
	case BTF_KIND_TYPE_TAG:
		return add_text(name_size(check, type->name_off), spelled(check, type->type));
	case BTF_KIND_ARRAY: return spelled(check, btf_array(type)->type);
	case BTF_KIND_FUNC_PROTO: return prototype_size(check, type);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return type->name_off ? name_size(check, type->name_off)
				      : definition_size(check, type);
	default: return name_size(check, type->name_off);
	}
}

/* The name or definition of the type where it is used. */
static uint32_t spelled(struct check *check, uint32_t id)
{
	if (!check->spelled[id])
		check->spelled[id] =
			add_text(count_spelled(check, btf__type_by_id(check->btf, id)), 1);
	return check->spelled[id];
}

/* Few types can expand to much text: one without a name that has many members of another such
 * type. */
static struct error *check_text(struct check *check, uint32_t first)
{
	uint32_t bytes = 0;

	for (uint32_t id = first; id < check->count; id++) {
		const struct btf_type *type = btf__type_by_id(check->btf, id);

		bytes = add_text(bytes, spelled(check, id));
		if (btf_is_composite(type) || btf_is_any_enum(type))
			bytes = add_text(bytes, definition_size(check, type));
		if (bytes > TEXT_LIMIT)
			return bad(id, "the text of the types is too long");
	}
	return NULL;
}

struct error *btf_check(const struct btf *btf)
{
	uint32_t count = btf__type_cnt(btf);
	const struct btf *base = btf__base_btf(btf);
	uint32_t first = base ? btf__type_cnt(base) : 1;
	_cleanup_free_ uint8_t *depths = xcalloc(count, NR_REACHED);
	_cleanup_free_ uint32_t *bytes = xcalloc(count, sizeof(*bytes));
	struct check check = {
		.btf = btf,
		.count = count,
		.depth = {depths, depths + count},
		.spelled = bytes,
	};
	struct error *error = NULL;

	for (uint32_t id = first; id < count && !error; id++) {
		uint8_t depth = 0;

		error = visit(&check, id, BY_VALUE, 0, &depth);
		if (!error)
			error = visit(&check, id, BY_POINTER, 0, &depth);
	}
	for (uint32_t id = first; id < count && !error; id++)
		error = check_type(btf, id);
	return error ? error : check_text(&check, first);
}
