/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"

/* An address that is not watched is none. */
static void handle(
	struct session *session, const struct site *site, const void *record, size_t size _unused_)
{
	if (session->unwatch)
		session->unwatch(session, (uint64_t)action_number(site, record));
}

const struct action_handler action_unwatch = {
	.action = ACTION_UNWATCH,
	.prepare = action_prepare_number,
	.handle = handle,
};
