/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"
#include "bpftrace/runner/show/render.h"
#include "bpftrace/runner/show/show.h"

static struct error *prepare(struct session *session, struct site *site)
{
	struct types_member *member = arena_new(&session->arena, struct types_member);

	site->prepared = member;
	return action_member(session, site, member);
}

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
	.prepare = prepare,
	.handle = handle,
};
