/* SPDX-License-Identifier: Apache-2.0 */
/* print(@x) with the clear(@x) or zero(@x) that follows it: one take of the map. */
#include "action.h"
#include "bpftrace/runner/show/show.h"
#include "bpftrace/runner/take.h"
#include "libcommon/base/log.h"

static struct error *prepare(struct session *session, struct site *site)
{
	const struct manifest_map *map = &session->bundle.manifest.maps.items[site->site->map];

	if (map->other)
		return NULL;
	return error_new(0, "map %s has no second generation", map->name);
}

static void take_and_show(struct session *session, const struct manifest_site *site, bool keep_keys)
{
	_cleanup_map_content_ struct map_content content = {};
	_cleanup_error_ struct error *error = take(session, site->map, keep_keys, &content);

	if (error)
		log_error("%s", error->message);
	show_content(session, &content, site->top, site->divisor);
}

static void handle(struct session *session, const struct site *site, const void *record _unused_,
	size_t size _unused_)
{
	take_and_show(session, site->site, false);
}

static void handle_zero(struct session *session, const struct site *site,
	const void *record _unused_, size_t size _unused_)
{
	take_and_show(session, site->site, true);
}

const struct action_handler action_take = {
	.action = ACTION_TAKE,
	.prepare = prepare,
	.handle = handle,
};

const struct action_handler action_take_zero = {
	.action = ACTION_TAKE_ZERO,
	.prepare = prepare,
	.handle = handle_zero,
};
