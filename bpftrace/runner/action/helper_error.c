/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A helper that fails once often fails at each event. The first failure with an errno is reported
 * at once, then the tenth, the hundredth and so on, and the number of all at the end.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "action.h"
#include "bpftrace/runner/show/show.h"
#include "libcommon/base/diag.h"
#include "libcommon/base/log.h"
#include "libcommon/base/vec.h"

/* All failures of a call with the same result. */
struct failure {
	int64_t result;
	uint64_t count, reported;
};

struct failures {
	const char *helper, *map, *means; /* the last two may be "" */
	struct action_number number;
	VEC(struct failure) list;
};

/* The part of the site's text from *at to the next NUL or the end; advances *at behind it. */
static const char *next_text(struct actions *actions, const struct manifest_site *site, size_t *at)
{
	size_t left = site->text_length - *at;
	size_t length = strnlen(site->text + *at, left);
	const char *text = arena_strndup(&actions->traced->arena, site->text + *at, length);

	*at += length + (length < left);
	return text;
}

static struct error *prepare(struct actions *actions, struct site *site)
{
	struct failures *failures = arena_new(&actions->traced->arena, struct failures);
	struct error *error = action_find_number(actions, site, &failures->number);
	size_t at = 0;

	failures->helper = next_text(actions, site->site, &at);
	failures->map = next_text(actions, site->site, &at);
	failures->means = next_text(actions, site->site, &at);
	site->prepared = failures;
	return error;
}

/* Adds the cause as a hint; for maps it is more specific than the errno. */
static void hint(struct diags *diags, const struct failures *failures, int64_t result)
{
	if (*failures->map && (result == 0 || result == -ENOENT))
		diag_hint(diags, "%s has no element with this key: %s", failures->map,
			failures->means);
	else if (*failures->map && result == -E2BIG)
		diag_hint(diags, "%s is full: %s; raise max_map_keys", failures->map,
			failures->means);
	else if (*failures->means)
		diag_hint(diags, "%s", failures->means);
}

/* The cause in words. */
static const char *cause(const struct failures *failures, const struct failure *failure)
{
	return failure->result < 0 ? strerror((int)-failure->result) : failures->means;
}

/* As an object of JSON, or a warning at the call's span in the script. */
static void tell(const struct actions *actions, const struct site *site, struct failure *failure,
	const char *when)
{
	const struct failures *failures = site->prepared;
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	_cleanup_str_ struct str text = STR_INIT, count = STR_INIT;

	struct report report = {
		.type = "helper_error",
		.text = cause(failures, failure),
		.helper = failures->helper,
		.result = failure->result,
	};

	failure->reported = failure->count;
	if (log_settings.no_warnings ||
		show_report(actions->output, actions->traced, site->site->span, report))
		return;
	if (failure->count > 1)
		str_printf(&count, ", %" PRIu64 " times%s", failure->count, when);
	manifest_add_sources(&actions->traced->bundle.manifest, &diags);
	if (failure->result < 0)
		diag_warning(&diags, site->site->span, "Failed to %s: %s (%" PRId64 ")%s",
			failures->helper, strerror((int)-failure->result), failure->result,
			str_text(&count));
	else
		diag_warning(&diags, site->site->span, "Failed to %s%s", failures->helper,
			str_text(&count));
	hint(&diags, failures, failure->result);
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
	struct actions *actions, const struct site *site, const void *record, size_t size _unused_)
{
	struct failures *failures = site->prepared;
	struct failure *failure = find(failures, action_number_at(&failures->number, record));

	failure->count++;
	if (failure->count == 1 || failure->count / 10 >= failure->reported)
		tell(actions, site, failure, " so far");
}

static void end(struct actions *actions, const struct site *site)
{
	struct failures *failures = site->prepared;
	struct failure *failure;

	vec_for_each (&failures->list, failure) {
		if (failure->count > failure->reported)
			tell(actions, site, failure, "");
	}
	vec_deinit(&failures->list);
}

const struct action_ops action_helper_error = {
	.action = ACTION_HELPER_ERROR,
	.prepare = prepare,
	.handle = handle,
	.end = end,
};
