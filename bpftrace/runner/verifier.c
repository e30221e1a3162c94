/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of a refused program is a walk through its instructions. Lines that begin with ';' are
 * lines of the script (the line information of the bundle; since Linux 6.8 " @ file:number"
 * follows), the last line before the statistics is the verdict. Everything else is for -v. Source:
 * the kernel's kernel/bpf/verifier.c and log.c.
 */
#include "verifier.h"

#include <stdlib.h>
#include <string.h>

struct text {
	const char *at;
	size_t length;
};

/* What a verdict means: the first row whose pattern occurs in it. */
static const struct {
	const char *pattern;
	const char *meaning;
	const char *hint; /* NULL: none */
} verdicts[] = {
	{"infinite loop detected", "the kernel finds no end of this loop",
		"count the rounds and leave the loop after a fixed number of them"},
	{"back-edge from insn", "the kernel finds no end of this loop",
		"count the rounds and leave the loop after a fixed number of them"},
	{"unreachable insn", "nothing after this loop can be reached",
		"leave the loop by a condition or break"},
	{"program is too large", "the kernel gave up following all paths through the program",
		"loop fewer rounds, or split the block into several"},
	{"jumps is too complex", "the kernel gave up following all paths through the program",
		"loop fewer rounds, or use fewer conditions in a row"},
	{"too many states", "the kernel gave up following all paths through the program",
		"loop fewer rounds, or use fewer conditions in a row"},
	{"combined stack size", "the program needs more stack than the kernel gives", NULL},
	{"invalid mem access", "the kernel does not allow this memory access", NULL},
	{"invalid access to", "the kernel does not allow this memory access", NULL},
	{"invalid bpf_context access", "this kernel does not allow reading this argument", NULL},
	{"unknown func", "this kernel does not have a helper that the script needs",
		"bpftrace --info lists what the kernel has"},
	{"cannot use helper", "a helper that the script needs may not be used in this probe", NULL},
	{"GPL", "the kernel allows this helper to programs under the GPL only", NULL},
};

static bool begins(struct text line, const char *prefix)
{
	return line.length >= strlen(prefix) && memcmp(line.at, prefix, strlen(prefix)) == 0;
}

static bool contains(struct text line, const char *needle)
{
	return memmem(line.at, line.length, needle, strlen(needle)) != NULL;
}

static struct text trim(struct text line)
{
	while (line.length && strchr(" \t\r", line.at[0])) {
		line.at++;
		line.length--;
	}
	while (line.length && strchr(" \t\r", line.at[line.length - 1]))
		line.length--;
	return line;
}

/* The line that ends right before *end in text; moves *end to its start. */
static bool line_before(const char *text, const char **end, struct text *ret)
{
	const char *stop = *end;

	if (stop == text)
		return false;
	if (stop[-1] == '\n')
		stop--;
	const char *start = memrchr(text, '\n', (size_t)(stop - text));

	start = start ? start + 1 : text;
	*ret = trim((struct text){start, (size_t)(stop - start)});
	*end = start;
	return true;
}

/* What may come after the verdict. */
static bool is_statistics(struct text line)
{
	return line.length == 0 || begins(line, "cur state:") || begins(line, "old state:") ||
	       begins(line, "processed ") || begins(line, "verification time") ||
	       begins(line, "stack depth") || begins(line, "mark_precise");
}

/* The number behind " @ file:" at the end of the line, which is cut off; 0 when there is none. */
static uint32_t cut_number(struct text *line)
{
	const char *mark = NULL;

	for (size_t i = 0; i + 3 <= line->length; i++) {
		if (memcmp(line->at + i, " @ ", 3) == 0)
			mark = line->at + i;
	}
	const char *colon = memrchr(line->at, ':', line->length);

	if (!mark || !colon || colon < mark)
		return 0;
	line->length = (size_t)(mark - line->at);
	return (uint32_t)strtoul(colon + 1, NULL, 10);
}

/* The span of line number (from 1), or of the first line with these words when number is 0. */
static bool find_line(const char *source, uint32_t number, struct text words, struct span *ret)
{
	uint32_t at = 1;

	for (const char *start = source; *start; at++) {
		size_t length = strcspn(start, "\n");
		struct text line = trim((struct text){start, length});
		bool same =
			line.length == words.length && memcmp(line.at, words.at, words.length) == 0;

		if (line.length && (number ? at == number : same)) {
			ret->begin = (uint32_t)(line.at - source);
			ret->end = ret->begin + (uint32_t)line.length;
			return true;
		}
		start += length + (start[length] == '\n');
	}
	return false;
}

/* The verdict in words; *hint may stay NULL. */
static void translate(struct text verdict, struct str *message, const char **hint)
{
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		if (!contains(verdict, verdicts[i].pattern))
			continue;
		str_printf(message, "%s (the verifier says: %.*s)", verdicts[i].meaning,
			(int)verdict.length, verdict.at);
		*hint = verdicts[i].hint;
		return;
	}
	str_printf(message, "the kernel's verifier refused this: %.*s", (int)verdict.length,
		verdict.at);
	*hint = "-v shows the verifier's whole log";
}

static void show_at(const struct manifest *manifest, struct span span, const char *message,
	const char *hint, struct str *out)
{
	struct diags diags = DIAGS_INIT;

	span.source = diags_add_source(&diags, manifest->source_name, manifest->source_text,
		strlen(manifest->source_text));
	diag_error(&diags, span, "%s", message);
	if (hint)
		diag_hint(&diags, "%s", hint);
	diags_render(&diags, true, out);
	diags_deinit(&diags);
}

/* The last line of the script in the log before end. */
static bool find_place(
	const char *log, const char *end, const struct manifest *manifest, struct span *ret)
{
	struct text line;

	while (line_before(log, &end, &line)) {
		if (!begins(line, ";"))
			continue;
		struct text words = {line.at + 1, line.length - 1};
		uint32_t number = cut_number(&words);

		if (find_line(manifest->source_text, number, trim(words), ret))
			return true;
	}
	return false;
}

bool verifier_explain(const char *log, const struct manifest *manifest, struct str *out)
{
	const char *end = log + strlen(log);
	_cleanup_str_ struct str message = STR_INIT;
	const char *hint = NULL;
	struct text verdict;
	struct span span = {};

	do {
		if (!line_before(log, &end, &verdict))
			return false;
	} while (is_statistics(verdict));
	translate(verdict, &message, &hint);
	if (find_place(log, end, manifest, &span)) {
		show_at(manifest, span, str_text(&message), hint, out);
	} else {
		str_printf(out, "%s: ERROR: %s\n", manifest->source_name, str_text(&message));
		if (hint)
			str_printf(out, "HINT: %s\n", hint);
	}
	return true;
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
