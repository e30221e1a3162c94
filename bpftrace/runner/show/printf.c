/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each conversion of a format becomes a step: the literal text before it, where its argument stands
 * in the record, and how that is read. Whatever can be decided from types is decided when the step
 * is made, since steps run once per argument and event.
 */
#include "printf.h"

#include <errno.h>
#include <string.h>

#include "libcommon/base/format.h"
#include "number.h"
#include "render.h"
#include "spell.h"

struct step;

typedef void append_fn(
	const struct step *step, const struct render *render, const char *data, struct str *out);

struct step {
	struct format_item item; /* its literal is in the arena */
	append_fn *append;       /* NULL: literal text only */
	uint32_t type;
	size_t offset;
	size_t size;
	bool is_signed;
};

struct printf_site {
	size_t count;
	struct step steps[];
};

/* --- arguments --- */

static void append_integer(const struct step *step, const struct render *render _unused_,
	const char *data, struct str *out)
{
	format_integer(&step->item, number_read(data, step->size, step->is_signed), out);
}

/* Strings, and other values that are texts. */
static void append_bytes(
	const struct step *step, const struct render *render, const char *data, struct str *out)
{
	size_t length = 0;
	const char *bytes = render_bytes(render, step->type, data, &length);

	format_text(&step->item, bytes, length, out);
}

/* Any other value where a text is asked for: as print() shows it. */
static void append_rendered(
	const struct step *step, const struct render *render, const char *data, struct str *out)
{
	_cleanup_str_ struct str text = STR_INIT;

	render_text(render, step->type, data, &text);
	format_text(&step->item, str_text(&text), text.length, out);
}

/* The name of its value, or the number when it has none. */
static void append_enum(
	const struct step *step, const struct render *render, const char *data, struct str *out)
{
	uint64_t value = number_read(data, step->size, step->is_signed);
	const char *name = types_enumerator_name(render->session->bundle.types, step->type, value);

	if (name)
		format_text(&step->item, name, strlen(name), out);
	else
		append_rendered(step, render, data, out);
}

static void append_array(const struct step *step, const struct render *render _unused_,
	const char *data, struct str *out)
{
	format_buffer(&step->item, data, step->size, out);
}

static void append_data(
	const struct step *step, const struct render *render, const char *data, struct str *out)
{
	size_t length = 0;
	bool was_cut = false;
	const char *bytes = spell_data(render, step->type, data, &length, &was_cut);

	format_buffer(&step->item, bytes, length, out);
	if (was_cut)
		str_append(out, spell_trailer(render));
}

static void append_buffer(
	const struct step *step, const struct render *render, const char *data, struct str *out)
{
	size_t length = 0;
	const char *bytes = render_bytes(render, step->type, data, &length);

	format_buffer(&step->item, bytes, length, out);
}

/* --- preparing --- */

static bool is_number(const struct types *types, const struct step *step)
{
	bool is_pointer = types_class(types, step->type) == TYPE_POINTER;

	return (types_is_integer(types, step->type) || is_pointer) &&
	       step->size <= sizeof(uint64_t);
}

/* NULL when a value of the type cannot be converted so. */
static append_fn *choose(const struct types *types, const struct step *step)
{
	switch (step->item.conversion) {
	case CONVERSION_NONE: return NULL;
	case CONVERSION_SIGNED:
	case CONVERSION_UNSIGNED:
	case CONVERSION_CHAR:
	case CONVERSION_POINTER: return is_number(types, step) ? append_integer : NULL;
	case CONVERSION_STRING:
		if (types_class(types, step->type) == TYPE_ENUM)
			return append_enum;
		return render_has_bytes(types, step->type) ? append_bytes : append_rendered;
	case CONVERSION_BUFFER:
		if (types_is_named(types, step->type, NAMED_BUF) ||
			types_is_named(types, step->type, NAMED_BYTES))
			return append_data;
		if (render_has_bytes(types, step->type))
			return append_buffer;
		return types_class(types, step->type) == TYPE_ARRAY ? append_array : NULL;
	}
	return NULL;
}

static struct error *prepare_step(struct session *session, const struct format_item *item,
	uint32_t record, uint32_t member, struct step *step)
{
	const struct types *types = session->bundle.types;

	step->item = *item;
	step->item.literal = arena_memdup(&session->arena, item->literal, item->literal_length);
	if (item->conversion == CONVERSION_NONE)
		return NULL;

	struct types_member argument = types_member_at(types, record, member);

	step->type = argument.type;
	step->offset = argument.bit_offset / 8;
	step->size = types_size(types, argument.type);
	step->is_signed = types_is_signed(types, argument.type);
	step->append = argument.bit_size ? NULL : choose(types, step);
	if (!step->append)
		return error_new(EINVAL, "%%%c does not fit its argument", item->letter);
	return NULL;
}

static struct error *prepare_steps(struct session *session, const struct format *format,
	uint32_t record, uint32_t member, struct printf_site **ret)
{
	struct printf_site *site = arena_alloc(
		&session->arena, sizeof(*site) + format->items.count * sizeof(site->steps[0]));

	if (member + format->arguments > types_member_count(session->bundle.types, record))
		return error_new(EINVAL, "the format has more conversions than arguments");
	site->count = format->items.count;
	for (size_t i = 0; i < site->count; i++) {
		struct error *error = prepare_step(session, &format->items.items[i], record,
			member + (uint32_t)i, &site->steps[i]);

		if (error)
			return error;
	}
	*ret = site;
	return NULL;
}

struct error *printf_prepare(struct session *session, uint32_t record, uint32_t first_member,
	const char *text, size_t length, struct printf_site **ret)
{
	_cleanup_(format_deinit) struct format format = {};
	struct error *error = format_parse(text, length, &format);

	return error ? error : prepare_steps(session, &format, record, first_member, ret);
}

void printf_format(const struct printf_site *site, const struct session *session,
	const void *record, size_t size, struct str *out)
{
	struct render render = {.session = session, .record = record, .record_size = size};

	for (size_t i = 0; i < site->count; i++) {
		const struct step *step = &site->steps[i];

		str_append_bytes(out, step->item.literal, step->item.literal_length);
		if (step->append)
			step->append(step, &render, (const char *)record + step->offset, out);
	}
}
