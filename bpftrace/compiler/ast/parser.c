/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser's tools: consuming tokens, reporting unexpected ones, and finding a place to resume at
 * after a mistake. One mistake should give one message: while text is skipped nothing is reported,
 * and what a string or comment without end contains is not reported as missing.
 */
#include "parser.h"

#include <string.h>

enum {
	NESTING_MAX = 250,
};

struct span parser_token_span(const struct parser *parser)
{
	return (struct span){parser->lexer.source, parser->token.begin, parser->token.end};
}

struct span parser_span(const struct parser *parser, uint32_t begin)
{
	uint32_t end = MAX(begin, parser->previous.end);

	return (struct span){parser->lexer.source, begin, end};
}

/* --- tokens --- */

static void give_up(struct parser *parser)
{
	diag_error(parser->diags, parser_span(parser, parser->previous.begin),
		"too many errors, skipping the rest of the script");
	parser->lexer.position = parser->lexer.length;
	parser->lexer.cut_off = true;
	parser->most_errors = SIZE_MAX;
}

void parser_next(struct parser *parser)
{
	struct lexer *lexer = &parser->lexer;

	parser->previous = parser->token;
	if (parser->diags->errors >= parser->most_errors)
		give_up(parser);
	parser->token = lexer_next(lexer);
	if (parser->in_filter && parser_at(parser, TOKEN_SLASH)) {
		int byte = parser_peek(parser);

		if (byte == '{' || byte == -1)
			parser->token.kind = TOKEN_FILTER_END;
	}
	if (parser->words && token_is_name(parser->token.kind))
		vec_push(parser->words, parser_token_span(parser));
}

void parser_drop_words(struct parser *parser, uint32_t begin)
{
	parse_words *words = parser->words;

	while (words && words->count && vec_last(words)->begin >= begin)
		words->count--;
}

void parser_note_word(struct parser *parser, uint32_t begin, uint32_t end)
{
	if (parser->words)
		vec_push(parser->words, ((struct span){parser->lexer.source, begin, end}));
}

void parser_seek(struct parser *parser, uint32_t begin, uint32_t position)
{
	parser->token = (struct token){TOKEN_IDENTIFIER, begin, position};
	parser->lexer.position = position;
	parser->lexer.last = TOKEN_IDENTIFIER;
	parser_next(parser);
}

bool parser_accept(struct parser *parser, enum token_kind kind)
{
	if (!parser_at(parser, kind))
		return false;
	parser_next(parser);
	return true;
}

bool parser_expect(struct parser *parser, enum token_kind kind)
{
	if (parser_accept(parser, kind))
		return true;
	parser_unexpected(parser, &kind, 1);
	return false;
}

bool parser_at_text(const struct parser *parser, const char *text)
{
	size_t length = parser->token.end - parser->token.begin;

	return strlen(text) == length &&
	       memcmp(parser->lexer.text + parser->token.begin, text, length) == 0;
}

const char *parser_take_text(struct parser *parser)
{
	struct token token = parser->token;

	parser_next(parser);
	return arena_strndup(
		parser->arena, parser->lexer.text + token.begin, token.end - token.begin);
}

/* Whether "::" and a name follow the token without a blank. */
static bool precedes_scope(const struct parser *parser)
{
	const struct lexer *lexer = &parser->lexer;
	uint32_t at = parser->token.end;
	int first = lexer_byte(lexer, at + 2);

	return lexer_byte(lexer, at) == ':' && lexer_byte(lexer, at + 1) == ':' &&
	       (first == '_' || (uint32_t)((first | 0x20) - 'a') < 26);
}

const char *parser_take_scoped_name(struct parser *parser)
{
	uint32_t begin = parser->token.begin;

	while (precedes_scope(parser)) {
		parser_next(parser); /* ":" */
		parser_next(parser); /* ":" */
		parser_next(parser);
	}

	uint32_t end = parser->token.end;

	parser_next(parser);
	return arena_strndup(parser->arena, parser->lexer.text + begin, end - begin);
}

int parser_peek(const struct parser *parser)
{
	return lexer_byte(&parser->lexer, lexer_skip(&parser->lexer, parser->token.end));
}

/* --- trying --- */

struct parser_mark parser_try(struct parser *parser)
{
	struct parser_mark mark = {
		.token = parser->token,
		.previous = parser->previous,
		.position = parser->lexer.position,
		.last = parser->lexer.last,
		.was_quiet = parser->lexer.quiet,
	};

	parser->lexer.quiet = true;
	return mark;
}

void parser_back(struct parser *parser, struct parser_mark mark)
{
	parser->lexer.quiet = mark.was_quiet;
	parser->token = mark.token;
	parser->previous = mark.previous;
	parser->lexer.position = mark.position;
	parser->lexer.last = mark.last;
}

void parser_keep(struct parser *parser)
{
	parser->lexer.quiet = false;
}

/* --- errors --- */

static bool on_later_line(const struct parser *parser)
{
	uint32_t begin = parser->previous.end, length = parser->token.begin - begin;

	return memchr(parser->lexer.text + begin, '\n', length) != NULL;
}

/* Words of other languages. */
static const char *word_hint(const struct parser *parser)
{
	static const char *const hints[][2] = {
		{"and", "\"and\" is written &&"},
		{"or", "\"or\" is written ||"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		if (parser_at_text(parser, hints[i][0]))
			return hints[i][1];
	}
	return NULL;
}

/* The next step, where it is obvious. */
static const char *hint(const struct parser *parser, enum token_kind expected)
{
	enum token_kind kind = parser->token.kind;

	if (kind == TOKEN_ASSIGN && parser->in_condition)
		return "== compares, = assigns";
	if (kind == TOKEN_GREATER && parser->previous.kind == TOKEN_MINUS)
		return "-> is written without a blank";
	if (kind == TOKEN_PREPROCESSOR)
		return "preprocessor lines stand outside of probes";
	if (kind == TOKEN_IDENTIFIER && word_hint(parser))
		return word_hint(parser);
	if (expected == TOKEN_SEMICOLON && kind != TOKEN_END && kind != TOKEN_LEFT_BRACE)
		return on_later_line(parser) ? "is a ; missing at the end of the line before?"
					     : "; stands between statements";
	if (expected == TOKEN_FILTER_END && kind == TOKEN_LEFT_BRACE)
		return "a filter stands between two /; an attach point with / in its name needs "
		       "quotes";
	if (expected == TOKEN_FILTER_END)
		return "a filter stands between two /, before {";
	return NULL;
}

static void report(struct parser *parser, enum token_kind expected, const char *what)
{
	bool at_end = parser_at(parser, TOKEN_END);
	struct span span = parser_token_span(parser);

	if (parser->lexer.quiet || parser_at(parser, TOKEN_INVALID) ||
		(at_end && parser->lexer.cut_off))
		return;
	if (at_end) {
		span = parser_span(parser, parser->open);
		parser->lexer.cut_off = true; /* what else is missing there is not worth a word */
	}

	const char *next_step = hint(parser, expected);

	diag_error(parser->diags, span, "syntax error, unexpected %s, expected %s",
		token_text(parser->token.kind), what);
	if (next_step)
		diag_hint(parser->diags, "%s", next_step);
}

void parser_unexpected(struct parser *parser, const enum token_kind *kinds, size_t count)
{
	_cleanup_str_ struct str what = STR_INIT;

	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			str_append(&what, " or ");
		str_append(&what, token_text(kinds[i]));
	}
	report(parser, kinds[0], what.data);
}

void parser_wanted(struct parser *parser, const char *what)
{
	report(parser, TOKEN_END, what);
}

bool parser_enter(struct parser *parser)
{
	if (++parser->depth <= NESTING_MAX)
		return true;
	if (!parser->lexer.quiet)
		diag_error(parser->diags, parser_token_span(parser),
			"this is nested more than %d levels deep", NESTING_MAX);
	return false;
}

void parser_leave(struct parser *parser)
{
	parser->depth--;
}

struct parser_scope parser_open(struct parser *parser, uint32_t begin, bool in_condition)
{
	struct parser_scope scope = {parser->open, parser->in_condition};

	parser->open = begin;
	parser->in_condition = in_condition;
	return scope;
}

void parser_close(struct parser *parser, struct parser_scope scope)
{
	parser->open = scope.open;
	parser->in_condition = scope.in_condition;
}

/* --- going on --- */

bool parser_sees_probe(const struct parser *parser)
{
	const struct lexer *lexer = &parser->lexer;
	uint32_t begin = parser->token.begin;
	int byte = lexer_byte(lexer, parser->token.end);

	if (!token_is_name(parser->token.kind))
		return false;
	if (begin > 0 && lexer_byte(lexer, begin - 1) != '\n')
		return false;
	if (byte == ':')
		return lexer_byte(lexer, parser->token.end + 1) > ' ';
	return parser_peek(parser) == '{';
}

/* Skips one token, or a whole block that begins here. */
static void skip_one(struct parser *parser)
{
	unsigned braces = 0;

	do {
		if (parser_at(parser, TOKEN_LEFT_BRACE))
			braces++;
		else if (parser_at(parser, TOKEN_RIGHT_BRACE) && braces > 0)
			braces--;
		parser_next(parser);
		parser->at_probe = parser_sees_probe(parser);
	} while (braces > 0 && !parser->at_probe && !parser_at(parser, TOKEN_END));
}

void parser_sync(struct parser *parser)
{
	bool done = false;

	parser->lexer.quiet = true;
	parser->at_probe = parser_sees_probe(parser);
	while (!done && !parser->at_probe && !parser_at(parser, TOKEN_END) &&
		!parser_at(parser, TOKEN_RIGHT_BRACE)) {
		done = parser_at(parser, TOKEN_SEMICOLON) || parser_at(parser, TOKEN_LEFT_BRACE);
		skip_one(parser);
		done = done && !parser_at(parser, TOKEN_ELSE);
	}
	parser->lexer.quiet = false;
}

void parser_skip(struct parser *parser, bool to_block)
{
	bool done = false;

	parser->in_filter = false;
	parser->lexer.quiet = true;
	parser->at_probe = parser->at_probe || parser_sees_probe(parser);
	while (!done && !parser->at_probe && !parser_at(parser, TOKEN_END)) {
		done = parser_at(parser, TOKEN_LEFT_BRACE) || parser_at(parser, TOKEN_RIGHT_BRACE);
		if (done && to_block)
			break;
		skip_one(parser);
	}
	parser->lexer.quiet = false;
}
