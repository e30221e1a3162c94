/* SPDX-License-Identifier: Apache-2.0 */
#include "action.h"
#include "bpftrace/runner/show/printf.h"
#include "bpftrace/runner/show/show.h"

static struct error *prepare(struct session *session, struct site *site)
{
	struct printf_site *printf_site;
	struct error *error = printf_prepare(session, site->record, site->first_member,
		site->site->text, site->site->text_length, &printf_site);

	if (error)
		return error;
	site->prepared = printf_site;
	return NULL;
}

static void handle(
	struct session *session, const struct site *site, const void *record, size_t size)
{
	struct str *text = &session->output->text;

	str_truncate(text, 0);
	printf_format(site->prepared, session, record, size, text);
	session->output->ops->printed(session->output, "printf", str_text(text), text->length);
}

const struct action_handler action_printf = {
	.action = ACTION_PRINTF,
	.prepare = prepare,
	.handle = handle,
};
