/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of a refused program is a walk through its instructions. Lines that begin with ';' are
 * lines of the script from a statement or expression on (the line information of the bundle; since
 * Linux 6.8 " @ file:number" follows), the last line before the statistics is the verdict.
 * Everything else is for -v. Source: the kernel's kernel/bpf/verifier.c and log.c.
 */
#include "verifier.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
	LINE_WORDS = 119, /* a log's line of so many bytes may be cut, see the compiler's lines.c */
};

struct text {
	const char *at;
	size_t length;
};

/* What a verdict means: the first row whose pattern occurs in it. */
static const struct {
	const char *pattern;
	const char *meaning;
	const char *hint; /* NULL: none */
	bool is_loop;     /* the fault of a loop, if there is one */
} verdicts[] = {
	{"infinite loop detected", "the kernel finds no end of this loop",
		"count the rounds in a variable of its own, and leave it after a fixed number",
		true},
	{"back-edge from insn", "the kernel finds no end of this loop",
		"count the rounds in a variable of its own, and leave it after a fixed number",
		true},
	{"unreachable insn", "nothing after this loop can be reached",
		"leave the loop by a condition or break", true},
	{"program is too large", "the kernel gave up following all paths through the program",
		"loop fewer rounds, use for over a range, or split the block into several", true},
	{"jumps is too complex", "the kernel gave up following all paths through the program",
		"loop fewer rounds, or use fewer conditions in a row", true},
	{"too many states", "the kernel gave up following all paths through the program",
		"loop fewer rounds, or use fewer conditions in a row", true},
	{"call stack of", "the loops stand too deep inside of each other", NULL, false},
	{"stack", "the program needs more stack than the kernel gives",
		"use fewer variables and loops inside of loops", false},
	{"maps per program", "the block uses more maps than the kernel allows one program",
		"split it into several, or use one map with keys", false},
	{"invalid mem access", "the kernel does not allow this memory access", NULL, false},
	{"invalid access to", "the kernel does not allow this memory access", NULL, false},
	{"min value is", "the kernel cannot tell that this memory access stays inside", NULL,
		false},
	{"max value is", "the kernel cannot tell that this memory access stays inside", NULL,
		false},
	{"pointer arithmetic", "the kernel does not allow calculating with this pointer", NULL,
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
	{"GPL", "the kernel allows this helper to programs under the GPL only", NULL, false},
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

/* Where what begins at begin ends: before the ";" or bracket that does not belong to it, after a
 * block. */
static const char *end_of_piece(const char *begin)
{
	unsigned depth = 0;
	bool quoted = false;

	for (const char *at = begin;; at++) {
		bool closes = *at == ')' || *at == ']' || *at == '}';

		if (!*at || (!depth && !quoted && (*at == ';' || closes)))
			return at;
		if (*at == '"' && at[-1] != '\\')
			quoted = !quoted;
		if (quoted)
			continue;
		depth += *at == '(' || *at == '[' || *at == '{';
		depth -= closes;
		if (*at == '}' && !depth)
			return at + 1;
	}
}

/* The place of words in a line of the script, up to its end or as many as the log gives of it; NULL
 * when they are not there. */
static const char *find_words(struct text line, struct text words)
{
	while (words.length && line.length >= words.length) {
		const char *found = memmem(line.at, line.length, words.at, words.length);

		if (!found)
			return NULL;
		if (words.length >= LINE_WORDS ||
			trim((struct text){found, line.length - (found - line.at)}).length ==
				words.length)
			return found;
		line.length -= found + 1 - line.at;
		line.at = found + 1;
	}
	return NULL;
}

/* The span of these words in line number (from 1), or in the first line that has them when number
 * is 0. */
static bool find_line(const char *source, uint32_t number, struct text words, struct span *ret)
{
	uint32_t at = 1;

	for (const char *start = source; *start; at++) {
		struct text line = {start, strcspn(start, "\n")};
		const char *found = !number || at == number ? find_words(line, words) : NULL;

		if (found) {
			ret->begin = (uint32_t)(found - source);
			ret->end = (uint32_t)(end_of_piece(found) - source);
			ret->end = MAX(ret->end, ret->begin + 1);
			return true;
		}
		start += line.length + (start[line.length] == '\n');
	}
	return false;
}

/* The number of its row; how many rows there are when it is not known. */
static size_t find_verdict(struct text verdict)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(verdicts) && !contains(verdict, verdicts[i].pattern))
		i++;
	return i;
}

/* The verdict in words. */
static void translate(struct text verdict, size_t row, struct str *message)
{
	if (row < ARRAY_SIZE(verdicts))
		str_printf(message, "%s (the verifier says: %.*s)", verdicts[row].meaning,
			(int)verdict.length, verdict.at);
	else
		str_printf(message, "the kernel's verifier refused this: %.*s", (int)verdict.length,
			verdict.at);
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

/* The blocks that the program runs; empty when it is not known. */
static struct span block_of(const struct manifest *manifest, const char *program)
{
	const struct manifest_link *link;

	vec_for_each (&manifest->links, link) {
		if (program && strcmp(link->program, program) == 0)
			return link->span;
	}
	return (struct span){};
}

static bool is_while(const char *source, uint32_t at)
{
	static const char word[] = "while";
	size_t length = strlen(word);

	return strncmp(source + at, word, length) == 0 &&
	       !isalnum((unsigned char)source[at + length]) &&
	       (at == 0 || !strchr("$@_.", source[at - 1])) &&
	       (at == 0 || !isalnum((unsigned char)source[at - 1]));
}

/* A loop's instructions are spread over places in and around it: takes the innermost loop around
 * the place, or else the next one behind it, or the first of the block. Only `while` can go on for
 * too long. */
static void move_to_loop(const char *source, struct span block, struct span *place)
{
	struct span first = {}, behind = {}, around = {};

	for (uint32_t at = block.begin; at < block.end; at++) {
		if (!is_while(source, at))
			continue;
		struct span loop = {.begin = at, .end = end_of_piece(source + at) - source};

		if (!first.end)
			first = loop;
		if (!behind.end && at >= place->end)
			behind = loop;
		if (at <= place->begin && loop.end > place->begin)
			around = loop;
	}
	if (first.end)
		*place = around.end ? around : behind.end && place->end ? behind : first;
}

/* The first words of the block. */
static struct span head_of(const char *source, struct span block)
{
	block.end = MIN(block.end, block.begin + strcspn(source + block.begin, "/{\n"));
	while (block.end > block.begin + 1 && source[block.end - 1] == ' ')
		block.end--;
	return block;
}

/* The verdict: what stands before the statistics. */
static bool find_last(const char *log, const char **end, struct text *ret)
{
	do {
		if (!line_before(log, end, ret))
			return false;
	} while (is_statistics(*ret));
	return true;
}

bool verifier_explain(
	const char *log, const char *program, const struct manifest *manifest, struct str *out)
{
	const char *source = manifest->source_text, *end = log + strlen(log);
	_cleanup_str_ struct str message = STR_INIT;
	struct span place = {}, block = block_of(manifest, program);
	const char *hint = "-v shows the verifier's whole log";
	struct text verdict;
	size_t row;

	if (!find_last(log, &end, &verdict))
		return false;
	row = find_verdict(verdict);
	translate(verdict, row, &message);
	find_place(log, end, manifest, &place);
	if (row < ARRAY_SIZE(verdicts)) {
		hint = verdicts[row].hint;
		if (verdicts[row].is_loop && block.end)
			move_to_loop(source, block, &place);
	}
	if (!place.end && block.end)
		place = head_of(source, block);
	if (place.end) {
		show_at(manifest, place, str_text(&message), hint, out);
	} else {
		str_printf(out, "%s: ERROR: %s\n", manifest->source_name, str_text(&message));
		if (hint)
			str_printf(out, "HINT: %s\n", hint);
	}
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
