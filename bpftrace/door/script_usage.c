/* SPDX-License-Identifier: Apache-2.0 */
#include "script_usage.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "libcommon/base/attributes.h"
#include "libcommon/base/slice.h"

/* --- the header comment --- */

/* Reads lines of the comments at the beginning. */
struct header {
	const char *at, *end;
	bool in_block; /* in a comment of several lines */
};

static struct slice next_line(struct header *header)
{
	const char *newline = memchr(header->at, '\n', (size_t)(header->end - header->at));
	const char *end = newline ? newline : header->end;
	struct slice line = slice_trim((struct slice){header->at, (size_t)(end - header->at)});

	header->at = newline ? newline + 1 : header->end;
	return line;
}

static struct slice skip(struct slice line, size_t count)
{
	return slice_trim((struct slice){line.begin + count, line.length - count});
}

/* The line's text without what marks the comment; false at a line that belongs to none. */
static bool comment_text(struct header *header, struct slice *line)
{
	size_t close;

	if (!header->in_block && slice_begins(*line, "//")) {
		*line = skip(*line, 2);
		return true;
	}
	if (!header->in_block && !slice_begins(*line, "/*"))
		return false;
	if (!header->in_block)
		*line = skip(*line, 2);
	header->in_block = true;
	for (close = 0; close + 1 < line->length; close++) {
		if (line->begin[close] != '*' || line->begin[close + 1] != '/')
			continue;
		header->in_block = false;
		*line = slice_trim((struct slice){line->begin, close});
		break;
	}
	if (line->length && *line->begin == '*')
		*line = skip(*line, 1);
	return true;
}

static bool contains(struct slice line, const char *word)
{
	size_t length = strlen(word);

	for (size_t i = 0; i + length <= line.length; i++) {
		if (strncasecmp(line.begin + i, word, length) == 0)
			return true;
	}
	return false;
}

static bool is_legal(struct slice line)
{
	return contains(line, "SPDX-License") || contains(line, "copyright");
}

/* Appends words up to the end of a sentence; true when that is reached. */
static bool append_words(struct slice line, struct str *out)
{
	if (out->length)
		str_append_char(out, ' ');
	for (size_t i = 0; i < line.length; i++) {
		bool is_last = i + 1 == line.length;
		bool is_blank = isspace((unsigned char)line.begin[i]);

		if (line.begin[i] == '.' && (is_last || isspace((unsigned char)line.begin[i + 1])))
			return true;
		if (is_blank && (is_last || isspace((unsigned char)line.begin[i + 1])))
			continue;
		str_append_char(out, is_blank ? ' ' : line.begin[i]);
	}
	return false;
}

void script_sentence(const char *text, size_t length, struct str *out)
{
	struct header header = {.at = text, .end = text + length};
	size_t before = out->length;
	_cleanup_str_ struct str sentence = STR_INIT;
	bool done = false;

	while (!done && header.at < header.end) {
		struct slice line = next_line(&header);
		bool is_blank = line.length == 0;

		if (out->length == before &&
			(slice_begins(line, "#!") || (is_blank && !sentence.length)))
			continue;
		if (!comment_text(&header, &line))
			break;
		if (line.length == 0 && sentence.length)
			break;
		if (line.length && !is_legal(line))
			done = append_words(line, &sentence);
	}
	str_append_bytes(out, str_text(&sentence), sentence.length);
}

/* --- the usage --- */

static void spell(const struct script_option *option, struct str *out)
{
	static const char *const values[NR_SCRIPT_OPTION_KINDS] = {
		[SCRIPT_OPTION_BOOL] = "[=BOOL]",
		[SCRIPT_OPTION_INTEGER] = "=INTEGER",
		[SCRIPT_OPTION_DURATION] = "=DURATION",
		[SCRIPT_OPTION_STRING] = "=STRING",
	};

	str_printf(out, "--%s%s", option->name, values[option->kind]);
}

static void append_default(const struct script_option *option, struct str *out)
{
	const char *quote = option->kind == SCRIPT_OPTION_STRING ? "\"" : "";

	str_printf(out, "[default: %s%s%s]", quote, option->preset, quote);
}

static size_t widest_of(const script_options *options)
{
	const struct script_option *option;
	size_t widest = strlen("--help");

	vec_for_each (options, option) {
		_cleanup_str_ struct str left = STR_INIT;

		spell(option, &left);
		widest = MAX(widest, left.length);
	}
	return widest;
}

static void list_options(const script_options *options, struct str *out)
{
	int widest = (int)widest_of(options);
	const struct script_option *option;

	vec_for_each (options, option) {
		_cleanup_str_ struct str left = STR_INIT;

		spell(option, &left);
		str_printf(out, "    %-*s  %s%s", widest, str_text(&left), option->help,
			*option->help ? " " : "");
		append_default(option, out);
		str_append_char(out, '\n');
	}
	if (!script_options_find(options, "--help"))
		str_printf(out, "    %-*s  show this text\n", widest, "--help");
}

void script_usage(const char *name, const char *text, size_t length, const script_options *options,
	struct str *out)
{
	size_t before = out->length;

	script_sentence(text, length, out);
	if (out->length > before)
		str_append(out, "\n\n");
	str_printf(out, "USAGE:\n    %s [options] [parameters]\n\nOPTIONS:\n", name);
	list_options(options, out);
}

void script_options_list(const script_options *options, struct str *out)
{
	const struct script_option *option;

	vec_for_each (options, option)
		str_printf(out, "--%s\t%s\t%s\t%s\n", option->name,
			script_option_kind_name(option->kind), option->preset, option->help);
}
