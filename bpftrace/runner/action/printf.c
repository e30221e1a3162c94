/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"
#include "bpftrace/runner/show/show.h"

static void handle(
	struct session *session, const struct site *site, const void *record, size_t size)
{
	const struct str *text = action_format(session, site, record, size);

	session->output->ops->printed(session->output, "printf", str_text(text), text->length);
}

const struct action_handler action_printf = {
	.action = ACTION_PRINTF,
	.prepare = action_prepare_format,
	.handle = handle,
};
