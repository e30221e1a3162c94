/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of a refused program is a walk through its instructions. Lines that begin with ';' are
 * texts of the bundle's line information, which begin with the index of a statement in the manifest
 * (since Linux 6.8 " @ file:number" follows); the last line before the statistics is the verdict.
 * Everything else is for -v. Source: the kernel's kernel/bpf/verifier.c and log.c.
 */
#include "verifier.h"

#include <stdlib.h>
#include <string.h>

#include "libcommon/base/color.h"
#include "libcommon/base/slice.h"

/* What a verdict means: the first row whose pattern occurs in it. */
static const struct {
	const char *pattern;
	const char *meaning;
	const char *hint; /* NULL: none */
	bool is_loop;     /* the fault of a loop, if there is one */
} verdicts[] = {
	{"infinite loop detected", "the verifier cannot prove that this loop ends",
		"count the iterations in a variable, and leave the loop at a constant number",
		true},
	{"back-edge from insn", "the verifier cannot prove that this loop ends",
		"count the iterations in a variable, and leave the loop at a constant number",
		true},
	{"unreachable insn", "nothing after this loop can be reached",
		"leave the loop by a condition or break", true},
	{"program is too large", "the program is too complex for the verifier",
		"use fewer iterations, for over a range, or split the block into several", true},
	{"jumps is too complex", "the program is too complex for the verifier",
		"use fewer iterations, or fewer conditions in a row", true},
	{"too many states", "the program is too complex for the verifier",
		"use fewer iterations, or fewer conditions in a row", true},
	{"call stack of", "too many loops are nested", NULL, false},
	{"stack", "the program needs more stack than the kernel allows (512 bytes)",
		"use fewer variables and nested loops", false},
	{"maps per program", "the block uses more maps than the kernel allows one program",
		"split it into several, or use one map with keys", false},
	{"invalid mem access", "the kernel does not allow this memory access", NULL, false},
	{"invalid access to", "the kernel does not allow this memory access", NULL, false},
	{"min value is", "the verifier cannot prove that this memory access is in bounds", NULL,
		false},
	{"max value is", "the verifier cannot prove that this memory access is in bounds", NULL,
		false},
	{"pointer arithmetic", "the verifier does not allow arithmetic on this pointer", NULL,
		false},
	{"invalid bpf_context access", "this kernel does not allow reading this argument", NULL,
		false},
	{"unknown func", "this kernel does not have a helper that the script needs",
		"bpftrace --info lists what the kernel has", false},
	{"invalid func", "this kernel does not have a helper that the script needs",
		"bpftrace --info lists what the kernel has", false},
	{"cannot use helper", "the kernel does not allow a helper here that the script needs", NULL,
		false},
	{"not supported for program",
		"the kernel does not allow a helper here that the script needs", NULL, false},
	{"GPL", "the kernel allows this helper only to programs under the GPL", NULL, false},
};

/* The line that ends right before *end in text; moves *end to its start. */
static bool line_before(const char *text, const char **end, struct slice *ret)
{
	const char *stop = *end;

	if (stop == text)
		return false;
	if (stop[-1] == '\n')
		stop--;
	const char *start = memrchr(text, '\n', (size_t)(stop - text));

	start = start ? start + 1 : text;
	*ret = slice_trim((struct slice){start, (size_t)(stop - start)});
	*end = start;
	return true;
}

/* What may come after the verdict. */
static bool is_statistics(struct slice line)
{
	return line.length == 0 || slice_begins(line, "cur state:") ||
	       slice_begins(line, "old state:") || slice_begins(line, "processed ") ||
	       slice_begins(line, "verification time") || slice_begins(line, "stack depth") ||
	       slice_begins(line, "mark_precise");
}

/* The statement that a line of the log begins with; NULL: it is of another kind. */
static const struct manifest_statement *statement_of(
	const struct manifest *manifest, struct slice line)
{
	uint64_t index = 0;
	size_t at = 1;

	if (!slice_begins(line, "; "))
		return NULL;
	while (++at < line.length && line.begin[at] >= '0' && line.begin[at] <= '9' &&
		index < manifest->statements.count)
		index = index * 10 + (uint64_t)(line.begin[at] - '0');
	if (at == 2 || at == line.length || line.begin[at] != ':' ||
		index >= manifest->statements.count)
		return NULL;
	return &manifest->statements.items[index];
}

/* The number of its row; how many rows there are when it is not known. */
static size_t find_verdict(struct slice verdict)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(verdicts) && !slice_contains(verdict, verdicts[i].pattern))
		i++;
	return i;
}

/* The explanation of a verdict. */
static void translate(struct slice verdict, size_t row, struct str *message)
{
	if (row < ARRAY_SIZE(verdicts))
		str_printf(message, "%s (verifier log: %.*s)", verdicts[row].meaning,
			(int)verdict.length, verdict.begin);
	else
		str_printf(message, "the kernel's verifier refused this: %.*s", (int)verdict.length,
			verdict.begin);
}

/* The last statement in the log before end; empty: there is none. */
static struct span find_place(const char *log, const char *end, const struct manifest *manifest)
{
	struct slice line;

	while (line_before(log, &end, &line)) {
		const struct manifest_statement *statement = statement_of(manifest, line);

		if (statement)
			return statement->span;
	}
	return (struct span){};
}

/* What the program serves; NULL: it is not known. */
static const struct manifest_link *link_of(const struct manifest *manifest, const char *program)
{
	const struct manifest_link *link;

	vec_for_each (&manifest->links, link) {
		if (program && strcmp(link->program, program) == 0)
			return link;
	}
	return NULL;
}

static bool is_within(struct span inner, struct span outer)
{
	return inner.source == outer.source && inner.begin >= outer.begin && inner.end <= outer.end;
}

/* A loop's instructions are spread over places in and around it: takes the innermost loop around
 * the place, or else the next one behind it, or the first of the block. */
static void move_to_loop(const struct manifest *manifest, struct span block, struct span *place)
{
	struct span first = {}, behind = {}, around = {};
	const struct manifest_statement *statement;

	vec_for_each (&manifest->statements, statement) {
		struct span loop = statement->span;

		if (!statement->is_loop || !is_within(loop, block))
			continue;
		if (!first.end || loop.begin < first.begin)
			first = loop;
		if (loop.begin >= place->end && (!behind.end || loop.begin < behind.begin))
			behind = loop;
		if (is_within(*place, loop) && (!around.end || is_within(loop, around)))
			around = loop;
	}
	if (first.end)
		*place = around.end ? around : behind.end && place->end ? behind : first;
}

/* The verdict: what stands before the statistics. */
static bool find_last(const char *log, const char **end, struct slice *ret)
{
	do {
		if (!line_before(log, end, ret))
			return false;
	} while (is_statistics(*ret));
	return true;
}

/* Without a place: the name of the script. */
static void show_unplaced(
	const struct manifest *manifest, const char *message, const char *hint, struct str *out)
{
	if (manifest->sources.count)
		str_printf(out, "%s: ", manifest->sources.items[0].name);
	color_begin(out, COLOR_ERROR);
	str_append(out, "ERROR:");
	color_end(out);
	str_printf(out, " %s\n", message);
	if (hint)
		str_printf(out, "HINT: %s\n", hint);
}

bool verifier_explain(
	const char *log, const char *program, const struct manifest *manifest, struct str *out)
{
	const struct manifest_link *link = link_of(manifest, program);
	const char *hint = "-v shows the verifier's whole log", *end = log + strlen(log);
	_cleanup_str_ struct str message = STR_INIT;
	struct slice verdict;

	if (!find_last(log, &end, &verdict))
		return false;

	size_t row = find_verdict(verdict);
	struct span place = find_place(log, end, manifest);

	translate(verdict, row, &message);
	if (row < ARRAY_SIZE(verdicts)) {
		hint = verdicts[row].hint;
		if (verdicts[row].is_loop && link)
			move_to_loop(manifest, link->span, &place);
	}
	if (!place.end && link)
		place = link->head;
	if (place.end)
		manifest_show(manifest, place, str_text(&message), hint, out);
	else
		show_unplaced(manifest, str_text(&message), hint, out);
	return true;
}

bool verifier_denies_reading(const char *log)
{
	return strstr(log, "cannot use helper bpf_probe_read") ||
	       strstr(log, "unknown func bpf_probe_read");
}

bool verifier_is_complete(const char *log)
{
	return strncmp(log, "processed ", 10) == 0 || strstr(log, "\nprocessed ");
}

bool verifier_gave_up(const char *log)
{
	return strstr(log, "program is too large") || strstr(log, "jumps is too complex") ||
	       strstr(log, "too many states");
}
