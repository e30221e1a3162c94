/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"
#include "bpftrace/runner/data/wallclock.h"
#include "bpftrace/runner/show/show.h"

static struct error *prepare(struct actions *actions, struct site *site)
{
	site->prepared =
		arena_strndup(&actions->traced->arena, site->site->text, site->site->text_length);
	return NULL;
}

static void handle(struct actions *actions, const struct site *site, const void *record _unused_,
	size_t size _unused_)
{
	struct str *text = &actions->output->text;
	struct timespec now = {};

	clock_gettime(CLOCK_REALTIME, &now);
	str_truncate(text, 0);
	if (wallclock_format(site->prepared, now, text))
		actions->output->ops->printed(
			actions->output, "time", str_text(text), text->length);
}

const struct action_ops action_time = {
	.action = ACTION_TIME,
	.prepare = prepare,
	.handle = handle,
};
