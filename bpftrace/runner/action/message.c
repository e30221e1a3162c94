/* SPDX-License-Identifier: Apache-2.0 */
/* errorf() and warnf(): lines with the place of the call, in the order of the program. */
#include <stdio.h>
#include <unistd.h>

#include "action.h"
#include "bpftrace/runner/show/show.h"
#include "libcommon/base/diag.h"
#include "libcommon/base/log.h"

static void print_line(
	const struct actions *actions, struct span span, const char *label, const struct str *text)
{
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	_cleanup_str_ struct str place = STR_INIT;

	manifest_add_sources(&actions->traced->bundle.manifest, &diags);
	diags_append_place(&diags, span, &place);
	output_flush(actions->output);
	fprintf(stderr, "%s: %s: ", str_text(&place), label);
	fwrite(text->data, 1, text->length, stderr);
	fputc('\n', stderr);
}

static void show(struct actions *actions, const struct site *site, const void *record, size_t size,
	const char *type, const char *label)
{
	struct output *out = actions->output;
	bool is_shown = out->ops->report;
	const struct str *text =
		action_format(actions, site, record, size, !is_shown && isatty(STDERR_FILENO));
	struct report report = {.type = type, .text = str_text(text)};

	if (!show_report(out, actions->traced, site->site->span, report))
		print_line(actions, site->site->span, label, text);
}

static void handle_error(
	struct actions *actions, const struct site *site, const void *record, size_t size)
{
	show(actions, site, record, size, "errorf", "ERROR");
}

static void handle_warning(
	struct actions *actions, const struct site *site, const void *record, size_t size)
{
	if (!log_settings.no_warnings)
		show(actions, site, record, size, "warnf", "WARNING");
}

const struct action_ops action_errorf = {
	.action = ACTION_ERRORF,
	.prepare = action_prepare_format,
	.handle = handle_error,
};

const struct action_ops action_warnf = {
	.action = ACTION_WARNF,
	.prepare = action_prepare_format,
	.handle = handle_warning,
};
