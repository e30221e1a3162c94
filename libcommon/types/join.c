/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joining: what a slot must hold that sees values of two types. The order behind it is, for
 * integers, that of the values they can have, then uint64, then int64; a widened int64
 * (types_widened) is below uint64, since it came out of a narrower type or a literal; for strings,
 * by length; a tuple's is that of its members; aggregations of unsigned numbers are above those of
 * signed ones. Everything else joins only with its like. The result is never below either side, so
 * a slot that is joined again and again only grows, and stops at 8 bytes or the longest string.
 */
#include "intern.h"

#include <string.h>

static bool same(struct types *types, uint32_t a, uint32_t b, int depth);

static bool same_text(const struct types *types, uint32_t a, uint32_t b)
{
	return strcmp(types_text(types, types_at(types, a)->name_off),
		       types_text(types, types_at(types, b)->name_off)) == 0;
}

/* A struct and its forward declaration, and two declarations from different places, are the same
 * when they complete to the same. */
static bool same_composite(struct types *types, uint32_t a, uint32_t b)
{
	if (!same_text(types, a, b))
		return false;

	uint32_t complete_a = types_complete(types, a), complete_b = types_complete(types, b);

	if (complete_a == complete_b)
		return true;
	return complete_a == a && complete_b == b && types_class(types, a) == TYPE_FORWARD &&
	       types_class(types, b) == TYPE_FORWARD &&
	       btf_kflag(types_at(types, a)) == btf_kflag(types_at(types, b));
}

static bool same_members(struct types *types, uint32_t a, uint32_t b, int depth)
{
	uint32_t count = types_member_count(types, a);

	if (count != types_member_count(types, b))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (!same(types, types_member_at(types, a, i).type,
			    types_member_at(types, b, i).type, depth))
			return false;
	}
	return true;
}

static bool same_array(struct types *types, uint32_t a, uint32_t b, int depth)
{
	uint32_t count_a = 0, count_b = 0;
	uint32_t element_a = types_element(types, a, &count_a);
	uint32_t element_b = types_element(types, b, &count_b);

	return count_a == count_b && same(types, element_a, element_b, depth);
}

static bool is_composite(enum type_class class)
{
	return class == TYPE_STRUCT || class == TYPE_UNION || class == TYPE_FORWARD;
}

/* Both mean the same, though they came from different places. a and b are stripped. */
static bool same_class(struct types *types, uint32_t a, uint32_t b, int depth)
{
	enum type_class class = types_class(types, a), class_b = types_class(types, b);

	if (is_composite(class) && is_composite(class_b))
		return same_composite(types, a, b);
	if (class != class_b)
		return false;
	switch (class) {
	case TYPE_INTEGER:
		return types_size(types, a) == types_size(types, b) &&
		       types_is_signed(types, a) == types_is_signed(types, b);
	case TYPE_ENUM: return same_text(types, a, b);
	case TYPE_FLOAT: return types_size(types, a) == types_size(types, b);
	case TYPE_POINTER:
		return types_space(types, a) == types_space(types, b) &&
		       same(types, types_pointee(types, a), types_pointee(types, b), depth);
	case TYPE_STRING:
	case TYPE_ARRAY: return same_array(types, a, b, depth);
	case TYPE_TUPLE: return same_members(types, a, b, depth);
	case TYPE_MEANING:
		return types_meaning_of(types, a) == types_meaning_of(types, b) &&
		       strcmp(types_parameters(types, a), types_parameters(types, b)) == 0 &&
		       same(types, types_form(types, a), types_form(types, b), depth);
	default: return false;
	}
}

static bool same(struct types *types, uint32_t a, uint32_t b, int depth)
{
	a = types_strip(types, a);
	b = types_strip(types, b);
	return a == b || (depth < TYPES_DEPTH && same_class(types, a, b, depth + 1));
}

static bool gives_way(const struct types *types, uint32_t integer)
{
	return types_is_widened(types, integer, NULL) && types_is_signed(types, integer);
}

/* Of mixed signedness: the narrowest signed type that has all values of both, or int64 where there
 * is none. */
static uint32_t join_integers(struct types *types, uint32_t a, uint32_t b)
{
	uint32_t soft = gives_way(types, a) ? a : b;
	uint32_t size_a = types_size(types, a), size_b = types_size(types, b);
	bool signed_a = types_is_signed(types, a), signed_b = types_is_signed(types, b);
	uint32_t size_unsigned = signed_a ? size_b : size_a;

	if (signed_a == signed_b)
		return types_integer(types, MAX(size_a, size_b), signed_a);
	if (gives_way(types, soft))
		return size_unsigned == sizeof(uint64_t)
			       ? types_integer(types, sizeof(uint64_t), false)
			       : soft;
	if (size_unsigned == sizeof(uint64_t))
		return types_integer(types, sizeof(uint64_t), true);
	return types_integer(types, MAX(signed_a ? size_a : size_b, 2 * size_unsigned), true);
}

static uint32_t join_tuples(struct types *types, uint32_t a, uint32_t b)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	uint32_t count = types_member_count(types, a);
	uint32_t *elements = arena_array(&arena, uint32_t, count + 1);

	if (count != types_member_count(types, b))
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		elements[i] = types_join(types, types_member_at(types, a, i).type,
			types_member_at(types, b, i).type);
		if (!elements[i])
			return 0;
	}
	return types_tuple(types, elements, count);
}

static bool are_named(const struct types *types, uint32_t a, uint32_t b, enum meaning meaning)
{
	return types_has_meaning(types, a, meaning) && types_has_meaning(types, b, meaning);
}

static bool same_aggregation(const struct types *types, uint32_t a, uint32_t b)
{
	bool has_shape = types_is_histogram(types, a) || types_reading(types, a) == READS_SLOTS;

	return types_is_aggregation(types, a) && !has_shape &&
	       types_meaning_of(types, a) == types_meaning_of(types, b);
}

uint32_t types_join(struct types *types, uint32_t a, uint32_t b)
{
	if (a == 0 || b == 0 || a == b)
		return a ? a : b;

	enum type_class class_a = types_class(types, a), class_b = types_class(types, b);

	if (gives_way(types, a) && gives_way(types, b))
		return types_widened(types, sizeof(uint64_t), true);
	if (types_strip(types, a) == types_strip(types, b))
		return types_strip(types, a);
	if (types_is_bool(types, a) && types_is_bool(types, b))
		return types_bool(types);
	if (types_is_integer(types, a) && types_is_integer(types, b))
		return join_integers(types, a, b);
	if (class_a == TYPE_STRING && class_b == TYPE_STRING)
		return types_string(types, MAX(types_size(types, a), types_size(types, b)));
	if (are_named(types, a, b, MEANING_BUF))
		return types_buf(types, MAX(types_buf_room(types, a), types_buf_room(types, b)));
	if (same_aggregation(types, a, b))
		return types_aggregates_unsigned(types, a) ? a : b;
	if (class_a == TYPE_TUPLE && class_b == TYPE_TUPLE)
		return join_tuples(types, a, b);
	if (types_is_record(types, a) && types_is_record(types, b))
		return record_join(types, a, b);
	if (class_a == TYPE_POINTER && types_is_integer(types, b))
		return a;
	if (class_b == TYPE_POINTER && types_is_integer(types, a))
		return b;
	return same(types, a, b, 0) ? a : 0;
}
