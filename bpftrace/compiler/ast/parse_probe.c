/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probes: attach points, filter, block. An attach point is text, read byte by byte and not by
 * tokens; what it means is not the parser's matter, no probe type is known here. It ends at a
 * blank, "{", "," or at the "/" of a filter, all outside of quotes; blanks around ":" are left out.
 * Whether "/" is part of it or begins the filter is decided as a reader would, from the text up to
 * the next blank, "{" or ",":
 *	1. in a part (between colons) that begins with "/", "." or "~", it belongs to the path;
 *	2. as the begin of a comment in any other part it ends the attach point;
 *	3. if ":" follows before any byte that names do not contain ("=", "?", "(" …), it is text;
 *	4. if such a byte follows, the filter begins: kprobe:f/pid==1/ {
 *	5. if the text ends with another "/" and "{" comes next, it does too: kprobe:f/tid/ {
 *	6. if "{", "," or a filter comes next, it is part of a name: iter:task:/sys/fs/bpf/x {
 *	7. else the filter begins, one with blanks: kprobe:f/pid == 1/ {
 * An attach point for which this is wrong needs quotes.
 */
#include <ctype.h>
#include <string.h>

#include "parser.h"

struct attach_text {
	struct lexer *lexer;
	uint32_t at;
	uint32_t part;       /* where the part begins: behind the last ":" */
	uint32_t name_until; /* up to here each "/" is known to be text */
	struct str text;
};

static bool ends_word(int byte)
{
	return byte <= ' ' || byte == 0x7f || strchr("{},;", byte);
}

/* What follows a "/" in the same word. */
struct look {
	uint32_t end;
	bool colon;      /* … and the look ended there */
	bool expression; /* a byte that names do not contain */
};

static struct look look_ahead(const struct lexer *lexer, uint32_t position)
{
	struct look look = {};
	bool closed;

	for (;;) {
		int byte = lexer_byte(lexer, position);

		look.end = position;
		if (ends_word(byte))
			return look;
		if (byte == '"') {
			position = lexer_quoted(lexer, position, &closed);
			continue;
		}
		if (byte == ':' && !look.expression) {
			look.colon = true;
			return look;
		}
		look.expression |= strchr("=?<>!&|()^", byte) != NULL;
		position++;
	}
}

/* At a "/": whether it belongs to the attach point. */
static bool slash_is_text(struct attach_text *attach)
{
	const struct lexer *lexer = attach->lexer;
	uint32_t at = attach->at;
	int first = lexer_byte(lexer, attach->part), next = lexer_byte(lexer, at + 1);
	bool comment = next == '/' || next == '*';

	if (at < attach->name_until)
		return true;
	if (at != attach->part && (first == '/' || first == '.' || first == '~'))
		return true; /* 1 */
	if (comment && at != attach->part)
		return false; /* 2 */

	struct look look = look_ahead(lexer, at + 1);
	int after = lexer_byte(lexer, lexer_skip(lexer, look.end));
	bool closed = look.end > at + 1 && lexer_byte(lexer, look.end - 1) == '/';

	if (!look.colon) {
		if (comment || look.expression || (closed && after == '{'))
			return false; /* 2, 4, 5 */
		if (after != '{' && after != ',' && after != '/' && after != -1)
			return false; /* 7 */
	}
	attach->name_until = look.end;
	return true; /* 3, 6 */
}

/* Skips blanks and comments before or behind a ":". */
static bool skip_inner_blanks(struct attach_text *attach)
{
	struct lexer *lexer = attach->lexer;
	uint32_t after = lexer_skip(lexer, attach->at);
	int next = lexer_byte(lexer, after);
	bool behind = attach->at > 0 && lexer_byte(lexer, attach->at - 1) == ':';

	if (after == attach->at || (next != ':' && (!behind || ends_word(next) || next == '/')))
		return false;
	lexer->position = attach->at;
	lexer_gap(lexer);
	attach->at = after;
	if (behind)
		attach->part = after;
	return true;
}

/* Returns false when the quotes are not terminated, which the lexer reports. */
static bool take_quoted(struct attach_text *attach)
{
	bool closed;
	uint32_t end = lexer_quoted(attach->lexer, attach->at, &closed);

	if (closed) {
		str_append_bytes(&attach->text, attach->lexer->text + attach->at, end - attach->at);
		attach->at = end;
	}
	return closed;
}

static void scan_attach_point(struct attach_text *attach)
{
	bool more = true;

	while (more) {
		int byte = lexer_byte(attach->lexer, attach->at);

		if (byte == '"') {
			more = take_quoted(attach);
		} else if (ends_word(byte) || (byte == '/' && !slash_is_text(attach))) {
			more = skip_inner_blanks(attach);
		} else {
			str_append_char(&attach->text, (char)byte);
			attach->at++;
			if (byte == ':')
				attach->part = attach->at;
		}
	}
}

static bool begins_attach_point(const struct parser *parser)
{
	switch (parser->token.kind) {
	case TOKEN_STAR:
	case TOKEN_STRING:
	case TOKEN_VARIABLE:
	case TOKEN_POSITIONAL: return true;
	default: return token_is_name(parser->token.kind);
	}
}

/* Notes the parts that are words: the script's macros stand for them, too. */
static void note_parts(struct parser *parser, uint32_t begin, uint32_t end)
{
	const char *text = parser->lexer.text;

	while (begin < end) {
		const char *colon = memchr(text + begin, ':', end - begin);
		uint32_t stop = colon ? (uint32_t)(colon - text) : end, at = begin;

		while (at < stop && (isalnum((unsigned char)text[at]) || text[at] == '_'))
			at++;
		if (at == stop && at > begin && !isdigit((unsigned char)text[begin]))
			parser_note_word(parser, begin, at);
		begin = stop + 1;
	}
}

static struct node *parse_attach_point(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct attach_text attach = {.lexer = &parser->lexer, .at = begin, .part = begin};

	if (!begins_attach_point(parser)) {
		parser_wanted(parser, "a probe");
		return NULL;
	}

	parser_drop_words(parser, begin);
	scan_attach_point(&attach);
	note_parts(parser, begin, attach.at);
	parser_seek(parser, begin, attach.at);

	_cleanup_free_ char *text = str_take(&attach.text);
	struct attach_point *point = new_attach_point(parser->arena, parser_span(parser, begin));

	point->text = arena_strdup(parser->arena, text);
	return &point->node;
}

static bool at_filter_or_block(const struct parser *parser)
{
	return parser_at(parser, TOKEN_LEFT_BRACE) || parser_at(parser, TOKEN_SLASH);
}

static bool parse_attach_points(struct parser *parser, struct probe *probe)
{
	struct node **list = &probe->attach_points;

	do {
		probe->comma = probe->attach_points && at_filter_or_block(parser);
		if (probe->comma)
			return true;
		*list = parse_attach_point(parser);
		if (!*list)
			return false;
		list = &(*list)->next;
	} while (parser_accept(parser, TOKEN_COMMA));
	if (at_filter_or_block(parser))
		return true;
	PARSER_UNEXPECTED(parser, TOKEN_LEFT_BRACE, TOKEN_SLASH, TOKEN_COMMA);
	return false;
}

/* /expression/ */
static struct node *parse_filter(struct parser *parser)
{
	struct parser_scope scope = parser_open(parser, parser->token.begin, true);

	parser->in_filter = true;
	parser_next(parser);

	struct node *filter = parse_expression(parser);

	parser->in_filter = false;
	if (filter && !parser_expect(parser, TOKEN_FILTER_END))
		filter = NULL;
	parser_close(parser, scope);
	return filter;
}

struct node *parse_probe(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct probe *probe = new_probe(parser->arena, parser_token_span(parser));
	struct parser_scope scope = parser_open(parser, begin, false);
	bool good = parse_attach_points(parser, probe);

	if (good && parser_at(parser, TOKEN_SLASH)) {
		probe->filter = parse_filter(parser);
		good = probe->filter != NULL;
	}
	/* The block has mistakes of its own to show, whatever is wrong before it. */
	if (!good)
		parser_skip(parser, true);
	if (good || parser_at(parser, TOKEN_LEFT_BRACE))
		probe->body = parse_block(parser);
	parser_close(parser, scope);
	probe->node.span = parser_span(parser, begin);
	return probe->body ? &probe->node : NULL;
}
