/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"

#include <errno.h>

#include "bpftrace/runner/data/number.h"
#include "bpftrace/runner/show/printf.h"
#include "bpftrace/runner/show/show.h"
#include "bpftrace/runner/show/text_sink.h"

static const struct action_ops *const handlers[] = {
#define ACTION(NAME, name, ring, constants, doc) [ACTION_##NAME] = &action_##name,
#include "bpftrace/door/actions.def"
#undef ACTION
};
TABLE_COMPLETE(handlers, NR_ACTIONS);

const struct action_ops *action_find(enum action action)
{
	return handlers[action];
}

struct error *action_prepare_format(struct actions *actions, struct site *site)
{
	struct printf_site *prepared;
	struct error *error = printf_prepare(actions->traced, site->record, site->first_member,
		site->site->text, site->site->text_length, &prepared);

	if (error)
		return error;
	site->prepared = prepared;
	return NULL;
}

struct str *action_format(struct actions *actions, const struct site *site, const void *record,
	size_t size, bool escapes)
{
	struct str *text = &actions->output->text;

	str_truncate(text, 0);
	printf_format(site->prepared, &actions->output->reader, record, size, escapes, text);
	return text;
}

static struct error *find_member(
	const struct actions *actions, const struct site *site, struct types_member *ret)
{
	const struct types *types = actions->traced->bundle.types;
	struct types_member member = {};

	if (site->first_member + 1 == types_member_count(types, site->record))
		member = types_member_at(types, site->record, site->first_member);
	if (!member.type || member.bit_size)
		return error_new(EINVAL, "struct %s does not have one value", site->site->record);
	*ret = member;
	return NULL;
}

struct error *action_prepare_member(struct actions *actions, struct site *site)
{
	struct types_member *member = arena_new(&actions->traced->arena, struct types_member);

	site->prepared = member;
	return find_member(actions, site, member);
}

struct value action_value(
	struct actions *actions, const struct site *site, const void *record, size_t size)
{
	const struct types_member *member = site->prepared;

	return (struct value){
		.reader = &actions->output->reader,
		.type = member->type,
		.data = (const char *)record + member->bit_offset / 8,
		.record = record,
		.record_size = size,
	};
}

void action_print_foreign(struct actions *actions, const char *kind, const void *data, size_t size)
{
	struct output *out = actions->output;
	struct text_sink sink = text_sink(&out->text, out->escapes);

	str_truncate(&out->text, 0);
	text_sink_append(&sink, data, size, false, "\n\t");
	out->ops->printed(out, kind, str_text(&out->text), out->text.length);
}

struct error *action_find_number(
	const struct actions *actions, const struct site *site, struct action_number *ret)
{
	const struct types *types = actions->traced->bundle.types;
	struct types_member member = {};
	struct error *error = find_member(actions, site, &member);

	if (error)
		return error;
	struct action_number number = {
		.offset = member.bit_offset / 8,
		.size = types_size(types, member.type),
		.is_signed = types_is_signed(types, member.type),
	};

	if (!types_is_integer(types, member.type) || number.size > sizeof(int64_t))
		return error_new(EINVAL, "struct %s does not hold a number", site->site->record);
	*ret = number;
	return NULL;
}

int64_t action_number_at(const struct action_number *number, const void *record)
{
	return (int64_t)number_read(
		(const char *)record + number->offset, number->size, number->is_signed);
}

struct error *action_prepare_number(struct actions *actions, struct site *site)
{
	struct action_number *number = arena_new(&actions->traced->arena, struct action_number);

	site->prepared = number;
	return action_find_number(actions, site, number);
}

int64_t action_number(const struct site *site, const void *record)
{
	return action_number_at(site->prepared, record);
}
