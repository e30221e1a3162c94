/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A helper that fails once often fails at each event. The first failure with an errno is told at
 * once, then the tenth, the hundredth and so on, and at the end how many there were.
 */
#include <inttypes.h>
#include <string.h>

#include "action.h"
#include "libcommon/base/diag.h"
#include "libcommon/base/log.h"
#include "libcommon/base/vec.h"

/* All failures of a call with the same result. */
struct failure {
	int64_t result;
	uint64_t count, told;
};

struct failures {
	struct action_number number;
	VEC(struct failure) list;
};

static struct error *prepare(struct session *session, struct site *site)
{
	struct failures *failures = arena_new(&session->arena, struct failures);
	struct error *error = action_find_number(session, site, &failures->number);

	site->prepared = failures;
	return error;
}

/* A warning that points at the script, as the compiler's do. */
static void tell(const struct session *session, const struct site *site, struct failure *failure,
	const char *when)
{
	const struct manifest *manifest = &session->bundle.manifest;
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	_cleanup_str_ struct str text = STR_INIT, count = STR_INIT;

	failure->told = failure->count;
	if (log_settings.no_warnings)
		return;
	if (failure->count > 1)
		str_printf(&count, ", %" PRIu64 " times%s", failure->count, when);
	diags_add_source(&diags, manifest->source_name, manifest->source_text,
		strlen(manifest->source_text));
	diag_warning(&diags, site->site->span, "Failed to %.*s: %s (%" PRId64 ")%s",
		(int)site->site->text_length, site->site->text,
		strerror(failure->result < 0 ? (int)-failure->result : 0), failure->result,
		str_text(&count));
	diags_render(&diags, true, &text);
	fputs(str_text(&text), stderr);
}

static struct failure *find(struct failures *failures, int64_t result)
{
	struct failure *failure;

	vec_for_each (&failures->list, failure) {
		if (failure->result == result)
			return failure;
	}
	failure = vec_add(&failures->list);
	failure->result = result;
	return failure;
}

static void handle(
	struct session *session, const struct site *site, const void *record, size_t size _unused_)
{
	struct failures *failures = site->prepared;
	struct failure *failure = find(failures, action_number_at(&failures->number, record));

	failure->count++;
	if (failure->count == 1 || failure->count / 10 >= failure->told)
		tell(session, site, failure, " so far");
}

static void end(struct session *session, const struct site *site)
{
	struct failures *failures = site->prepared;
	struct failure *failure;

	vec_for_each (&failures->list, failure) {
		if (failure->count > failure->told)
			tell(session, site, failure, "");
	}
	vec_deinit(&failures->list);
}

const struct action_handler action_helper_error = {
	.action = ACTION_HELPER_ERROR,
	.prepare = prepare,
	.handle = handle,
	.end = end,
};
