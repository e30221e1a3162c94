/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is outside of probes: the config block, C definitions and preprocessor lines (kept as text
 * for the C parser), imports, map declarations, macros and functions. Their words are reserved only
 * here, and only where no ":" makes them the name of a probe.
 */
#include <string.h>

#include "parser.h"

bool parse_is_definition(const struct parser *parser)
{
	switch (parser->token.kind) {
	case TOKEN_PREPROCESSOR:
	case TOKEN_STRUCT:
	case TOKEN_UNION:
	case TOKEN_ENUM:
	case TOKEN_TYPEDEF:
	case TOKEN_LET: return true;
	case TOKEN_CONFIG:
	case TOKEN_IMPORT:
	case TOKEN_MACRO:
	case TOKEN_FN: return lexer_byte(&parser->lexer, parser->token.end) != ':';
	default: return false;
	}
}

/* --- config --- */

static struct node *parse_setting_value(struct parser *parser)
{
	struct node *value = parse_expression(parser);

	if (!value)
		return NULL;
	switch (value->kind) {
	case NODE_INTEGER:
	case NODE_STRING:
	case NODE_BOOLEAN:
	case NODE_IDENTIFIER:
	case NODE_UNARY: return value;
	default:
		diag_error(
			parser->diags, value->span, "a setting takes a number, a string or a word");
		return NULL;
	}
}

/* key = value */
static struct node *parse_setting(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct config_setting *setting =
		new_config_setting(parser->arena, parser_token_span(parser));

	if (!token_is_name(parser->token.kind)) {
		parser_wanted(parser, "the name of a setting");
		return NULL;
	}
	setting->key = parser_take_text(parser);
	if (!parser_expect(parser, TOKEN_ASSIGN))
		return NULL;
	setting->value = parse_setting_value(parser);
	if (!setting->value)
		return NULL;
	if (!parser_at(parser, TOKEN_SEMICOLON) && !parser_at(parser, TOKEN_RIGHT_BRACE)) {
		PARSER_UNEXPECTED(parser, TOKEN_SEMICOLON, TOKEN_RIGHT_BRACE);
		return NULL;
	}
	setting->node.span = parser_span(parser, begin);
	return &setting->node;
}

static void parse_settings(struct parser *parser, struct node **list)
{
	while (!parser->at_probe && !parser_at(parser, TOKEN_RIGHT_BRACE) &&
		!parser_at(parser, TOKEN_END)) {
		if (parser_accept(parser, TOKEN_SEMICOLON))
			continue;
		*list = parse_setting(parser);
		if (*list)
			list = &(*list)->next;
		else
			parser_sync(parser);
	}
}

/* config = { settings } */
static struct node *parse_config(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct config *config = new_config(parser->arena, parser_token_span(parser));
	struct parser_scope scope = parser_open(parser, begin, false);
	bool good = false;

	parser_next(parser);
	if (parser_expect(parser, TOKEN_ASSIGN) && parser_expect(parser, TOKEN_LEFT_BRACE)) {
		parse_settings(parser, &config->settings);
		good = parser->at_probe || parser_expect(parser, TOKEN_RIGHT_BRACE);
	}
	parser_close(parser, scope);
	config->node.span = parser_span(parser, begin);
	return good ? &config->node : NULL;
}

/* --- C --- */

/* The text from begin to end, with a ";" where the script may leave it out and C may not. */
static struct node *c_text(struct parser *parser, uint32_t begin, uint32_t end)
{
	const char *text = parser->lexer.text + begin;
	size_t length = end - begin;
	struct c_text *node = new_c_text(parser->arena, parser_span(parser, begin));
	bool open = text[0] != '#' && text[length - 1] != ';';

	if (memchr(text, '\0', length))
		lexer_error(&parser->lexer, begin, end, "a C definition cannot contain a NUL byte");
	node->text = arena_printf(parser->arena, "%.*s%s", (int)length, text, open ? ";" : "");
	return &node->node;
}

static struct node *parse_preprocessor(struct parser *parser)
{
	uint32_t begin = parser->token.begin;

	parser_next(parser);
	return c_text(parser, begin, parser->previous.end);
}

/* From "{" or "(" to behind what closes it. */
static bool skip_balanced(struct parser *parser)
{
	struct parser_scope scope = parser_open(parser, parser->token.begin, false);
	enum token_kind opening = parser->token.kind;
	enum token_kind closing =
		opening == TOKEN_LEFT_BRACE ? TOKEN_RIGHT_BRACE : TOKEN_RIGHT_PAREN;
	unsigned depth = 0;

	do {
		if (parser_at(parser, opening))
			depth++;
		else if (parser_at(parser, closing))
			depth--;
		parser_next(parser);
	} while (depth > 0 && !parser_at(parser, TOKEN_END));
	if (depth > 0)
		parser_unexpected(parser, &closing, 1);
	parser_close(parser, scope);
	return depth == 0;
}

/* __attribute__((packed)) */
static bool skip_attributes(struct parser *parser)
{
	while (parser_at_text(parser, "__attribute__") || parser_at_text(parser, "__packed")) {
		parser_next(parser);
		if (parser_at(parser, TOKEN_LEFT_PAREN) && !skip_balanced(parser))
			return false;
	}
	return true;
}

/* Skips words, perhaps with parentheses, and "*" and "," between them, if they end at this token;
 * otherwise stays where it is. */
static void skip_words(struct parser *parser, enum token_kind end)
{
	struct parser_mark mark = parser_try(parser);
	bool good = true;

	while (good &&
		(token_is_name(parser->token.kind) || parser_at(parser, TOKEN_STAR) ||
			parser_at(parser, TOKEN_COMMA) || parser_at(parser, TOKEN_LEFT_PAREN))) {
		if (parser_at(parser, TOKEN_LEFT_PAREN))
			good = skip_balanced(parser);
		else
			parser_next(parser);
	}
	if (good && parser_at(parser, end))
		parser_keep(parser);
	else
		parser_back(parser, mark);
}

/* struct [name] { … } [;], or struct name; macros may stand before the brace or the end,
 * names of variables behind the brace. */
static bool skip_tagged(struct parser *parser)
{
	parser_next(parser);
	if (!skip_attributes(parser))
		return false;

	bool named = token_is_name(parser->token.kind);

	if (named)
		parser_next(parser);
	skip_words(parser, TOKEN_LEFT_BRACE);
	if (parser_at(parser, TOKEN_LEFT_BRACE)) {
		if (!skip_balanced(parser) || !skip_attributes(parser))
			return false;
		skip_words(parser, TOKEN_SEMICOLON);
		parser_accept(parser, TOKEN_SEMICOLON);
		return true;
	}
	if (named && parser_accept(parser, TOKEN_SEMICOLON))
		return true;
	if (named)
		PARSER_UNEXPECTED(parser, TOKEN_LEFT_BRACE, TOKEN_SEMICOLON);
	else
		PARSER_UNEXPECTED(parser, TOKEN_IDENTIFIER, TOKEN_LEFT_BRACE);
	return false;
}

/* typedef … ; */
static bool skip_typedef(struct parser *parser)
{
	while (!parser_at(parser, TOKEN_SEMICOLON)) {
		if (parser_at(parser, TOKEN_LEFT_BRACE)) {
			if (!skip_balanced(parser))
				return false;
			continue;
		}
		if (parser_at(parser, TOKEN_END) || parser_at(parser, TOKEN_RIGHT_BRACE))
			return parser_expect(parser, TOKEN_SEMICOLON);
		parser_next(parser);
	}
	parser_next(parser);
	return true;
}

static struct node *parse_c(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct parser_scope scope = parser_open(parser, begin, false);
	bool good = parser_at(parser, TOKEN_TYPEDEF) ? skip_typedef(parser) : skip_tagged(parser);

	parser_close(parser, scope);
	return good ? c_text(parser, begin, parser->previous.end) : NULL;
}

/* --- import, let --- */

/* import "path"; */
static struct node *parse_import(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct import *import = new_import(parser->arena, parser_token_span(parser));

	parser_next(parser);
	if (!parser_at(parser, TOKEN_STRING)) {
		PARSER_UNEXPECTED(parser, TOKEN_STRING);
		return NULL;
	}

	struct string *path = node_string(parse_string(parser));

	if (strlen(path->text) != path->length || path->length == 0)
		diag_error(parser->diags, path->node.span, "invalid file name");
	import->path = path->text;
	import->node.span = parser_span(parser, begin);
	parser_accept(parser, TOKEN_SEMICOLON);
	return &import->node;
}

/* kind(limit); */
static bool parse_map_kind(struct parser *parser, struct map_declaration *declaration)
{
	if (!token_is_name(parser->token.kind)) {
		parser_wanted(parser, "a kind of map");
		return false;
	}
	declaration->kind = parser_take_text(parser);
	if (!parser_expect(parser, TOKEN_LEFT_PAREN))
		return false;
	if (!parser_at(parser, TOKEN_RIGHT_PAREN)) {
		declaration->limit = parse_expression(parser);
		if (!declaration->limit)
			return false;
	}
	return parser_expect(parser, TOKEN_RIGHT_PAREN);
}

/* let @name = kind(limit)[;] */
static struct node *parse_map_declaration(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct map_declaration *declaration =
		new_map_declaration(parser->arena, parser_token_span(parser));
	struct parser_scope scope = parser_open(parser, begin, false);
	bool good = false;

	parser_next(parser);
	if (parser_at(parser, TOKEN_VARIABLE)) {
		PARSER_UNEXPECTED(parser, TOKEN_MAP);
		diag_hint(parser->diags, "variables are declared inside of probes");
	} else if (!parser_at(parser, TOKEN_MAP)) {
		PARSER_UNEXPECTED(parser, TOKEN_MAP);
	} else {
		declaration->name = parser_take_text(parser);
		good = parser_expect(parser, TOKEN_ASSIGN) && parse_map_kind(parser, declaration);
		if (good)
			parser_accept(parser, TOKEN_SEMICOLON);
	}
	parser_close(parser, scope);
	declaration->node.span = parser_span(parser, begin);
	return good ? &declaration->node : NULL;
}

/* --- macro, fn --- */

/* $a, @b or c */
static struct node *parse_macro_parameter(struct parser *parser)
{
	if (parser_at(parser, TOKEN_VARIABLE))
		return parse_variable(parser);
	if (token_is_name(parser->token.kind)) {
		struct identifier *word = new_identifier(parser->arena, parser_token_span(parser));

		word->name = parser_take_text(parser);
		return &word->node;
	}
	if (!parser_at(parser, TOKEN_MAP)) {
		PARSER_UNEXPECTED(parser, TOKEN_IDENTIFIER, TOKEN_VARIABLE, TOKEN_MAP);
		return NULL;
	}

	struct map_access *map = new_map_access(parser->arena, parser_token_span(parser));

	map->name = parser_take_text(parser);
	return &map->node;
}

/* $a : type */
static struct node *parse_function_parameter(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct let *let = new_let(parser->arena, parser_token_span(parser));

	let->variable = parse_variable(parser);
	if (!let->variable || !parser_expect(parser, TOKEN_COLON))
		return NULL;
	let->type = parse_type(parser);
	let->node.span = parser_span(parser, begin);
	return let->type ? &let->node : NULL;
}

/* name(parameter, …) */
static bool parse_signature(struct parser *parser, struct node *(*parameter)(struct parser *),
	const char **name, struct node **list)
{
	struct parser_scope scope = parser_open(parser, parser->token.begin, false);
	bool good = false;

	if (!token_is_name(parser->token.kind)) {
		PARSER_UNEXPECTED(parser, TOKEN_IDENTIFIER);
	} else {
		*name = parser_take_text(parser);
		good = parser_expect(parser, TOKEN_LEFT_PAREN);
	}
	if (good && parser_accept(parser, TOKEN_RIGHT_PAREN)) {
		parser_close(parser, scope);
		return true;
	}
	while (good) {
		*list = parameter(parser);
		good = *list != NULL;
		if (!good || parser_accept(parser, TOKEN_RIGHT_PAREN))
			break;
		list = &(*list)->next;
		if (!parser_accept(parser, TOKEN_COMMA)) {
			PARSER_UNEXPECTED(parser, TOKEN_RIGHT_PAREN, TOKEN_COMMA);
			good = false;
		}
	}
	parser_close(parser, scope);
	return good;
}

/* One without parameters needs no parentheses. */
static bool parse_macro_head(struct parser *parser, struct macro *macro)
{
	if (token_is_name(parser->token.kind) && parser_peek(parser) == '{') {
		macro->name = parser_take_text(parser);
		return true;
	}
	return parse_signature(parser, parse_macro_parameter, &macro->name, &macro->parameters);
}

static struct node *parse_macro(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct macro *macro = new_macro(parser->arena, parser_token_span(parser));

	parser_next(parser);
	if (parse_macro_head(parser, macro))
		macro->body = parse_block_expression(parser);
	macro->node.span = parser_span(parser, begin);
	return macro->body ? &macro->node : NULL;
}

static struct node *parse_function(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct function *function = new_function(parser->arena, parser_token_span(parser));

	parser_next(parser);
	if (!parse_signature(
		    parser, parse_function_parameter, &function->name, &function->parameters))
		return NULL;
	if (parser_accept(parser, TOKEN_COLON)) {
		function->type = parse_type(parser);
		if (!function->type)
			return NULL;
	}
	function->body = parse_block(parser);
	function->node.span = parser_span(parser, begin);
	return function->body ? &function->node : NULL;
}

struct node *parse_definition(struct parser *parser)
{
	switch (parser->token.kind) {
	case TOKEN_PREPROCESSOR: return parse_preprocessor(parser);
	case TOKEN_CONFIG: return parse_config(parser);
	case TOKEN_IMPORT: return parse_import(parser);
	case TOKEN_LET: return parse_map_declaration(parser);
	case TOKEN_MACRO: return parse_macro(parser);
	case TOKEN_FN: return parse_function(parser);
	default: return parse_c(parser);
	}
}
