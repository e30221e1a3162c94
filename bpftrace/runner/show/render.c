/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value is its type, an id of the bundle's BTF, and as many bytes as that has. One walk over the
 * type serves all formats; what stands between the parts of a value, and how a text is written, is
 * the format's style. The BTF was checked when the bundle was read (host/btf_check.h): members lie
 * inside of what they are members of, and nothing contains itself. Bytes are not aligned.
 */
#include "render.h"

#include <inttypes.h>
#include <string.h>

#include "aggregate.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/json.h"
#include "number.h"
#include "spell.h"

struct style {
	const char *tuple[2];          /* what stands around it */
	const char *object[2];         /* around a struct */
	const char *separator;         /* between members of both */
	const char *element_separator; /* of arrays */
	void (*text)(const void *data, size_t size, struct str *out);
	void (*address)(uint64_t address, struct str *out);
	void (*name)(const char *name, struct str *out); /* of a member, before its value */
	void (*aggregate)(const struct aggregate *aggregate, const uint64_t *value,
		uint64_t divisor, struct str *out);
};

static void render_value(const struct render *render, const struct style *style, uint32_t type,
	const void *data, struct str *out);

static const struct types *types_of(const struct render *render)
{
	return render->session->bundle.types;
}

bool render_has_bytes(const struct types *types, uint32_t type)
{
	return spell_of(types, type) != NULL;
}

const char *render_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	spell_fn *spell = spell_of(types_of(render), type);

	return spell ? spell(render, type, data, ret_length) : NULL;
}

static void render_aggregate(const struct render *render, const struct style *style, uint32_t type,
	const void *data, struct str *out)
{
	struct aggregate aggregate = {};
	_cleanup_error_ struct error *error = aggregate_find(types_of(render), type, &aggregate);

	if (error || !aggregate.row)
		return;

	_cleanup_free_ uint64_t *value = xmemdup(data, aggregate.words * sizeof(*value));

	style->aggregate(&aggregate, value, render->divisor, out);
}

/* --- numbers --- */

/* 128 bits, as a text: nobody reads such numbers. */
static void render_wide(const struct style *style, const char *data, struct str *out)
{
	const size_t half = sizeof(uint64_t);
	char digits[2 + 32 + 1];

	snprintf(digits, sizeof(digits), "0x%016" PRIx64 "%016" PRIx64,
		number_read(data + half, half, false), number_read(data, half, false));
	style->text(digits, strlen(digits), out);
}

static void render_integer(const struct render *render, const struct style *style, uint32_t type,
	const void *data, struct str *out)
{
	bool is_signed = types_is_signed(types_of(render), type);
	size_t size = types_size(types_of(render), type);

	if (size > sizeof(uint64_t)) {
		render_wide(style, data, out);
		return;
	}

	uint64_t value = number_read(data, size, is_signed);

	number_append(out, number_divide(value, is_signed, render->divisor), is_signed);
}

/* A foreign BTF may say that it is shorter than a word. */
static void render_pointer(const struct render *render, const struct style *style, uint32_t type,
	const void *data, struct str *out)
{
	size_t size = MIN(types_size(types_of(render), type), sizeof(uint64_t));

	style->address(number_read(data, size, false), out);
}

static void render_float(
	const struct render *render, uint32_t type, const void *data, struct str *out)
{
	float single;
	double number = 0;

	if (types_size(types_of(render), type) == sizeof(number)) {
		memcpy(&number, data, sizeof(number));
	} else if (types_size(types_of(render), type) == sizeof(single)) {
		memcpy(&single, data, sizeof(single));
		number = single;
	}
	str_printf(out, "%g", number);
}

/* Little-endian: bit 0 is the lowest of the first byte. */
static void render_bit_field(
	const struct render *render, struct types_member member, const void *data, struct str *out)
{
	bool is_signed = types_is_signed(types_of(render), member.type);
	const unsigned char *bytes = data;
	uint32_t bits = MIN(member.bit_size, 64u);
	uint32_t unused = 64 - bits;
	uint64_t value = 0;

	for (uint32_t i = 0; i < bits; i++) {
		uint32_t bit = member.bit_offset + i;

		value |= (uint64_t)(bytes[bit / 8] >> bit % 8 & 1) << i;
	}
	value <<= unused;
	value = is_signed ? (uint64_t)((int64_t)value >> unused) : value >> unused;
	number_append(out, value, is_signed);
}

/* --- what has parts --- */

/* A part is never divided: divisors are for values that are one number. */
static void render_part(const struct render *render, const struct style *style, uint32_t type,
	const void *data, struct str *out)
{
	struct render whole = *render;

	whole.divisor = 0;
	render_value(&whole, style, type, data, out);
}

static void render_member(const struct render *render, const struct style *style,
	struct types_member member, const void *data, struct str *out)
{
	if (member.bit_size)
		render_bit_field(render, member, data, out);
	else
		render_part(render, style, member.type, (const char *)data + member.bit_offset / 8,
			out);
}

static void render_array(const struct render *render, const struct style *style, uint32_t type,
	const void *data, struct str *out)
{
	uint32_t count = 0;
	uint32_t element = types_element(types_of(render), type, &count);
	size_t size = types_size(types_of(render), element);

	str_append_char(out, '[');
	for (uint32_t i = 0; i < count && size; i++) {
		if (i)
			str_append(out, style->element_separator);
		render_part(render, style, element, (const char *)data + i * size, out);
	}
	str_append_char(out, ']');
}

static void render_tuple(const struct render *render, const struct style *style, uint32_t type,
	const void *data, struct str *out)
{
	uint32_t count = types_member_count(types_of(render), type);

	str_append(out, style->tuple[0]);
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			str_append(out, style->separator);
		render_member(render, style, types_member_at(types_of(render), type, i), data, out);
	}
	str_append(out, style->tuple[1]);
}

/* Members of unnamed members stand among the others. */
static void render_members(const struct render *render, const struct style *style, uint32_t type,
	const void *data, bool *first, struct str *out)
{
	uint32_t count = types_member_count(types_of(render), type);

	for (uint32_t i = 0; i < count; i++) {
		struct types_member member = types_member_at(types_of(render), type, i);
		enum type_class class = types_class(types_of(render), member.type);
		bool is_unnamed = !member.name || !*member.name;

		if (is_unnamed && (class == TYPE_STRUCT || class == TYPE_UNION)) {
			render_members(render, style, member.type,
				(const char *)data + member.bit_offset / 8, first, out);
			continue;
		}
		if (is_unnamed)
			continue;
		if (!*first)
			str_append(out, style->separator);
		*first = false;
		style->name(member.name, out);
		render_member(render, style, member, data, out);
	}
}

static void render_struct(const struct render *render, const struct style *style, uint32_t type,
	const void *data, struct str *out)
{
	bool first = true;

	str_append(out, style->object[0]);
	render_members(render, style, type, data, &first, out);
	str_append(out, style->object[1]);
}

static void render_value(const struct render *render, const struct style *style, uint32_t type,
	const void *data, struct str *out)
{
	size_t length = 0;
	const char *bytes = render_bytes(render, type, data, &length);

	if (bytes) {
		style->text(bytes, length, out);
		return;
	}
	switch (types_class(types_of(render), type)) {
	case TYPE_INTEGER:
	case TYPE_ENUM: render_integer(render, style, type, data, out); return;
	case TYPE_POINTER: render_pointer(render, style, type, data, out); return;
	case TYPE_FLOAT: render_float(render, type, data, out); return;
	case TYPE_ARRAY: render_array(render, style, type, data, out); return;
	case TYPE_STRUCT:
	case TYPE_UNION: render_struct(render, style, type, data, out); return;
	case TYPE_TUPLE: render_tuple(render, style, type, data, out); return;
	case TYPE_NAMED: render_aggregate(render, style, type, data, out); return;
	case TYPE_STRING: /* has bytes */
	case TYPE_VOID:
	case TYPE_FORWARD:
	case TYPE_FUNCTION: style->text("", 0, out); return;
	}
}

/* --- styles --- */

static void plain_text(const void *data, size_t size, struct str *out)
{
	str_append_bytes(out, data, size);
}

static void plain_address(uint64_t address, struct str *out)
{
	number_append_address(out, address);
}

static void plain_name(const char *name, struct str *out)
{
	str_append_char(out, '.');
	str_append(out, name);
	str_append(out, " = ");
}

static void plain_aggregate(
	const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor, struct str *out)
{
	aggregate->row->text(aggregate, value, divisor, out);
}

static const struct style plain = {
	.tuple = {"(", ")"},
	.object = {"{ ", " }"},
	.separator = ", ",
	.element_separator = ",",
	.text = plain_text,
	.address = plain_address,
	.name = plain_name,
	.aggregate = plain_aggregate,
};

void render_quoted(const void *data, size_t size, struct str *out)
{
	_cleanup_json_ json_t *json = json_text(data, size);

	json_append(json, out);
}

/* A text: as a number it would lose its last digits in many readers. */
static void json_address(uint64_t address, struct str *out)
{
	str_append_char(out, '"');
	number_append_address(out, address);
	str_append_char(out, '"');
}

static void json_name(const char *name, struct str *out)
{
	render_quoted(name, strlen(name), out);
	str_append(out, ": ");
}

static void json_aggregate(
	const struct aggregate *aggregate, const uint64_t *value, uint64_t divisor, struct str *out)
{
	aggregate->row->json(aggregate, value, divisor, out);
}

/* Numbers are written by hand, since jansson has none above INT64_MAX. */
static const struct style json = {
	.tuple = {"[", "]"},
	.object = {"{", "}"},
	.separator = ", ",
	.element_separator = ", ",
	.text = render_quoted,
	.address = json_address,
	.name = json_name,
	.aggregate = json_aggregate,
};

void render_text(const struct render *render, uint32_t type, const void *data, struct str *out)
{
	render_value(render, &plain, type, data, out);
}

void render_json(const struct render *render, uint32_t type, const void *data, struct str *out)
{
	render_value(render, &json, type, data, out);
}

void render_key(const struct render *render, uint32_t type, const void *data, const char *separator,
	struct str *out)
{
	const struct types *types = types_of(render);

	if (types_class(types, type) != TYPE_TUPLE) {
		render_text(render, type, data, out);
		return;
	}
	for (uint32_t i = 0; i < types_member_count(types, type); i++) {
		if (i)
			str_append(out, separator);
		render_member(render, &plain, types_member_at(types, type, i), data, out);
	}
}
