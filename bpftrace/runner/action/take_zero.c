/* SPDX-License-Identifier: Apache-2.0 */
/* print(@x) with the zero(@x) that follows it. */
#include "action.h"

static void handle(struct session *session, const struct site *site, const void *record _unused_,
	size_t size _unused_)
{
	action_take_map(session, site, true);
}

const struct action_handler action_take_zero = {
	.action = ACTION_TAKE_ZERO,
	.prepare = action_prepare_take,
	.handle = handle,
};
