/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"
#include "bpftrace/runner/show/show.h"

static void handle(
	struct session *session, const struct site *site, const void *record, size_t size)
{
	const struct types_member *member = site->prepared;

	session->output->ops->value(session->output, session, member->type,
		(const char *)record + member->bit_offset / 8, record, size);
}

const struct action_handler action_print = {
	.action = ACTION_PRINT,
	.prepare = action_prepare_member,
	.handle = handle,
};
