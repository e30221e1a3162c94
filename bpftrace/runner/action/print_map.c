/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"
#include "bpftrace/runner/show/show.h"

static void handle(struct session *session, const struct site *site, const void *record _unused_,
	size_t size _unused_)
{
	show_map(session, site->site->map, site->site->top, site->site->divisor);
}

const struct action_handler action_print_map = {
	.action = ACTION_PRINT_MAP,
	.handle = handle,
};
