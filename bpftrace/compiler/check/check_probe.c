/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "alignment.h"

/* An iterator's run is reading a file to its end, which nothing can come between. */
static void check_alone(struct compilation *c)
{
	struct unit **unit;

	vec_for_each (&c->units, unit) {
		if (!attach_has((*unit)->matches.items[0].attach, RUNS_ALONE) ||
			c->attach_points == 1)
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

/* The kernel does not check uprobes: one in the middle of an instruction crashes the process. */
static void check_user_place(
	struct compilation *c, struct span span, const struct probe_match *match)
{
	enum alignment alignment = ALIGNMENT_UNKNOWN;
	bool unsafe = c->request->unsafe;

	if (match->code && !match->start_unknown)
		alignment = alignment_of(
			host_arch(c->host), match->code, match->code_size, match->function_offset);
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
		diag_hint(c->diags, "use --unsafe to attach it anyway");
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
		alignment = alignment_of(
			host_arch(c->host), match->code, match->code_size, match->function_offset);
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

		if (attach_has(match->attach, INSIDE_FUNCTION))
			check_kernel_place(c, unit->spans.items[i], match);
		else if (match->function_offset || match->start_unknown)
			check_user_place(c, unit->spans.items[i], match);
	}
}

void check_probes(struct compilation *c)
{
	struct unit **unit;

	check_alone(c);
	vec_for_each (&c->units, unit) {
		check_places(c, *unit);
		if ((*unit)->probe->filter)
			check_condition(c, (*unit)->probe->filter);
	}
}
