/* SPDX-License-Identifier: Apache-2.0 */
/* The list of diagnostics as it is changed after they were added, and what is known about spans. */
#include <stdarg.h>
#include <string.h>

#include "diag.h"

void diags_explain(
	struct diags *diags, struct span span, const struct span *place, const char *format, ...)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct explanation explanation = {.span = span, .has_place = place};
	va_list args;

	va_start(args, format);
	str_vprintf(&text, format, args);
	va_end(args);
	explanation.text = arena_strdup(&diags->arena, str_text(&text));
	if (place)
		explanation.place = *place;
	vec_push(&diags->explanations, explanation);
}

static const char *copy_text(struct diags *diags, const char *text)
{
	return text ? arena_strdup(&diags->arena, text) : NULL;
}

void diags_copy(struct diags *diags, const struct diag *diag, struct span span)
{
	vec_push(&diags->list, ((struct diag){
				       .severity = diag->severity,
				       .span = span,
				       .message = copy_text(diags, diag->message),
				       .one_cause = diag->one_cause,
				       .hint = copy_text(diags, diag->hint),
			       }));
	diags->errors += diag->severity == SEVERITY_ERROR;
}

struct diags_mark diags_mark(const struct diags *diags)
{
	return (struct diags_mark){diags->list.count, diags->errors};
}

void diags_back(struct diags *diags, struct diags_mark mark)
{
	diags->list.count = mark.count;
	diags->errors = mark.errors;
}

void diags_remove(struct diags *diags, struct diags_mark from, struct diags_mark to)
{
	if (from.count == to.count)
		return;
	memmove(diags->list.items + from.count, diags->list.items + to.count,
		(diags->list.count - to.count) * sizeof(*diags->list.items));
	diags->list.count -= to.count - from.count;
	diags->errors -= to.errors - from.errors;
}
