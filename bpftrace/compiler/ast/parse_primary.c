/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What expressions are made of: literals, names, calls, variables, maps, sizeof and offsetof, and
 * everything in parentheses. Parentheses alone leave no node, but widen the span of what is in
 * them.
 */
#include <string.h>

#include "literal.h"
#include "parser.h"

/* --- literals --- */

static struct node *parse_integer(struct parser *parser)
{
	struct span span = parser_token_span(parser);
	struct integer *integer = new_integer(parser->arena, span);
	const char *text = parser->lexer.text + span.begin;

	if (parser_at(parser, TOKEN_CHARACTER))
		literal_character(parser->diags, span, text, &integer->value);
	else
		literal_integer(parser->diags, span, text, &integer->value, &integer->unit);
	parser_next(parser);
	return &integer->node;
}

static void append_string(struct parser *parser, struct string *string)
{
	const char *text;
	size_t length;
	char *joined;

	literal_string(parser->arena, parser->diags, parser_token_span(parser),
		parser->lexer.text + parser->token.begin, &text, &length);
	joined = arena_alloc(parser->arena, string->length + length + 1);
	memcpy(joined, string->text, string->length);
	memcpy(joined + string->length, text, length);
	string->text = joined;
	string->length += length;
	parser_next(parser);
}

/* Literals that follow each other are one, as in C. */
struct node *parse_string(struct parser *parser)
{
	struct span span = parser_token_span(parser);
	struct string *string = new_string(parser->arena, span);

	literal_string(parser->arena, parser->diags, span, parser->lexer.text + span.begin,
		&string->text, &string->length);
	parser_next(parser);
	while (parser_at(parser, TOKEN_STRING))
		append_string(parser, string);
	string->node.span = parser_span(parser, span.begin);
	return &string->node;
}

static struct node *parse_boolean(struct parser *parser)
{
	struct boolean *boolean = new_boolean(parser->arena, parser_token_span(parser));

	boolean->value = parser_at(parser, TOKEN_TRUE);
	parser_next(parser);
	return &boolean->node;
}

uint32_t parse_digits(struct parser *parser, uint32_t skip)
{
	uint64_t number = 0;

	for (uint32_t at = parser->token.begin + skip; at < parser->token.end; at++) {
		number = number * 10 + (uint64_t)(parser->lexer.text[at] - '0');
		if (number > INT32_MAX) {
			diag_error(parser->diags, parser_token_span(parser),
				"this number is too large");
			break;
		}
	}
	parser_next(parser);
	return (uint32_t)number;
}

static struct node *parse_positional(struct parser *parser)
{
	struct positional *positional = new_positional(parser->arena, parser_token_span(parser));

	positional->number = parse_digits(parser, 1);
	return &positional->node;
}

static struct node *parse_positional_count(struct parser *parser)
{
	struct span span = parser_token_span(parser);

	parser_next(parser);
	return &new_positional_count(parser->arena, span)->node;
}

/* --- names, calls, maps --- */

/* Expressions separated by commas, from behind the opening mark to behind the closing one. */
static bool parse_list(struct parser *parser, enum token_kind closing,
	struct node *(*parse_element)(struct parser *parser), struct node **list)
{
	for (;;) {
		struct node *element = parse_element(parser);

		if (!element)
			return false;
		*list = element;
		list = &element->next;
		if (parser_accept(parser, closing))
			return true;
		if (!parser_accept(parser, TOKEN_COMMA)) {
			PARSER_UNEXPECTED(parser, closing, TOKEN_COMMA);
			return false;
		}
	}
}

/* A type can be an argument when it begins as nothing else does: struct x. */
static struct node *parse_call_argument(struct parser *parser)
{
	bool is_type = parser_at(parser, TOKEN_STRUCT) || parser_at(parser, TOKEN_UNION) ||
		       parser_at(parser, TOKEN_ENUM);

	return is_type ? parse_type(parser) : parse_expression(parser);
}

static struct node *parse_call(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct call *call = new_call(parser->arena, parser_token_span(parser));
	struct parser_scope scope = parser_open(parser, begin, false);

	call->name = parser_take_text(parser);
	parser_next(parser);

	bool good = parser_accept(parser, TOKEN_RIGHT_PAREN) ||
		    parse_list(parser, TOKEN_RIGHT_PAREN, parse_call_argument, &call->arguments);

	parser_close(parser, scope);
	call->node.span = parser_span(parser, begin);
	return good ? &call->node : NULL;
}

static struct node *parse_name(struct parser *parser)
{
	if (parser_peek(parser) == '(')
		return parse_call(parser);

	uint32_t begin = parser->token.begin;
	struct identifier *identifier = new_identifier(parser->arena, parser_token_span(parser));

	identifier->name = parser_take_scoped_name(parser);
	identifier->node.span = parser_span(parser, begin);
	return &identifier->node;
}

struct node *parse_variable(struct parser *parser)
{
	if (!parser_at(parser, TOKEN_VARIABLE)) {
		PARSER_UNEXPECTED(parser, TOKEN_VARIABLE);
		return NULL;
	}

	struct variable_use *variable = new_variable_use(parser->arena, parser_token_span(parser));

	variable->name = parser_take_text(parser);
	return &variable->node;
}

/* [a] is a, [a, b] is the tuple (a, b). */
static struct node *parse_key(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct parser_scope scope = parser_open(parser, begin, false);
	struct node *key = NULL;

	parser_next(parser);

	bool good = parse_list(parser, TOKEN_RIGHT_BRACKET, parse_expression, &key);

	parser_close(parser, scope);
	if (!good)
		return NULL;
	if (!key->next)
		return key;

	struct tuple *tuple = new_tuple(parser->arena, parser_span(parser, begin));

	tuple->elements = key;
	return &tuple->node;
}

static struct node *parse_map(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct map_access *map = new_map_access(parser->arena, parser_token_span(parser));

	map->name = parser_take_text(parser);
	if (parser_at(parser, TOKEN_LEFT_BRACKET)) {
		map->key = parse_key(parser);
		if (!map->key)
			return NULL;
	}
	map->node.span = parser_span(parser, begin);
	return &map->node;
}

/* --- sizeof, offsetof --- */

struct node *parse_type_or_expression(struct parser *parser)
{
	return parse_is_type(parser) ? parse_type(parser) : parse_expression(parser);
}

static struct node *parse_sizeof(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct size_of *size = new_size_of(parser->arena, parser_token_span(parser));
	struct parser_scope scope = parser_open(parser, begin, false);

	parser_next(parser);
	if (parser_expect(parser, TOKEN_LEFT_PAREN))
		size->operand = parse_type_or_expression(parser);

	bool good = size->operand && parser_expect(parser, TOKEN_RIGHT_PAREN);

	parser_close(parser, scope);
	size->node.span = parser_span(parser, begin);
	return good ? &size->node : NULL;
}

/* a.b.c, as an IDENTIFIER in MEMBERs. */
static struct node *parse_path(struct parser *parser)
{
	uint32_t begin = parser->token.begin;

	if (!token_is_word(parser->token.kind)) {
		parser_wanted(parser, "the name of a field");
		return NULL;
	}

	struct identifier *first = new_identifier(parser->arena, parser_token_span(parser));
	struct node *path = &first->node;

	first->name = parser_take_text(parser);
	while (parser_accept(parser, TOKEN_DOT)) {
		if (!token_is_word(parser->token.kind)) {
			parser_wanted(parser, "the name of a field");
			return NULL;
		}

		struct member *member = new_member(parser->arena, parser_token_span(parser));

		member->object = path;
		member->name = parser_take_text(parser);
		member->node.span = parser_span(parser, begin);
		path = &member->node;
	}
	return path;
}

static struct node *parse_offsetof(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct offset_of *offset = new_offset_of(parser->arena, parser_token_span(parser));
	struct parser_scope scope = parser_open(parser, begin, false);

	parser_next(parser);
	if (parser_expect(parser, TOKEN_LEFT_PAREN))
		offset->operand = parse_type_or_expression(parser);
	if (offset->operand && parser_expect(parser, TOKEN_COMMA))
		offset->path = parse_path(parser);

	bool good = offset->path && parser_expect(parser, TOKEN_RIGHT_PAREN);

	parser_close(parser, scope);
	offset->node.span = parser_span(parser, begin);
	return good ? &offset->node : NULL;
}

/* --- in parentheses --- */

static struct node *parse_record_field(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct record_field *field = new_record_field(parser->arena, parser_token_span(parser));

	if (!token_is_name(parser->token.kind)) {
		parser_wanted(parser, "the name of a field");
		return NULL;
	}
	field->name = parser_take_text(parser);
	if (!parser_expect(parser, TOKEN_ASSIGN))
		return NULL;
	field->value = parse_expression(parser);
	field->node.span = parser_span(parser, begin);
	return field->value ? &field->node : NULL;
}

/* Behind "(" or "," of a tuple or record: whether another element follows. */
static bool more_elements(struct parser *parser, bool *good)
{
	bool comma = parser_accept(parser, TOKEN_COMMA);

	if (parser_accept(parser, TOKEN_RIGHT_PAREN))
		return false;
	if (!comma) {
		PARSER_UNEXPECTED(parser, TOKEN_RIGHT_PAREN, TOKEN_COMMA);
		*good = false;
	}
	return comma;
}

static struct node *parse_record(struct parser *parser, uint32_t begin)
{
	struct record *record = new_record(parser->arena, parser_token_span(parser));
	struct node **tail = &record->fields;
	bool good = true;

	do {
		*tail = parse_record_field(parser);
		if (!*tail)
			return NULL;
		tail = &(*tail)->next;
	} while (more_elements(parser, &good));
	record->node.span = parser_span(parser, begin);
	return good ? &record->node : NULL;
}

/* (), (a,), (a, b); first is the element read already, before a comma. */
static struct node *parse_tuple(struct parser *parser, uint32_t begin, struct node *first)
{
	struct tuple *tuple = new_tuple(parser->arena, parser_token_span(parser));
	struct node **tail = &tuple->elements;
	bool good = true;

	if (first) {
		*tail = first;
		tail = &first->next;
	}
	while (more_elements(parser, &good)) {
		*tail = parse_expression(parser);
		if (!*tail)
			return NULL;
		tail = &(*tail)->next;
	}
	tuple->node.span = parser_span(parser, begin);
	return good ? &tuple->node : NULL;
}

/* "(a = 1" begins a record, but in a condition it is a mistyped comparison. */
static bool at_record(const struct parser *parser)
{
	uint32_t next = lexer_skip(&parser->lexer, parser->token.end);

	return token_is_name(parser->token.kind) && !parser->in_condition &&
	       lexer_byte(&parser->lexer, next) == '=' &&
	       lexer_byte(&parser->lexer, next + 1) != '=';
}

static struct node *parse_parenthesised(struct parser *parser, uint32_t begin)
{
	if (at_record(parser))
		return parse_record(parser, begin);
	if (parser_at(parser, TOKEN_RIGHT_PAREN) && !parser->in_condition)
		return parse_tuple(parser, begin, NULL);

	struct node *node = parse_expression(parser);

	if (!node)
		return NULL;
	if (!parser_accept(parser, TOKEN_RIGHT_PAREN))
		return parse_tuple(parser, begin, node);
	node->span = parser_span(parser, begin);
	node->in_parentheses = true;
	return node;
}

static struct node *parse_parens(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct parser_scope scope = parser_open(parser, begin, parser->in_condition);

	parser_next(parser);

	struct node *node = parse_parenthesised(parser, begin);

	parser_close(parser, scope);
	return node;
}

struct node *parse_primary(struct parser *parser)
{
	switch (parser->token.kind) {
	case TOKEN_INTEGER:
	case TOKEN_CHARACTER: return parse_integer(parser);
	case TOKEN_STRING: return parse_string(parser);
	case TOKEN_TRUE:
	case TOKEN_FALSE: return parse_boolean(parser);
	case TOKEN_POSITIONAL: return parse_positional(parser);
	case TOKEN_POSITIONAL_COUNT: return parse_positional_count(parser);
	case TOKEN_VARIABLE: return parse_variable(parser);
	case TOKEN_MAP: return parse_map(parser);
	case TOKEN_SIZEOF: return parse_sizeof(parser);
	case TOKEN_OFFSETOF: return parse_offsetof(parser);
	case TOKEN_LEFT_PAREN: return parse_parens(parser);
	case TOKEN_LEFT_BRACE: return parse_block_expression(parser);
	case TOKEN_IF: return parse_if_expression(parser);
	case TOKEN_TYPEOF: return parse_type(parser);
	default: break;
	}
	if (token_is_name(parser->token.kind))
		return parse_name(parser);
	parser_wanted(parser, "an expression");
	return NULL;
}
