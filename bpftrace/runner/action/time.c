/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"
#include "bpftrace/runner/show/show.h"
#include "bpftrace/runner/show/wallclock.h"

static struct error *prepare(struct session *session, struct site *site)
{
	site->prepared = arena_strndup(&session->arena, site->site->text, site->site->text_length);
	return NULL;
}

static void handle(struct session *session, const struct site *site, const void *record _unused_,
	size_t size _unused_)
{
	struct str *text = &session->output->text;
	struct timespec now = {};

	clock_gettime(CLOCK_REALTIME, &now);
	str_truncate(text, 0);
	if (wallclock_format(site->prepared, now, text))
		session->output->ops->printed(
			session->output, "time", str_text(text), text->length);
}

const struct action_handler action_time = {
	.action = ACTION_TIME,
	.prepare = prepare,
	.handle = handle,
};
