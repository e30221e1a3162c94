/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"

/* The first call wins: other CPUs may have called exit() at the same time. */
static void handle(
	struct actions *actions, const struct site *site, const void *record, size_t size _unused_)
{
	if (actions->exited)
		return;
	actions->exited = true;
	actions->exit_status = (int)action_number(site, record);
}

const struct action_ops action_exit = {
	.action = ACTION_EXIT,
	.prepare = action_prepare_number,
	.handle = handle,
};
