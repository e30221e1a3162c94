/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value is its type, an id of the bundle's BTF, and as many bytes as that has. One walk over the
 * type serves all formats; what stands between the parts of a value, and how a text is written, is
 * the format's style. The BTF was checked when the bundle was read (host/btf_check.h): members lie
 * inside of what they are members of, and nothing contains itself. Bytes are not aligned.
 */
#include "render.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "aggregate.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/format.h"
#include "libcommon/base/json.h"
#include "libcommon/host/cgroup.h"
#include "number.h"

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

/* --- texts --- */

const char *render_trailer(const struct render *render)
{
	const char *trailer = render->session->bundle.manifest.settings.str_trunc_trailer;

	return trailer ? trailer : "";
}

/* A string that was cut gets the trailer, in a buffer valid until the next such one. */
static const char *with_trailer(
	const struct render *render, const char *text, size_t length, size_t *ret_length)
{
	static struct str cut;
	const char *trailer = render_trailer(render);

	*ret_length = length;
	if (!*trailer)
		return text;
	str_truncate(&cut, 0);
	str_append_bytes(&cut, text, length);
	str_append(&cut, trailer);
	*ret_length = cut.length;
	return str_text(&cut);
}

/* One that fills its place has no NUL there: it was cut. */
static const char *string_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	size_t size = types_size(types_of(render), type);
	size_t length = strnlen(data, size);

	if (length == size && size)
		return with_trailer(render, data, length, ret_length);
	*ret_length = length;
	return data;
}

/* A number that stands for something; a foreign BTF may say that it is shorter than a word. */
static uint64_t read_word(const struct render *render, uint32_t type, const void *data)
{
	return number_read(data, MIN(types_size(types_of(render), type), sizeof(uint64_t)), false);
}

static const struct manifest_probe *probe_at(
	const struct render *render, uint32_t type, const void *data)
{
	uint64_t index = read_word(render, type, data);

	if (index >= render->session->bundle.manifest.probes.count)
		return NULL;
	return &render->session->bundle.manifest.probes.items[index];
}

static const char *probe_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	const struct manifest_probe *probe = probe_at(render, type, data);
	const char *name = probe ? probe->name : "";

	*ret_length = strlen(name);
	return name;
}

static const char *func_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	const struct manifest_probe *probe = probe_at(render, type, data);
	const char *name = probe && probe->function ? probe->function : "";

	*ret_length = strlen(name);
	return name;
}

/* What the functions below spell, valid until the next one. */
static struct str *spelled(void)
{
	static struct str text;

	str_truncate(&text, 0);
	return &text;
}

static const char *inet_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	struct {
		uint64_t family;
		unsigned char address[sizeof(struct in6_addr)];
	} inet = {};
	struct str *text = spelled();

	memcpy(&inet, data, MIN(types_size(types_of(render), type), sizeof(inet)));
	if (!inet_ntop((int)inet.family, inet.address, str_reserve(text, INET6_ADDRSTRLEN),
		    INET6_ADDRSTRLEN))
		str_printf(text, "(family %" PRIu64 ")", inet.family);
	*ret_length = strlen(text->data);
	return text->data;
}

static const char *mac_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	const unsigned char *bytes = data;
	struct str *text = spelled();

	for (uint32_t i = 0; i < types_size(types_of(render), type); i++)
		str_printf(text, "%s%02X", i ? ":" : "", bytes[i]);
	*ret_length = text->length;
	return str_text(text);
}

static const char *cgroup_path_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	struct str *text = spelled();

	if (render->session->cgroups)
		cgroup_tree_paths(render->session->cgroups, read_word(render, type, data),
			types_parameters(types_of(render), type), text);
	*ret_length = text->length;
	return str_text(text);
}

/* The bytes of a buf in memory; a foreign BTF may say that it is anything. */
static const char *buf_data(const struct render *render, uint32_t type, const void *data,
	size_t *ret_length, bool *ret_cut)
{
	size_t room = types_buf_room(types_of(render), type);
	uint32_t length = 0;

	if (room + sizeof(length) > types_size(types_of(render), type))
		room = 0;
	if (room)
		memcpy(&length, data, sizeof(length));
	*ret_cut = length & BUF_WAS_CUT;
	*ret_length = MIN(length & ~BUF_WAS_CUT, room);
	return (const char *)data + sizeof(length);
}

/* Where it stands in its record is the record's own word, which is not to be trusted. */
static const char *tail_data(const struct render *render, uint32_t type, const void *data,
	size_t *ret_length, bool *ret_cut)
{
	uint64_t word = read_word(render, type, data);
	size_t offset = (uint32_t)word;
	size_t length = (word & ~TEXT_WAS_CUT) >> 32;

	*ret_length = 0;
	*ret_cut = false;
	if (!render->record || offset > render->record_size ||
		length > render->record_size - offset)
		return "";
	*ret_length = length;
	*ret_cut = word & TEXT_WAS_CUT;
	return (const char *)render->record + offset;
}

static const char *tail_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	bool was_cut = false;
	const char *text = tail_data(render, type, data, ret_length, &was_cut);

	return was_cut ? with_trailer(render, text, *ret_length, ret_length) : text;
}

const char *render_data(const struct render *render, uint32_t type, const void *data,
	size_t *ret_length, bool *ret_cut)
{
	if (types_is_named(types_of(render), type, NAMED_BUF))
		return buf_data(render, type, data, ret_length, ret_cut);
	return tail_data(render, type, data, ret_length, ret_cut);
}

/* A buf as a text that does a terminal no harm. */
static const char *data_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	static const struct format_item escaped = {
		.conversion = CONVERSION_BUFFER, .precision = -1};
	bool was_cut = false;
	const char *bytes = render_data(render, type, data, ret_length, &was_cut);
	struct str *text = spelled();

	format_buffer(&escaped, bytes, *ret_length, text);
	*ret_length = text->length;
	if (was_cut)
		return with_trailer(render, str_text(text), text->length, ret_length);
	return str_text(text);
}

/* The tail it stands in is not part of our record. */
static const char *no_bytes(const struct render *render _unused_, uint32_t type _unused_,
	const void *data _unused_, size_t *ret_length)
{
	*ret_length = 0;
	return "";
}

/* --- named types --- */

typedef const char *bytes_fn(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length);

/* How each line of named.def is shown: by the text that a function finds, or (NULL) as an
 * aggregation. A line without its SHOW_… here does not compile. */
#define SHOW_COUNT       NULL
#define SHOW_SUM         NULL
#define SHOW_MIN         NULL
#define SHOW_MAX         NULL
#define SHOW_AVG         NULL
#define SHOW_STATS       NULL
#define SHOW_HIST        NULL
#define SHOW_LHIST       NULL
#define SHOW_PROBE       probe_bytes
#define SHOW_FUNC        func_bytes
#define SHOW_INET        inet_bytes
#define SHOW_MAC         mac_bytes
#define SHOW_CGROUP_PATH cgroup_path_bytes
#define SHOW_BUF         data_bytes
#define SHOW_TEXT        tail_bytes
#define SHOW_BYTES       data_bytes
#define SHOW_DATA_LOC    no_bytes
#define SHOW_REL_LOC     no_bytes

static bytes_fn *const named_bytes[NR_NAMED] = {
#define NAMED(NAME, name, doc) [NAMED_##NAME] = SHOW_##NAME,
#include "libcommon/types/named.def"
#undef NAMED
};

/* NULL when values of the type are no texts. */
static bytes_fn *bytes_of(const struct types *types, uint32_t type)
{
	switch (types_class(types, type)) {
	case TYPE_STRING: return string_bytes;
	case TYPE_NAMED: return named_bytes[types_named_kind(types, type)];
	default: return NULL;
	}
}

bool render_has_bytes(const struct types *types, uint32_t type)
{
	return bytes_of(types, type) != NULL;
}

const char *render_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	bytes_fn *bytes = bytes_of(types_of(render), type);

	return bytes ? bytes(render, type, data, ret_length) : NULL;
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
	case TYPE_POINTER: style->address(read_word(render, type, data), out); return;
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
