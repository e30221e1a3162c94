/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"
#include "bpftrace/runner/show/render.h"
#include "bpftrace/runner/show/show.h"

static void handle(
	struct session *session, const struct site *site, const void *record, size_t size)
{
	const struct types_member *member = site->prepared;
	struct render render = {.session = session, .record = record, .record_size = size};
	struct str *text = &session->output->text;

	str_truncate(text, 0);
	render_text(&render, member->type, (const char *)record + member->bit_offset / 8, text);
	str_append_char(text, '\n');
	session->output->ops->printed(session->output, "join", str_text(text), text->length);
}

const struct action_handler action_join = {
	.action = ACTION_JOIN,
	.prepare = action_prepare_member,
	.handle = handle,
};
