/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a manifest; what is accepted keeps its promises and can be written and read again.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "bpftrace/door/manifest.h"

static void check_span(const struct manifest *manifest, struct span span)
{
	require(span.source < manifest->sources.count && span.begin <= span.end);
	require(span.end <= strlen(manifest->sources.items[span.source].text));
}

static void check_promises(const struct manifest *manifest)
{
	const struct manifest_probe *probe;
	const struct manifest_statement *statement;
	const struct manifest_link *link;
	const struct manifest_site *site;

	vec_for_each (&manifest->probes, probe)
		require(probe->link < manifest->links.count && *probe->name);
	vec_for_each (&manifest->sites, site) {
		unsigned constants = action_descs[site->action].constants;

		require(*site->record);
		require(!(constants & SITE_MAP) || site->map < manifest->maps.count);
		require(!(constants & SITE_TEXT) || site->text[site->text_length] == '\0');
		require(!(constants & SITE_DIVISOR) || site->divisor);
		check_span(manifest, site->span);
	}
	vec_for_each (&manifest->statements, statement)
		check_span(manifest, statement->span);
	vec_for_each (&manifest->links, link) {
		check_span(manifest, link->span);
		check_span(manifest, link->head);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(manifest_deinit) struct manifest manifest = {}, again = {};
	_cleanup_error_ struct error *error = manifest_parse(data, size, &arena, &manifest);

	if (error) {
		require(error->message[0] && !manifest.version);
		return 0;
	}
	check_promises(&manifest);

	_cleanup_json_ json_t *json = manifest_to_json(&manifest);
	_cleanup_str_ struct str text = STR_INIT;

	json_append(json, &text);
	error = manifest_parse(text.data, text.length, &arena, &again);
	require(!error);
	require(again.sites.count == manifest.sites.count);
	return 0;
}
