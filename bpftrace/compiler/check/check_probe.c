/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "alignment.h"

/* BEGIN and END run once: a second block of one kind is a mistake. */
static void check_once(struct compilation *c, enum attach_kind attach, const char *name)
{
	const struct unit *first = NULL;
	struct unit **unit;

	vec_for_each (&c->units, unit) {
		if ((*unit)->matches.items[0].attach != attach)
			continue;
		if (first)
			diag_error(c->diags, (*unit)->probe->attach_points->span,
				"More than one %s probe defined", name);
		first = *unit;
	}
}

/* An iterator's run is reading a file to its end, which nothing can come between. */
static void check_alone(struct compilation *c)
{
	struct unit **unit;

	vec_for_each (&c->units, unit) {
		if ((*unit)->context != CONTEXT_ITER || c->attach_points == 1)
			continue;
		diag_error(c->diags, (*unit)->probe->attach_points->span,
			"An iterator cannot share the script with any other probe");
		return;
	}
}

/* "PATH:FUNCTION+OFFSET" of "uprobe:PATH:FUNCTION+OFFSET". */
static const char *place_of(const struct probe_match *match)
{
	return match->name + strlen(match->type->name) + 1;
}

/* Where nobody else looks, a probe in the middle of an instruction crashes whoever gets there. */
static void check_user_place(
	struct compilation *c, struct span span, const struct probe_match *match)
{
	enum alignment alignment = ALIGNMENT_UNKNOWN;
	bool unsafe = c->request->unsafe;

	if (match->code && !match->is_lost)
		alignment = alignment_of(match->code, match->code_size, match->inside);
	if (alignment == ALIGNMENT_BAD && unsafe) {
		diag_warning(c->diags, span, "Unsafe uprobe in the middle of the instruction: %s",
			place_of(match));
	} else if (alignment == ALIGNMENT_BAD) {
		diag_error(c->diags, span, "Could not add uprobe into middle of instruction: %s",
			place_of(match));
	} else if (alignment == ALIGNMENT_UNKNOWN && unsafe) {
		diag_warning(c->diags, span,
			"could not determine instruction boundary for %s (binary appears "
			"stripped). "
			"Misaligned probes can lead to tracee crashes!",
			match->name);
	} else if (alignment == ALIGNMENT_UNKNOWN) {
		diag_error(c->diags, span,
			"could not determine instruction boundary for %s (binary appears "
			"stripped), and a misaligned probe would crash the tracee",
			match->name);
		diag_hint(c->diags, "--unsafe attaches it all the same");
	}
}

/* The kernel looks at its own code once more. */
static void check_kernel_place(
	struct compilation *c, struct span span, const struct probe_match *match)
{
	enum alignment alignment = ALIGNMENT_UNKNOWN;

	if (c->request->unsafe)
		return;
	if (match->code)
		alignment = alignment_of(match->code, match->code_size, match->inside);
	if (alignment == ALIGNMENT_BAD)
		diag_error(c->diags, span, "Could not add kprobe into middle of instruction: %s:%s",
			match->code_file, place_of(match));
	else if (alignment == ALIGNMENT_UNKNOWN)
		diag_warning(c->diags, span,
			"could not determine instruction boundary for %s (no vmlinux file with "
			"symbols, see BPFTRACE_VMLINUX): the kernel decides",
			match->name);
}

static void check_places(struct compilation *c, const struct unit *unit)
{
	for (size_t i = 0; i < unit->matches.count; i++) {
		const struct probe_match *match = &unit->matches.items[i];

		if (match->attach == ATTACH_KPROBE_INSIDE)
			check_kernel_place(c, unit->spans.items[i], match);
		else if (match->inside || match->is_lost)
			check_user_place(c, unit->spans.items[i], match);
	}
}

void check_probes(struct compilation *c)
{
	struct unit **unit;

	check_once(c, ATTACH_BEGIN, "BEGIN");
	check_once(c, ATTACH_END, "END");
	check_alone(c);
	vec_for_each (&c->units, unit) {
		check_places(c, *unit);
		if ((*unit)->probe->filter)
			check_condition(c, (*unit)->probe->filter);
	}
}
