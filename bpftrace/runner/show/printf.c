/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each conversion of a format becomes a step: the literal text before it, where its argument stands
 * in the record, and how that is read. Whatever can be decided from types is decided when the step
 * is made, since steps run once per argument and event.
 */
#include "printf.h"

#include <errno.h>
#include <string.h>

#include "bpftrace/runner/data/number.h"
#include "gfp.h"
#include "libcommon/base/format.h"
#include "spell.h"
#include "text_sink.h"

struct step;

typedef void append_fn(
	const struct step *step, const struct value *value, bool escapes, struct str *out);

struct step {
	struct format_item item; /* its literal is in the arena */
	append_fn *append;       /* NULL: literal text only */
	uint32_t type;
	size_t offset;
	size_t size;
	bool is_signed;
	bool is_own_text; /* value_is_own_text */
};

struct printf_site {
	size_t count;
	struct step steps[];
};

/* --- arguments --- */

/* The precision applies to the text itself, the width to its escaped form. */
static void append_text(const struct step *step, const char *text, size_t length, bool is_own,
	bool escapes, struct str *out)
{
	_cleanup_str_ struct str shown = STR_INIT;
	struct text_sink escaped = text_sink(&shown, true);
	struct format_item item = step->item;

	if (!escapes) {
		format_text(&item, text, length, out);
		return;
	}
	if (item.precision >= 0)
		length = MIN(length, (size_t)item.precision);
	item.precision = -1;
	text_sink_append(&escaped, text, length, is_own, "");
	format_text(&item, str_text(&shown), shown.length, out);
}

static void append_character(
	const struct step *step, const struct value *value, bool escapes, struct str *out)
{
	struct step whole = *step;
	char character = (char)number_read(value->data, step->size, step->is_signed);

	whole.item.precision = -1;
	append_text(&whole, &character, 1, false, escapes, out);
}

static void append_integer(
	const struct step *step, const struct value *value, bool escapes _unused_, struct str *out)
{
	format_integer(&step->item, number_read(value->data, step->size, step->is_signed), out);
}

/* The word of a register by %d: what the ABI leaves in the upper half of an int's is zero. */
static void append_register(
	const struct step *step, const struct value *value, bool escapes _unused_, struct str *out)
{
	uint64_t number = number_read(value->data, step->size, step->is_signed);

	if (number <= UINT32_MAX)
		number = (uint64_t)(int64_t)(int32_t)number;
	format_integer(&step->item, number, out);
}

/* Strings, and other values that are texts. */
static void append_bytes(
	const struct step *step, const struct value *value, bool escapes, struct str *out)
{
	size_t length = 0;
	const char *bytes = value_bytes(value, &length);

	append_text(step, bytes, length, step->is_own_text, escapes, out);
}

/* %s of any other value: as print() shows it, escaped by then but for its own line feeds. */
static void append_shown(
	const struct step *step, const struct value *value, bool escapes, struct str *out)
{
	_cleanup_str_ struct str text = STR_INIT;

	value_append_text(value, escapes, &text);
	append_text(step, str_text(&text), text.length, false, false, out);
}

/* The name of its value, or the number when it has none. */
static void append_enum(
	const struct step *step, const struct value *value, bool escapes, struct str *out)
{
	uint64_t number = number_read(value->data, step->size, step->is_signed);
	const char *name = types_enumerator_name(value->reader->bundle->types, step->type, number);

	if (name)
		format_text(&step->item, name, strlen(name), out);
	else
		append_shown(step, value, escapes, out);
}

static void append_bool(
	const struct step *step, const struct value *value, bool escapes _unused_, struct str *out)
{
	bool is_true = number_read(value->data, step->size, false);
	const char *text = is_true ? "true" : "false";

	format_text(&step->item, text, strlen(text), out);
}

static void append_flags(
	const struct step *step, const struct value *value, bool escapes _unused_, struct str *out)
{
	_cleanup_str_ struct str names = STR_INIT;

	gfp_append(number_read(value->data, step->size, false), &names);
	format_text(&step->item, str_text(&names), names.length, out);
}

static void append_array(
	const struct step *step, const struct value *value, bool escapes _unused_, struct str *out)
{
	format_buffer(&step->item, value->data, step->size, out);
}

static void append_data(
	const struct step *step, const struct value *value, bool escapes _unused_, struct str *out)
{
	size_t length = 0;
	bool was_cut = false;
	const char *bytes = spell_data(value, &length, &was_cut);

	format_buffer(&step->item, bytes, length, out);
	if (was_cut)
		str_append(out, spell_trailer(value->reader));
}

static void append_buffer(
	const struct step *step, const struct value *value, bool escapes _unused_, struct str *out)
{
	size_t length = 0;
	const char *bytes = value_bytes(value, &length);

	format_buffer(&step->item, bytes, length, out);
}

/* --- preparing --- */

static bool is_number(const struct types *types, const struct step *step)
{
	bool is_pointer = types_class(types, step->type) == TYPE_POINTER;

	return (types_is_integer(types, step->type) || is_pointer) &&
	       step->size <= sizeof(uint64_t);
}

/*
 * How an integer of up to 64 bits is read. With a length of 64 bits, as in %ld, it is extended
 * according to its type. Without, it is read at the width of its type, also where it is stored in a
 * wider one, with the signedness of the conversion.
 */
static append_fn *choose_integer(const struct types *types, struct step *step)
{
	bool is_signed = step->item.conversion == CONVERSION_SIGNED;
	uint32_t bytes = 0;

	if (step->item.bytes == sizeof(uint64_t))
		return append_integer;
	if (types_is_widened(types, step->type, &bytes)) {
		if (bytes == 0)
			return is_signed && step->item.bytes == 0 ? append_register
								  : append_integer;
		/* the others fit into the wider type */
		if (!is_signed || bytes == sizeof(int32_t)) {
			step->offset += __BYTE_ORDER == __BIG_ENDIAN ? step->size - bytes : 0;
			step->size = bytes;
		}
	}
	step->is_signed = format_reads_signed(&step->item, step->size, step->is_signed);
	return append_integer;
}

/* NULL when a value of the type cannot be converted so. */
static append_fn *choose(const struct types *types, struct step *step)
{
	switch (step->item.conversion) {
	case CONVERSION_NONE: return NULL;
	case CONVERSION_CHAR: return is_number(types, step) ? append_character : NULL;
	case CONVERSION_SIGNED:
	case CONVERSION_UNSIGNED:
	case CONVERSION_POINTER: return is_number(types, step) ? choose_integer(types, step) : NULL;
	case CONVERSION_STRING:
		if (types_class(types, step->type) == TYPE_ENUM)
			return append_enum;
		if (types_is_bool(types, step->type) && is_number(types, step))
			return append_bool;
		if (spell_is_stack(types, step->type))
			return append_shown;
		return value_is_text(types, step->type) ? append_bytes : append_shown;
	case CONVERSION_BUFFER:
		if (types_has_meaning(types, step->type, MEANING_BUF) ||
			types_has_meaning(types, step->type, MEANING_BYTES))
			return append_data;
		if (value_is_text(types, step->type))
			return append_buffer;
		return types_class(types, step->type) == TYPE_ARRAY ? append_array : NULL;
	case CONVERSION_FLAGS: return is_number(types, step) ? append_flags : NULL;
	}
	return NULL;
}

static struct error *prepare_step(struct traced *traced, const struct format_item *item,
	uint32_t record, uint32_t member, struct step *step)
{
	const struct types *types = traced->bundle.types;

	step->item = *item;
	step->item.literal = arena_memdup(&traced->arena, item->literal, item->literal_length);
	if (item->conversion == CONVERSION_NONE)
		return NULL;

	struct types_member argument = types_member_at(types, record, member);

	step->type = argument.type;
	step->offset = argument.bit_offset / 8;
	step->size = types_size(types, argument.type);
	step->is_signed = types_is_signed(types, argument.type);
	step->is_own_text = value_is_own_text(types, argument.type);
	step->append = argument.bit_size ? NULL : choose(types, step);
	if (!step->append)
		return error_new(EINVAL, "%%%c does not fit its argument", item->letter);
	return NULL;
}

static struct error *prepare_steps(struct traced *traced, const struct format *format,
	uint32_t record, uint32_t member, struct printf_site **ret)
{
	struct printf_site *site = arena_alloc(
		&traced->arena, sizeof(*site) + format->items.count * sizeof(site->steps[0]));

	if (member + format->arguments > types_member_count(traced->bundle.types, record))
		return error_new(EINVAL, "the format has more conversions than arguments");
	site->count = format->items.count;
	for (size_t i = 0; i < site->count; i++) {
		struct error *error = prepare_step(traced, &format->items.items[i], record,
			member + (uint32_t)i, &site->steps[i]);

		if (error)
			return error;
	}
	*ret = site;
	return NULL;
}

struct error *printf_prepare(struct traced *traced, uint32_t record, uint32_t first_member,
	const char *text, size_t length, struct printf_site **ret)
{
	_cleanup_(format_deinit) struct format format = {};
	uint32_t members = types_member_count(traced->bundle.types, record);
	size_t supplied = members > first_member ? members - first_member : 0;
	struct error *error = format_parse(text, length, supplied, &format);

	return error ? error : prepare_steps(traced, &format, record, first_member, ret);
}

void printf_format(const struct printf_site *site, struct value_reader *reader, const void *record,
	size_t size, bool escapes, struct str *out)
{
	struct value value = {.reader = reader, .record = record, .record_size = size};

	for (size_t i = 0; i < site->count; i++) {
		const struct step *step = &site->steps[i];

		str_append_bytes(out, step->item.literal, step->item.literal_length);
		if (!step->append)
			continue;
		value.type = step->type;
		value.data = (const char *)record + step->offset;
		step->append(step, &value, escapes, out);
	}
}
