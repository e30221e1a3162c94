/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Only lines, comments and quoted text are looked at: what is excluded may be anything. "/" and "*"
 * begin a comment except in the middle of a word, since attach points have wildcards in paths.
 */
#include "conditions.h"

#include <ctype.h>
#include <string.h>

#include "bpftrace/compiler/ast/lexer.h"

static bool is_condition(const char *at, const char *end)
{
	at++;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return (size_t)(end - at) > strlen("if") && strncmp(at, "if", strlen("if")) == 0;
}

bool conditions_are_there(const struct source *source)
{
	const char *end = source->text + source->length;
	const char *at = source->text;

	while ((at = memchr(at, '#', (size_t)(end - at)))) {
		if (is_condition(at, end))
			return true;
		at++;
	}
	return false;
}

/* --- where lines are --- */

static bool begins_comment(const struct source *source, size_t at)
{
	const char *text = source->text;

	return at + 1 < source->length && text[at] == '/' && text[at + 1] == '*' &&
	       (at == 0 || isspace((unsigned char)text[at - 1]) || strchr(";{}(),", text[at - 1]));
}

static size_t comment_end(const struct source *source, size_t at)
{
	const char *end = strstr(source->text + at + 2, "*/");

	return end ? (size_t)(end - source->text) + 2 : source->length;
}

static size_t line_end(const struct source *source, size_t at)
{
	const char *end = memchr(source->text + at, '\n', source->length - at);

	return end ? (size_t)(end - source->text) : source->length;
}

/* What follows quoted text, which ends with its line at the latest. */
static size_t quoted_end(const struct source *source, size_t at)
{
	size_t end = line_end(source, at);
	char quote = source->text[at];

	for (at++; at < end && source->text[at] != quote; at++)
		at += source->text[at] == '\\';
	return MIN(at + 1, end);
}

/* The end of the line's text, if the lexer takes it for one of the preprocessor; otherwise 0. */
static size_t preprocessor_end(struct lexer *lexer, size_t at)
{
	struct token token;

	lexer->position = (uint32_t)at;
	token = lexer_next(lexer);
	return token.kind == TOKEN_PREPROCESSOR && token.begin == at ? token.end : 0;
}

/* What follows the text at a position that is no preprocessor line. */
static size_t step(const struct source *source, size_t at)
{
	const char *text = source->text + at;

	if (begins_comment(source, at))
		return comment_end(source, at);
	if (*text == '"' || *text == '\'')
		return quoted_end(source, at);
	if (*text == '/' && text[1] == '/')
		return line_end(source, at);
	return at + 1;
}

static void add_text(struct cfront *cfront, size_t begin, size_t end)
{
	struct span span = {cfront->c->source, (uint32_t)begin, (uint32_t)end};
	struct c_item *item = unit_add(cfront, C_MARK, span, NULL);

	item->text = unit_mark(cfront, item);
}

void conditions_add(struct cfront *cfront)
{
	const struct source *source = &cfront->c->diags->sources.items[cfront->c->source];
	_cleanup_lexer_ struct lexer lexer = lexer_new(cfront->c->diags, cfront->c->source);
	size_t at = 0, begin = 0;

	lexer.quiet = true;
	while (at < source->length) {
		size_t end = source->text[at] == '#' ? preprocessor_end(&lexer, at) : 0;
		struct span span = {cfront->c->source, (uint32_t)at, (uint32_t)end};

		if (!end) {
			at = step(source, at);
			continue;
		}
		add_text(cfront, begin, at);
		unit_add(cfront, C_LINE, span,
			arena_strndup(cfront->c->arena, source->text + at, end - at));
		at = begin = end;
	}
	add_text(cfront, begin, source->length);
}

/* --- what is excluded --- */

static bool blank(char *text, size_t begin, size_t end)
{
	bool changed = false;

	for (size_t i = begin; i < end; i++) {
		changed |= !isspace((unsigned char)text[i]);
		if (text[i] != '\n')
			text[i] = ' ';
	}
	return changed;
}

bool conditions_blank(struct cfront *cfront)
{
	struct source *source = &cfront->c->diags->sources.items[cfront->c->source];
	char *text = arena_memdup(cfront->c->arena, source->text, source->length + 1);
	const struct c_item *item;
	bool changed = false;

	vec_for_each (&cfront->items, item) {
		if (item->kind == C_MARK && !item->is_alive)
			changed |= blank(text, item->span.begin, item->span.end);
	}
	if (changed)
		source->text = text;
	return changed;
}
