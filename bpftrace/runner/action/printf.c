/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"
#include "bpftrace/runner/show/show.h"

static void handle(
	struct actions *actions, const struct site *site, const void *record, size_t size)
{
	const struct str *text =
		action_format(actions, site, record, size, actions->output->escapes);

	actions->output->ops->printed(actions->output, "printf", str_text(text), text->length);
}

const struct action_ops action_printf = {
	.action = ACTION_PRINTF,
	.prepare = action_prepare_format,
	.handle = handle,
};
