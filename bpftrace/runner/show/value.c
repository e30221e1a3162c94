/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value is its type, an id of the bundle's BTF, and as many bytes as that has. One walk over the
 * type serves all formats. The BTF was checked when the bundle was read (host/btf_check.h): members
 * lie inside of what they are members of, and nothing contains itself. Bytes are not aligned.
 */
#include "value.h"

#include <inttypes.h>
#include <string.h>

#include "bpftrace/runner/data/aggregate.h"
#include "bpftrace/runner/data/number.h"
#include "libcommon/base/alloc.h"
#include "spell.h"
#include "text_sink.h"

void value_reader_deinit(struct value_reader *reader)
{
	str_deinit(&reader->spelled);
}

static const struct types *types_of(const struct value *value)
{
	return value->reader->bundle->types;
}

static size_t size_of(const struct value *value)
{
	return types_size(types_of(value), value->type);
}

bool value_is_text(const struct types *types, uint32_t type)
{
	return spell_of(types, type) != NULL;
}

bool value_is_own_text(const struct types *types, uint32_t type)
{
	return types_has_meaning(types, type, MEANING_TIMESTAMP);
}

const char *value_bytes(const struct value *value, size_t *ret_length)
{
	spell_fn *spell = spell_of(types_of(value), value->type);

	return spell ? spell(value, ret_length) : NULL;
}

/* --- aggregations --- */

static void describe_unaligned(const struct value *value, struct sink *sink)
{
	struct aggregate aggregate = {};
	_cleanup_error_ struct error *error =
		aggregate_find(types_of(value), value->type, &aggregate);

	if (error || !aggregate.ops) {
		sink->ops->text(sink, "", 0, false);
		return;
	}

	_cleanup_free_ uint64_t *words = xmemdup(value->data, aggregate.words * sizeof(*words));

	aggregate.ops->describe(&aggregate, words, value->divisor, sink);
}

static void describe_aggregate(const struct value *value, struct sink *sink)
{
	const struct aggregate *aggregate = value->aggregate;

	if (aggregate)
		aggregate->ops->describe(aggregate, value->data, value->divisor, sink);
	else
		describe_unaligned(value, sink);
}

/* --- numbers --- */

/* 128 bits, as a text: readers of JSON and spreadsheets have no such numbers. */
static void describe_wide(const struct value *value, struct sink *sink)
{
	const size_t half = sizeof(uint64_t);
	const char *data = value->data;
	char digits[2 + 32 + 1];

	snprintf(digits, sizeof(digits), "0x%016" PRIx64 "%016" PRIx64,
		number_read(data + half, half, false), number_read(data, half, false));
	sink->ops->text(sink, digits, strlen(digits), false);
}

/* The name of an enum's value, if scripts of this generation show it. */
static const char *shown_name(const struct value *value, uint32_t type, uint64_t number)
{
	return value->reader->bundle->manifest.is_newer
		       ? types_enumerator_name(types_of(value), type, number)
		       : NULL;
}

/* A number of the type: as true or false, by its name, or as it is. */
static void describe_number(
	const struct value *value, uint32_t type, uint64_t number, struct sink *sink)
{
	bool is_signed = types_is_signed(types_of(value), type);
	const char *name = shown_name(value, type, number);

	if (value->divisor > 1)
		sink->ops->integer(
			sink, number_divide(number, is_signed, value->divisor), is_signed);
	else if (types_is_bool(types_of(value), type) && value->reader->bundle->manifest.is_newer)
		sink->ops->boolean(sink, number);
	else if (name)
		sink->ops->text(sink, name, strlen(name), false);
	else
		sink->ops->integer(sink, number, is_signed);
}

static void describe_integer(const struct value *value, struct sink *sink)
{
	bool is_signed = types_is_signed(types_of(value), value->type);
	size_t size = size_of(value);

	if (size > sizeof(uint64_t)) {
		describe_wide(value, sink);
		return;
	}

	describe_number(value, value->type, number_read(value->data, size, is_signed), sink);
}

/* Foreign BTF may declare a pointer shorter than a word. */
static void describe_pointer(const struct value *value, struct sink *sink)
{
	size_t size = MIN(size_of(value), sizeof(uint64_t));

	sink->ops->address(sink, number_read(value->data, size, false));
}

static void describe_float(const struct value *value, struct sink *sink)
{
	long double wide;
	float single;
	double number = 0;

	if (size_of(value) == sizeof(number)) {
		memcpy(&number, value->data, sizeof(number));
	} else if (size_of(value) == sizeof(single)) {
		memcpy(&single, value->data, sizeof(single));
		number = single;
	} else if (size_of(value) == sizeof(wide)) {
		memcpy(&wide, value->data, sizeof(wide));
		number = (double)wide;
	}
	sink->ops->real(sink, number);
}

/* Little-endian: bit 0 is the lowest of the first byte. */
static void describe_bit_field(
	const struct value *value, struct types_member member, struct sink *sink)
{
	bool is_signed = types_is_signed(types_of(value), member.type);
	const unsigned char *bytes = value->data;
	uint32_t bits = MIN(member.bit_size, 64u);
	uint32_t unused = 64 - bits;
	uint64_t number = 0;

	for (uint32_t i = 0; i < bits; i++) {
		uint32_t bit = member.bit_offset + i;

		number |= (uint64_t)(bytes[bit / 8] >> bit % 8 & 1) << i;
	}
	number <<= unused;
	number = is_signed ? (uint64_t)((int64_t)number >> unused) : number >> unused;
	describe_number(value, member.type, number, sink);
}

/* --- what has parts --- */

/* A part is never divided: divisors are for values that are one number. */
static struct value part_of(const struct value *value, uint32_t type, size_t offset)
{
	struct value part = *value;

	part.type = type;
	part.data = (const char *)value->data + offset;
	part.aggregate = NULL;
	part.divisor = 0;
	return part;
}

static void describe_member(
	const struct value *value, struct types_member member, struct sink *sink)
{
	struct value part = part_of(value, member.type, member.bit_offset / 8);

	if (member.bit_size)
		describe_bit_field(value, member, sink);
	else
		value_describe(&part, sink);
}

static void describe_array(const struct value *value, struct sink *sink)
{
	uint32_t count = 0;
	uint32_t element = types_element(types_of(value), value->type, &count);
	size_t size = types_size(types_of(value), element);

	sink->ops->begin(sink, SINK_ARRAY);
	for (uint32_t i = 0; i < count && size; i++) {
		struct value part = part_of(value, element, i * size);

		sink->ops->item(sink, SINK_ARRAY, i, NULL);
		value_describe(&part, sink);
	}
	sink->ops->end(sink, SINK_ARRAY);
}

static void describe_members(const struct value *value, enum sink_group group, struct sink *sink)
{
	uint32_t count = types_member_count(types_of(value), value->type);

	for (uint32_t i = 0; i < count; i++) {
		sink->ops->item(sink, group, i, NULL);
		describe_member(value, types_member_at(types_of(value), value->type, i), sink);
	}
}

static void describe_tuple(const struct value *value, struct sink *sink)
{
	sink->ops->begin(sink, SINK_TUPLE);
	describe_members(value, SINK_TUPLE, sink);
	sink->ops->end(sink, SINK_TUPLE);
}

/* A member that is an array of char has all of its characters, whatever its size. */
static void describe_named_member(
	const struct value *value, struct types_member member, struct sink *sink)
{
	const char *text = (const char *)value->data + member.bit_offset / 8;
	size_t size = types_size(types_of(value), member.type);

	if (types_class(types_of(value), member.type) == TYPE_STRING)
		sink->ops->text(sink, text, strnlen(text, size), false);
	else
		describe_member(value, member, sink);
}

/* Members of unnamed members are among the others. Returns how many there are now. */
static size_t describe_struct_members(const struct value *value, size_t index, struct sink *sink)
{
	uint32_t count = types_member_count(types_of(value), value->type);

	for (uint32_t i = 0; i < count; i++) {
		struct types_member member = types_member_at(types_of(value), value->type, i);
		enum type_class class = types_class(types_of(value), member.type);
		struct value part = part_of(value, member.type, member.bit_offset / 8);

		if (member.name && *member.name) {
			sink->ops->item(sink, SINK_STRUCT, index++, member.name);
			describe_named_member(value, member, sink);
		} else if (class == TYPE_STRUCT || class == TYPE_UNION) {
			index = describe_struct_members(&part, index, sink);
		}
	}
	return index;
}

static void describe_struct(const struct value *value, struct sink *sink)
{
	sink->ops->begin(sink, SINK_STRUCT);
	describe_struct_members(value, 0, sink);
	sink->ops->end(sink, SINK_STRUCT);
}

void value_describe(const struct value *value, struct sink *sink)
{
	size_t length = 0;
	struct sink_stack stack;

	sink->is_newer = value->reader->bundle->manifest.is_newer;
	if (sink->takes_frames && spell_frames(value, sink))
		return;
	if (spell_stack(value, &stack)) {
		sink->ops->stack(sink, &stack);
		return;
	}

	const char *bytes = value_bytes(value, &length);

	if (bytes) {
		sink->ops->text(
			sink, bytes, length, value_is_own_text(types_of(value), value->type));
		return;
	}
	switch (types_class(types_of(value), value->type)) {
	case TYPE_INTEGER:
	case TYPE_ENUM: describe_integer(value, sink); return;
	case TYPE_POINTER: describe_pointer(value, sink); return;
	case TYPE_FLOAT: describe_float(value, sink); return;
	case TYPE_ARRAY: describe_array(value, sink); return;
	case TYPE_STRUCT:
	case TYPE_UNION: describe_struct(value, sink); return;
	case TYPE_TUPLE: describe_tuple(value, sink); return;
	case TYPE_MEANING: describe_aggregate(value, sink); return;
	case TYPE_STRING: /* has bytes */
	case TYPE_VOID:
	case TYPE_FORWARD:
	case TYPE_FUNCTION: sink->ops->text(sink, "", 0, false); return;
	}
}

void value_describe_key(const struct value *value, struct sink *sink)
{
	if (types_class(types_of(value), value->type) == TYPE_TUPLE) {
		describe_members(value, SINK_KEY, sink);
		return;
	}
	sink->ops->item(sink, SINK_KEY, 0, NULL);
	value_describe(value, sink);
}

void value_append_text(const struct value *value, bool escapes, struct str *out)
{
	struct text_sink text = text_sink(out, escapes);

	value_describe(value, &text.sink);
}
