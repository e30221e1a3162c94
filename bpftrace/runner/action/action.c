/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"

#include <errno.h>

#include "bpftrace/runner/show/number.h"
#include "bpftrace/runner/show/printf.h"
#include "bpftrace/runner/show/show.h"
#include "bpftrace/runner/take.h"
#include "libcommon/base/log.h"

static const struct action_handler *const handlers[] = {
#define ACTION(NAME, name, ring, constants, doc) [ACTION_##NAME] = &action_##name,
#include "bpftrace/door/actions.def"
#undef ACTION
};
TABLE_COMPLETE(handlers, NR_ACTIONS);

const struct action_handler *action_handler(enum action action)
{
	return handlers[action];
}

struct error *action_prepare_format(struct session *session, struct site *site)
{
	struct printf_site *prepared;
	struct error *error = printf_prepare(session, site->record, site->first_member,
		site->site->text, site->site->text_length, &prepared);

	if (error)
		return error;
	site->prepared = prepared;
	return NULL;
}

struct str *action_format(
	struct session *session, const struct site *site, const void *record, size_t size)
{
	struct str *text = &session->output->text;

	str_truncate(text, 0);
	printf_format(site->prepared, session, record, size, text);
	return text;
}

struct error *action_member(
	const struct session *session, const struct site *site, struct types_member *ret)
{
	const struct types *types = session->bundle.types;
	struct types_member member = {};

	if (site->first_member + 1 == types_member_count(types, site->record))
		member = types_member_at(types, site->record, site->first_member);
	if (!member.type || member.bit_size)
		return error_new(EINVAL, "struct %s does not have one value", site->site->record);
	*ret = member;
	return NULL;
}

struct error *action_prepare_member(struct session *session, struct site *site)
{
	struct types_member *member = arena_new(&session->arena, struct types_member);

	site->prepared = member;
	return action_member(session, site, member);
}

struct error *action_find_number(
	const struct session *session, const struct site *site, struct action_number *ret)
{
	const struct types *types = session->bundle.types;
	struct types_member member = {};
	struct error *error = action_member(session, site, &member);

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

struct error *action_prepare_number(struct session *session, struct site *site)
{
	struct action_number *number = arena_new(&session->arena, struct action_number);

	site->prepared = number;
	return action_find_number(session, site, number);
}

int64_t action_number(const struct site *site, const void *record)
{
	return action_number_at(site->prepared, record);
}

struct error *action_prepare_take(struct session *session, struct site *site)
{
	const struct manifest_map *map = &session->bundle.manifest.maps.items[site->site->map];

	return map->other ? NULL : error_new(0, "map %s has no second generation", map->name);
}

void action_take_map(struct session *session, const struct site *site, bool keep_keys)
{
	_cleanup_map_content_ struct map_content content = {};
	_cleanup_error_ struct error *error = take(session, site->site->map, keep_keys, &content);

	if (error)
		log_error("%s", error->message);
	show_content(session, &content, site->site->top, site->site->divisor);
}
