/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"
#include "bpftrace/runner/show/show.h"

static void handle(
	struct actions *actions, const struct site *site, const void *record, size_t size)
{
	struct output *out = actions->output;
	struct value value = action_value(actions, site, record, size);

	str_truncate(&out->text, 0);
	value_append_text(&value, out->escapes, &out->text);
	str_append_char(&out->text, '\n');
	out->ops->printed(out, "join", str_text(&out->text), out->text.length);
}

const struct action_ops action_join = {
	.action = ACTION_JOIN,
	.prepare = action_prepare_member,
	.handle = handle,
};
