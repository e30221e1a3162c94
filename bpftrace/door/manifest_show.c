/* SPDX-License-Identifier: Apache-2.0 */
/* Messages about places in the script, from its sources in the manifest. */
#include <string.h>

#include "manifest.h"

void manifest_add_sources(const struct manifest *manifest, struct diags *diags)
{
	const struct manifest_source *source;

	vec_for_each (&manifest->sources, source) {
		struct span call = {source->caller, source->begin, source->end};

		if (source->expands)
			diags_add_expansion(diags, source->expands - 1, call);
		else
			diags_add_source(diags, source->name, source->text, strlen(source->text));
	}
}

void manifest_show(const struct manifest *manifest, struct span span, const char *message,
	const char *hint, struct str *out)
{
	struct diags diags = DIAGS_INIT;

	manifest_add_sources(manifest, &diags);
	diag_error(&diags, span, "%s", message);
	if (hint)
		diag_hint(&diags, "%s", hint);
	diags_render(&diags, true, out);
	diags_deinit(&diags);
}
