/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"

/* Addresses that are not watched are ignored. */
static void handle(
	struct actions *actions, const struct site *site, const void *record, size_t size _unused_)
{
	if (actions->unwatch)
		actions->unwatch(actions->unwatch_context, (uint64_t)action_number(site, record));
}

const struct action_ops action_unwatch = {
	.action = ACTION_UNWATCH,
	.prepare = action_prepare_number,
	.handle = handle,
};
