/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens in, text out. What stands on a line depends on the tokens, and on comments, alone; only
 * single blank lines are taken over. So the result, formatted again, is the same.
 */
#include "format.h"

#include <string.h>

#include "format_tokens.h"

enum {
	INDENT = 2,
	CONTINUED = 4,
	WIDTH = 100,
};

struct printer {
	const struct format_tokens *tokens;
	struct str *out;
	size_t comment;    /* the next one */
	uint32_t source;   /* behind what was printed last, in the source; 0: nothing was */
	size_t line;       /* where the last line of out begins */
	unsigned depth;    /* of braces */
	bool must_break;   /* a line ends here, unless "}" is followed by what belongs to it */
	bool ends_comment; /* … it ends here in any case */
	bool in_statement; /* what comes next goes on with one */
	bool is_operand;   /* a value ends here, so an operator that follows has two sides */
	bool is_glued;     /* nothing separates the next token from this one */
	bool blank_wanted; /* an empty line follows */
	struct format_token last;
	bool last_brace; /* the line ends by "}" */
};

/* --- lines --- */

static size_t column(const struct printer *printer)
{
	return printer->out->length - printer->line;
}

static bool at_line_start(const struct printer *printer)
{
	return column(printer) == 0;
}

static void end_line(struct printer *printer)
{
	if (!at_line_start(printer))
		str_append_char(printer->out, '\n');
	printer->line = printer->out->length;
	printer->must_break = printer->ends_comment = false;
}

static size_t count_lines(const struct printer *printer, uint32_t until)
{
	size_t count = 0;

	for (uint32_t at = printer->source; at < until; at++)
		count += printer->tokens->text[at] == '\n';
	return count;
}

/* An empty line, where the source has one, or behind a block outside of all; none behind "{". */
static void separate(struct printer *printer, uint32_t begin)
{
	bool has_blank = count_lines(printer, begin) > 1 && printer->last.kind != TOKEN_LEFT_BRACE;

	if (printer->source && (has_blank || printer->blank_wanted))
		str_append_char(printer->out, '\n');
	printer->line = printer->out->length;
	printer->blank_wanted = false;
}

static void indent(struct printer *printer, bool is_continued)
{
	str_append_repeat(
		printer->out, ' ', printer->depth * INDENT + (is_continued ? CONTINUED : 0));
}

/* --- comments --- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* One line of a comment, without blanks at its end. */
static void append_line(struct printer *printer, const char *text, size_t length)
{
	while (length && is_blank(text[length - 1]))
		length--;
	str_append_bytes(printer->out, text, length);
}

/* Lines that begin with "*" stand below the first one's. */
static void append_comment(struct printer *printer, struct span span)
{
	const char *at = printer->tokens->text + span.begin;
	const char *end = printer->tokens->text + span.end;

	for (bool is_first = true; at < end; is_first = false) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end, *first = at;

		while (first < stop && is_blank(*first))
			first++;
		if (!is_first && first < stop && *first == '*') {
			str_append_repeat(printer->out, ' ', printer->depth * INDENT + 1);
			at = first;
		}
		append_line(printer, at, (size_t)(stop - at));
		if (newline)
			str_append_char(printer->out, '\n');
		if (newline)
			printer->line = printer->out->length;
		at = stop + (newline != NULL);
	}
}

static bool is_line_comment(const struct printer *printer, struct span span)
{
	return printer->tokens->text[span.begin + 1] != '*';
}

/* Whether the next thing in the source stands on a later line. */
static bool ends_its_line(const struct printer *printer, struct span span)
{
	uint32_t at = span.end;

	while (is_blank(printer->tokens->text[at]))
		at++;
	return printer->tokens->text[at] == '\n' || is_line_comment(printer, span);
}

static void print_comment(struct printer *printer, struct span span)
{
	bool is_trailing = printer->source && count_lines(printer, span.begin) == 0;
	bool ends = ends_its_line(printer, span);

	if (is_trailing) {
		if (!at_line_start(printer))
			str_append_char(printer->out, ' ');
	} else {
		end_line(printer);
		separate(printer, span.begin);
		indent(printer, printer->in_statement);
	}
	append_comment(printer, span);
	printer->source = span.end;
	printer->ends_comment |= ends || !is_trailing;
	printer->is_glued = false;
	if (!is_trailing)
		printer->last.kind = TOKEN_END;
}

static void print_comments(struct printer *printer, uint32_t until)
{
	const struct format_tokens *tokens = printer->tokens;

	while (printer->comment < tokens->comments.count &&
		tokens->comments.items[printer->comment].begin < until) {
		struct span span = tokens->comments.items[printer->comment++];

		if (span.begin >= printer->source)
			print_comment(printer, span);
	}
}

/* --- blanks between two tokens --- */

static bool has_mark(const struct format_token *token, unsigned marks)
{
	return token->marks & marks;
}

static bool is_step(enum token_kind kind)
{
	return kind == TOKEN_INCREMENT || kind == TOKEN_DECREMENT;
}

/* "-", "*" … in front of their only operand. */
static bool is_prefix(const struct printer *printer, const struct format_token *token)
{
	switch (token->kind) {
	case TOKEN_BANG:
	case TOKEN_TILDE: return true;
	case TOKEN_PLUS:
	case TOKEN_MINUS:
	case TOKEN_STAR:
	case TOKEN_AMPERSAND: return !printer->is_operand && !has_mark(token, FORMAT_STAR);
	case TOKEN_INCREMENT:
	case TOKEN_DECREMENT: return !printer->is_operand;
	default: return false;
	}
}

/* What stands directly behind the token in front of it. */
static bool hugs_left(const struct printer *printer, const struct format_token *token)
{
	const struct format_token *last = &printer->last;

	switch (token->kind) {
	case TOKEN_COMMA:
	case TOKEN_SEMICOLON:
	case TOKEN_RIGHT_PAREN:
	case TOKEN_RIGHT_BRACKET:
	case TOKEN_DOT:
	case TOKEN_DOT_DOT:
	case TOKEN_ARROW:
	case TOKEN_LEFT_BRACKET: return true;
	case TOKEN_LEFT_PAREN:
		return (printer->is_operand || last->kind == TOKEN_SIZEOF ||
			       last->kind == TOKEN_OFFSETOF) &&
		       !(last->kind == TOKEN_IDENTIFIER && last->end - last->begin == 8 &&
			       memcmp(printer->tokens->text + last->begin, "comptime", 8) == 0);
	case TOKEN_STAR: return has_mark(token, FORMAT_STAR) && last->kind == TOKEN_STAR;
	case TOKEN_COLON:
		return last->kind == TOKEN_QUESTION ||
		       (last->kind == TOKEN_COLON && last->end == token->begin);
	default: return is_step(token->kind) && printer->is_operand;
	}
}

/* "::" in a name of C++, in front of which no blank was. */
static bool is_scope(const struct printer *printer, const struct format_token *token)
{
	const char *text = printer->tokens->text;

	return token->kind == TOKEN_COLON && text[token->end] == ':' &&
	       printer->last.kind == TOKEN_IDENTIFIER && printer->last.end == token->begin;
}

/* Two tokens that would be read as another one without a blank between them. */
static bool would_join(const struct printer *printer, const struct format_token *token)
{
	char before = printer->tokens->text[printer->last.end - 1];
	char after = printer->tokens->text[token->begin];

	return (before == after && strchr("-+&", after)) ||
	       (before == '/' && strchr("/*", after)) || (before == '*' && after == '/');
}

static bool needs_blank(const struct printer *printer, const struct format_token *token)
{
	if (at_line_start(printer))
		return false;
	if (would_join(printer, token))
		return true;
	if (hugs_left(printer, token) || is_scope(printer, token) ||
		has_mark(token, FORMAT_FILTER_END))
		return false;
	return !printer->is_glued;
}

/* Whether nothing stands behind the token. */
static bool hugs_right(const struct printer *printer, const struct format_token *token, bool prefix)
{
	const char *text = printer->tokens->text;

	switch (token->kind) {
	case TOKEN_LEFT_PAREN:
	case TOKEN_LEFT_BRACKET:
	case TOKEN_DOT:
	case TOKEN_DOT_DOT:
	case TOKEN_ARROW: return true;
	case TOKEN_RIGHT_PAREN: return has_mark(token, FORMAT_CAST_END);
	case TOKEN_COLON: return printer->last.kind == TOKEN_COLON && text[token->begin - 1] == ':';
	default: return prefix || has_mark(token, FORMAT_FILTER);
	}
}

/* Whether a value can end by the token. */
static bool ends_operand(const struct printer *printer, const struct format_token *token)
{
	switch (token->kind) {
	case TOKEN_IDENTIFIER:
	case TOKEN_CONFIG:
	case TOKEN_FN:
	case TOKEN_IMPORT:
	case TOKEN_MACRO:
	case TOKEN_INTEGER:
	case TOKEN_CHARACTER:
	case TOKEN_STRING:
	case TOKEN_VARIABLE:
	case TOKEN_MAP:
	case TOKEN_POSITIONAL:
	case TOKEN_POSITIONAL_COUNT:
	case TOKEN_TRUE:
	case TOKEN_FALSE:
	case TOKEN_RIGHT_BRACKET: return true;
	case TOKEN_RIGHT_PAREN: return !has_mark(token, FORMAT_CAST_END);
	case TOKEN_RIGHT_BRACE: return has_mark(token, FORMAT_VALUE_END) && printer->depth > 0;
	default: return is_step(token->kind) && printer->is_operand;
	}
}

/* --- where lines end --- */

/* What goes on with the line of a "}". */
static bool follows_brace(const struct format_token *token)
{
	switch (token->kind) {
	case TOKEN_ELSE:
	case TOKEN_SEMICOLON:
	case TOKEN_COMMA:
	case TOKEN_RIGHT_PAREN:
	case TOKEN_RIGHT_BRACKET: return true;
	default: return has_mark(token, FORMAT_FILTER_END);
	}
}

static bool must_begin_line(const struct printer *printer, const struct format_token *token)
{
	if (printer->ends_comment)
		return true;
	if (printer->must_break && !(printer->last_brace && follows_brace(token)))
		return true;
	if (token->kind == TOKEN_RIGHT_BRACE)
		return printer->last.kind != TOKEN_LEFT_BRACE || printer->depth == 0;
	return has_mark(token, FORMAT_ITEM | FORMAT_BODY | FORMAT_FILTER);
}

/* Behind these a line may be broken. */
static bool may_break(enum token_kind kind)
{
	return kind == TOKEN_COMMA || kind == TOKEN_AND || kind == TOKEN_OR;
}

/* Whether what comes up to the next place where a line may be broken is too wide for this one. */
static bool is_too_wide(const struct printer *printer, size_t index)
{
	size_t width = column(printer);

	if (!printer->in_statement || !may_break(printer->last.kind))
		return false;
	for (; index < printer->tokens->list.count; index++) {
		const struct format_token *token = &printer->tokens->list.items[index];

		width += token->end - token->begin + 1;
		if (may_break(token->kind) || token->kind == TOKEN_SEMICOLON ||
			token->kind == TOKEN_LEFT_BRACE || token->kind == TOKEN_RIGHT_BRACE)
			break;
	}
	return width > WIDTH;
}

static bool continues(const struct printer *printer, const struct format_token *token)
{
	return printer->in_statement && token->kind != TOKEN_ELSE &&
	       token->kind != TOKEN_RIGHT_BRACE &&
	       !has_mark(token, FORMAT_ITEM | FORMAT_BODY | FORMAT_FILTER | FORMAT_POINT);
}

/* --- tokens --- */

static void print_text(struct printer *printer, const struct format_token *token)
{
	const char *text = printer->tokens->text + token->begin;
	size_t length = token->end - token->begin;

	if (has_mark(token, FORMAT_OPEN))
		str_append_char(printer->out, '(');
	str_append_bytes(printer->out, text, length);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			printer->line = printer->out->length - (length - i - 1);
	}
}

static bool lacks_semicolon(const struct printer *printer, const struct format_token *token)
{
	enum token_kind last = printer->last.kind;

	return token->kind == TOKEN_RIGHT_BRACE && has_mark(token, FORMAT_COMPLETE) &&
	       last != TOKEN_LEFT_BRACE && last != TOKEN_SEMICOLON &&
	       (last != TOKEN_RIGHT_BRACE || printer->is_operand);
}

/* State for what comes behind. */
static void note(struct printer *printer, const struct format_token *token, bool prefix)
{
	bool operand = ends_operand(printer, token);

	printer->is_glued = hugs_right(printer, token, prefix);
	printer->is_operand = operand;
	printer->last_brace = token->kind == TOKEN_RIGHT_BRACE;
	printer->must_break =
		token->kind == TOKEN_SEMICOLON || token->kind == TOKEN_LEFT_BRACE ||
		(printer->last_brace && !operand) || has_mark(token, FORMAT_C) ||
		has_mark(token, FORMAT_FILTER_END) ||
		(token->kind == TOKEN_COMMA && has_mark(&printer->last, FORMAT_POINT));
	printer->in_statement = !printer->must_break && !has_mark(token, FORMAT_POINT);
	printer->blank_wanted = printer->last_brace && printer->depth == 0;
	printer->source = token->end;
	printer->last = *token;
}

static void begin_line(struct printer *printer, const struct format_token *token)
{
	end_line(printer);
	if (has_mark(token, FORMAT_ITEM) && has_mark(token, FORMAT_POINT))
		printer->blank_wanted |= printer->last.kind != TOKEN_END;
	if (token->kind != TOKEN_RIGHT_BRACE && !has_mark(token, FORMAT_BODY | FORMAT_FILTER))
		separate(printer, token->begin);
	printer->blank_wanted = false;
	indent(printer, continues(printer, token));
	printer->is_glued = true;
}

static void print_token(struct printer *printer, size_t index)
{
	const struct format_token *token = &printer->tokens->list.items[index];
	bool prefix;

	if (token->kind == TOKEN_RIGHT_BRACE && printer->depth)
		printer->depth--;
	if (must_begin_line(printer, token) || is_too_wide(printer, index))
		begin_line(printer, token);
	else if (needs_blank(printer, token))
		str_append_char(printer->out, ' ');
	prefix = is_prefix(printer, token);
	print_text(printer, token);
	if (token->kind == TOKEN_LEFT_BRACE)
		printer->depth++;
	note(printer, token, prefix);
}

/* What is added in front of the next token, behind this one. */
static void complete(struct printer *printer, const struct format_token *next)
{
	if (has_mark(next, FORMAT_CLOSE))
		str_append_char(printer->out, ')');
	if (!lacks_semicolon(printer, next))
		return;
	str_append_char(printer->out, ';');
	printer->last.kind = TOKEN_SEMICOLON;
	printer->must_break = true;
	printer->in_statement = false;
}

void format_script(
	struct program *program, const struct diags *diags, uint32_t source, struct str *out)
{
	struct format_tokens tokens;
	struct printer printer = {.tokens = &tokens, .out = out, .last.kind = TOKEN_END};

	format_tokens_read(program, diags, source, &tokens);
	for (size_t i = 0; i + 1 < tokens.list.count; i++) {
		print_comments(&printer, tokens.list.items[i].begin);
		print_token(&printer, i);
		complete(&printer, &tokens.list.items[i + 1]);
	}
	print_comments(&printer, UINT32_MAX);
	end_line(&printer);
	format_tokens_deinit(&tokens);
}

bool format_keeps(struct program *before, struct program *after)
{
	_cleanup_str_ struct str a = STR_INIT, b = STR_INIT;

	node_dump(&before->node, NULL, &a);
	node_dump(&after->node, NULL, &b);
	return strcmp(str_text(&a), str_text(&b)) == 0;
}
