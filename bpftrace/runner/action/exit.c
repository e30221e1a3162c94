/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"

/* The first call counts: others were under way on other CPUs. */
static void handle(
	struct session *session, const struct site *site, const void *record, size_t size _unused_)
{
	if (session->exited)
		return;
	session->exited = true;
	session->exit_status = (int)action_number(site, record);
}

const struct action_handler action_exit = {
	.action = ACTION_EXIT,
	.prepare = action_prepare_number,
	.handle = handle,
};
