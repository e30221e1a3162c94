/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what the kernel's side keeps: maps, and how many records were lost. */
#include <errno.h>

#include "libcommon/base/log.h"
#include "show.h"

/* What cannot be read is reported and shown as empty. */
static void read_map(struct session *session, uint32_t map, struct map_content *ret)
{
	_cleanup_error_ struct error *error = mapread(session, map, ret);

	if (error)
		log_error("%s", error->message);
}

void show_content(
	struct session *session, const struct map_content *content, uint64_t top, uint64_t divisor)
{
	if (content->count)
		session->output->ops->map(session->output, session, content, top, divisor);
}

void show_map(struct session *session, uint32_t map, uint64_t top, uint64_t divisor)
{
	_cleanup_map_content_ struct map_content content = {};

	read_map(session, map, &content);
	show_content(session, &content, top, divisor);
}

void show_maps(struct session *session)
{
	struct output *out = session->output;
	bool any = false;

	for (uint32_t i = 0; i < session->bundle.manifest.maps.count; i++) {
		_cleanup_map_content_ struct map_content content = {};

		read_map(session, i, &content);
		if (!content.count)
			continue;
		if (!any)
			out->ops->dump(out);
		any = true;
		out->ops->map(out, session, &content, 0, 1);
	}
}

void show_lost(struct session *session)
{
	struct output *out = session->output;

	if (!session->state)
		return;

	uint64_t lost = session->state->lost + session->state->lost_control;

	if (lost == out->lost)
		return;
	out->ops->lost(out, lost - out->lost);
	out->lost = lost;
}

void show_finish(struct session *session)
{
	struct output *out = session->output;

	output_flush(out);
	if (out->failed && out->failed != EPIPE)
		session->exit_status = 1;
}
