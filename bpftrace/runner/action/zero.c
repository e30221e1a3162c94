/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"
#include "bpftrace/runner/mapread.h"
#include "libcommon/base/log.h"

static void handle(struct session *session, const struct site *site, const void *record _unused_,
	size_t size _unused_)
{
	_cleanup_error_ struct error *error = map_zero(session, site->site->map);

	if (error)
		log_error("%s", error->message);
}

const struct action_handler action_zero = {
	.action = ACTION_ZERO,
	.handle = handle,
};
