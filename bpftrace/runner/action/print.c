/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"
#include "bpftrace/runner/show/show.h"

static void handle(
	struct actions *actions, const struct site *site, const void *record, size_t size)
{
	struct value value = action_value(actions, site, record, size);

	actions->output->ops->value(actions->output, &value);
}

const struct action_ops action_print = {
	.action = ACTION_PRINT,
	.prepare = action_prepare_member,
	.handle = handle,
};
