/* SPDX-License-Identifier: Apache-2.0 */
/* print(@x), clear(@x) and zero(@x), and a print with the clear or zero that follows it, which swap
 * the map (data/swap.h). */
#include "action.h"
#include "bpftrace/runner/data/swap.h"
#include "bpftrace/runner/show/show.h"
#include "libcommon/base/log.h"

static void log_failure(struct error *error)
{
	if (error)
		log_error("%s", error->message);
	error_free(error);
}

static const char *map_name(const struct actions *actions, const struct site *site)
{
	return actions->traced->bundle.manifest.maps.items[site->site->map].name;
}

static struct error *prepare_swap(struct actions *actions, struct site *site)
{
	const struct manifest_map *map =
		&actions->traced->bundle.manifest.maps.items[site->site->map];

	return map->standby ? NULL : error_new(0, "map %s is not double-buffered", map->name);
}

static void swap(struct actions *actions, const struct site *site, bool keep_keys)
{
	_cleanup_map_content_ struct map_content content = {};

	log_failure(map_swap(actions->traced, site->site->map, keep_keys, &content));
	show_zero(actions->output, &content);
	show_content(actions->output, &content, site->site->top, site->site->divisor);
	show_cleared(actions->output, map_name(actions, site));
}

static void handle_print(struct actions *actions, const struct site *site,
	const void *record _unused_, size_t size _unused_)
{
	show_map(actions->output, actions->traced, site->site->map, site->site->top,
		site->site->divisor);
}

const struct action_ops action_print_map = {
	.action = ACTION_PRINT_MAP,
	.is_slow = true,
	.handle = handle_print,
};

static void handle_swap_clear(struct actions *actions, const struct site *site,
	const void *record _unused_, size_t size _unused_)
{
	swap(actions, site, false);
}

const struct action_ops action_swap_clear = {
	.action = ACTION_SWAP_CLEAR,
	.is_slow = true,
	.prepare = prepare_swap,
	.handle = handle_swap_clear,
};

static void handle_swap_zero(struct actions *actions, const struct site *site,
	const void *record _unused_, size_t size _unused_)
{
	swap(actions, site, true);
}

const struct action_ops action_swap_zero = {
	.action = ACTION_SWAP_ZERO,
	.is_slow = true,
	.prepare = prepare_swap,
	.handle = handle_swap_zero,
};

static void handle_clear(struct actions *actions, const struct site *site,
	const void *record _unused_, size_t size _unused_)
{
	log_failure(map_clear(actions->traced, site->site->map));
	show_cleared(actions->output, map_name(actions, site));
}

const struct action_ops action_clear = {
	.action = ACTION_CLEAR,
	.is_slow = true,
	.handle = handle_clear,
};

static void handle_zero(struct actions *actions, const struct site *site,
	const void *record _unused_, size_t size _unused_)
{
	log_failure(map_zero(actions->traced, site->site->map));
	show_cleared(actions->output, map_name(actions, site));
}

const struct action_ops action_zero = {
	.action = ACTION_ZERO,
	.is_slow = true,
	.handle = handle_zero,
};
