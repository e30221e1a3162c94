/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "action.h"
#include "libcommon/base/diag.h"
#include "libcommon/base/log.h"

/* A warning that points at the script, as the compiler's do. */
static void handle(
	struct session *session, const struct site *site, const void *record, size_t size _unused_)
{
	const struct manifest *manifest = &session->bundle.manifest;
	int64_t result = action_number(site, record);
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	_cleanup_str_ struct str text = STR_INIT;

	if (log_settings.no_warnings)
		return;
	diags_add_source(&diags, manifest->source_name, manifest->source_text,
		strlen(manifest->source_text));
	diag_warning(&diags, site->site->span, "Failed to %.*s: %s (%" PRId64 ")",
		(int)site->site->text_length, site->site->text,
		strerror(result < 0 ? (int)-result : 0), result);
	diags_render(&diags, true, &text);
	fputs(str_text(&text), stderr);
}

const struct action_handler action_helper_error = {
	.action = ACTION_HELPER_ERROR,
	.prepare = action_prepare_number,
	.handle = handle,
};
