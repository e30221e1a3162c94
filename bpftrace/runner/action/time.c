/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "action.h"
#include "bpftrace/runner/show/show.h"

enum { ROOM_LIMIT = 1 << 16 };

/* A blank in front tells an empty result (of "%p" in some languages) from too little room. The
 * zone is read here: later the file may be out of reach. */
static struct error *prepare(struct session *session, struct site *site)
{
	tzset();
	site->prepared = arena_printf(
		&session->arena, " %.*s", (int)site->site->text_length, site->site->text);
	return NULL;
}

static void handle(struct session *session, const struct site *site, const void *record _unused_,
	size_t size _unused_)
{
	struct str *text = &session->output->text;
	time_t now = time(NULL);
	struct tm local;

	if (!localtime_r(&now, &local))
		return;
	str_truncate(text, 0);
	for (size_t room = 128; room <= ROOM_LIMIT; room *= 2) {
		size_t length = strftime(str_reserve(text, room), room, site->prepared, &local);

		if (!length)
			continue;
		session->output->ops->printed(session->output, "time", text->data + 1, length - 1);
		return;
	}
}

const struct action_handler action_time = {
	.action = ACTION_TIME,
	.prepare = prepare,
	.handle = handle,
};
