/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types as scripts spell them, and the question whether "(" begins a cast. It does when a type and
 * ")" follow and
 *	- the type begins with struct, union, enum, const, volatile or a name listed below,
 *	- or it is a pointer: an expression cannot end in "*",
 *	- or it is any other name ("(name)x", perhaps with dimensions), and what follows can only
 *	  be an operand: a name, a literal, a variable, a map, "(", "!" or "~". "(name) - 1",
 *	  "(name) * x" and "(name) & x" are arithmetic, until bind/scope.c finds that the name is
 *	  that of a type. This does not hold where the condition of if or while begins: there it is
 *	  rather the "{" that was forgotten.
 * In sizeof and offsetof a name alone is an identifier; a later pass resolves it.
 */
#include <string.h>

#include "literal.h"
#include "parser.h"

enum {
	DIMENSIONS_MAX = 8,
};

/* Words that C puts together: "unsigned long long". */
static const char *const integer_words[] = {
	"char",
	"int",
	"long",
	"short",
	"signed",
	"unsigned",
};

static const char *const type_names[] = {
	"bool",
	"int16",
	"int16_t",
	"int32",
	"int32_t",
	"int64",
	"int64_t",
	"int8",
	"int8_t",
	"s16",
	"s32",
	"s64",
	"s8",
	"size_t",
	"ssize_t",
	"string",
	"u16",
	"u32",
	"u64",
	"u8",
	"uint16",
	"uint16_t",
	"uint32",
	"uint32_t",
	"uint64",
	"uint64_t",
	"uint8",
	"uint8_t",
	"uintptr_t",
	"void",
};

static bool at_one_of(const struct parser *parser, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (parser_at_text(parser, words[i]))
			return true;
	}
	return false;
}

static bool at_integer_word(const struct parser *parser)
{
	return at_one_of(parser, integer_words, ARRAY_SIZE(integer_words));
}

static bool at_qualifier(const struct parser *parser)
{
	static const char *const qualifiers[] = {"const", "volatile"};

	return at_one_of(parser, qualifiers, ARRAY_SIZE(qualifiers));
}

static bool at_tag_keyword(const struct parser *parser)
{
	return parser_at(parser, TOKEN_STRUCT) || parser_at(parser, TOKEN_UNION) ||
	       parser_at(parser, TOKEN_ENUM);
}

/* "class NAME" of C++, which is a struct; the word by itself is a name like others. */
static bool at_class(struct parser *parser)
{
	struct parser_mark mark = parser_try(parser);
	bool is_class = parser_at_text(parser, "class");

	if (is_class) {
		parser_next(parser);
		is_class = parser_at(parser, TOKEN_STRING) || token_is_name(parser->token.kind);
	}
	parser_back(parser, mark);
	return is_class;
}

/* Only a type begins like this. */
static bool at_known_type(struct parser *parser)
{
	return at_tag_keyword(parser) || at_class(parser) || at_qualifier(parser) ||
	       at_integer_word(parser) || at_one_of(parser, type_names, ARRAY_SIZE(type_names));
}

static void skip_qualifiers(struct parser *parser)
{
	while (at_qualifier(parser))
		parser_next(parser);
}

static const char *take_integer_words(struct parser *parser)
{
	_cleanup_str_ struct str name = STR_INIT;

	while (at_integer_word(parser)) {
		const struct token *token = &parser->token;

		if (name.length > 0)
			str_append_char(&name, ' ');
		str_append_bytes(
			&name, parser->lexer.text + token->begin, token->end - token->begin);
		parser_next(parser);
	}
	return arena_strdup(parser->arena, name.data);
}

/* (type, type) */
static bool parse_tuple_elements(struct parser *parser, struct node **list)
{
	struct parser_scope scope = parser_open(parser, parser->token.begin, false);
	bool good = parser_enter(parser);

	parser_next(parser);
	while (good && !parser_at(parser, TOKEN_RIGHT_PAREN)) {
		struct node *element = parse_type(parser);

		if (!element) {
			good = false;
			break;
		}
		*list = element;
		list = &element->next;
		if (!parser_accept(parser, TOKEN_COMMA) && !parser_at(parser, TOKEN_RIGHT_PAREN)) {
			PARSER_UNEXPECTED(parser, TOKEN_RIGHT_PAREN, TOKEN_COMMA);
			good = false;
		}
	}
	parser_leave(parser);
	parser_close(parser, scope);
	if (good)
		parser_next(parser);
	return good;
}

/* The name of a template's type, "ns::list<int>". */
static const char *take_quoted(struct parser *parser)
{
	const char *text = parser_take_text(parser);
	size_t length = strlen(text);

	return length < 2 ? "" : arena_strndup(parser->arena, text + 1, length - 2);
}

/* typeof(type or expression) */
static bool parse_typeof(struct parser *parser, struct type *type)
{
	struct parser_scope scope = parser_open(parser, parser->token.begin, false);
	bool good;

	parser_next(parser);
	if (parser_expect(parser, TOKEN_LEFT_PAREN) && parser_enter(parser))
		type->of = parse_type_or_expression(parser);
	parser_leave(parser);
	good = type->of && parser_expect(parser, TOKEN_RIGHT_PAREN);
	parser_close(parser, scope);
	return good;
}

static bool parse_name(struct parser *parser, struct type *type)
{
	if (parser_at(parser, TOKEN_TYPEOF))
		return parse_typeof(parser, type);
	if (at_tag_keyword(parser)) {
		type->keyword = token_text(parser->token.kind);
		parser_next(parser);
	} else if (at_class(parser)) {
		type->keyword = token_text(TOKEN_STRUCT);
		parser_next(parser);
	} else if (parser_at(parser, TOKEN_LEFT_PAREN)) {
		return parse_tuple_elements(parser, &type->elements);
	} else if (at_integer_word(parser)) {
		type->name = take_integer_words(parser);
		return true;
	}
	if (type->keyword && parser_at(parser, TOKEN_STRING)) {
		type->name = take_quoted(parser);
		return true;
	}
	if (!token_is_name(parser->token.kind)) {
		parser_wanted(parser, type->keyword ? "a name" : "a type");
		return false;
	}
	type->name = parser_take_scoped_name(parser);
	return true;
}

static bool parse_dimension(struct parser *parser, uint32_t *size)
{
	parser_next(parser);
	if (parser_at(parser, TOKEN_INTEGER)) {
		struct token token = parser->token;
		struct span span = parser_token_span(parser);
		const char *unit = NULL;
		uint64_t value = 0;

		parser_next(parser);
		if (!parser->lexer.quiet &&
			literal_integer(parser->diags, span, parser->lexer.text + token.begin,
				&value, &unit) &&
			(unit || value == 0 || value > UINT32_MAX))
			diag_error(parser->diags, span, "invalid array size");
		*size = (uint32_t)value;
	}
	return parser_expect(parser, TOKEN_RIGHT_BRACKET);
}

static bool parse_dimensions(struct parser *parser, struct type *type)
{
	uint32_t sizes[DIMENSIONS_MAX] = {};

	while (parser_at(parser, TOKEN_LEFT_BRACKET)) {
		if (type->dimensions == DIMENSIONS_MAX) {
			lexer_error(&parser->lexer, parser->token.begin, parser->token.end,
				"an array has at most %d dimensions", DIMENSIONS_MAX);
			return false;
		}
		if (!parse_dimension(parser, &sizes[type->dimensions]))
			return false;
		type->dimensions++;
	}
	if (type->dimensions > 0)
		type->sizes = arena_memdup(parser->arena, sizes, sizeof(sizes));
	return true;
}

/* Stars, then dimensions, behind the name. */
static bool parse_suffix(struct parser *parser, struct type *type)
{
	skip_qualifiers(parser);
	while (parser_accept(parser, TOKEN_STAR)) {
		type->pointers++;
		skip_qualifiers(parser);
	}
	return parse_dimensions(parser, type);
}

struct node *parse_type(struct parser *parser)
{
	uint32_t begin = parser->token.begin, levels = 0;
	struct type *type = new_type(parser->arena, parser_token_span(parser));

	skip_qualifiers(parser);
	if (!parse_name(parser, type) || !parse_suffix(parser, type))
		return NULL;
	while (parser_at(parser, TOKEN_STAR)) {
		struct type *outer = new_type(parser->arena, parser_token_span(parser));

		if (++levels > DIMENSIONS_MAX) {
			lexer_error(&parser->lexer, parser->token.begin, parser->token.end,
				"this type has too many levels");
			return NULL;
		}
		type->node.span = parser_span(parser, begin);
		outer->base = &type->node;
		type = outer;
		if (!parse_suffix(parser, type))
			return NULL;
	}
	type->node.span = parser_span(parser, begin);
	return &type->node;
}

static bool at_operand(const struct parser *parser)
{
	switch (parser->token.kind) {
	case TOKEN_INTEGER:
	case TOKEN_CHARACTER:
	case TOKEN_STRING:
	case TOKEN_VARIABLE:
	case TOKEN_MAP:
	case TOKEN_POSITIONAL:
	case TOKEN_POSITIONAL_COUNT:
	case TOKEN_LEFT_PAREN:
	case TOKEN_BANG:
	case TOKEN_TILDE:
	case TOKEN_SIZEOF:
	case TOKEN_OFFSETOF:
	case TOKEN_TRUE:
	case TOKEN_FALSE: return true;
	default: return token_is_name(parser->token.kind);
	}
}

bool parse_is_cast(struct parser *parser)
{
	bool in_head = parser->condition == parser->token.begin;
	struct parser_mark mark = parser_try(parser);
	bool cast = false;

	parser_next(parser);
	if (at_tag_keyword(parser) || parser_at(parser, TOKEN_TYPEOF)) {
		cast = true;
	} else if (token_is_name(parser->token.kind)) {
		bool known = at_known_type(parser);
		struct node *type = parse_type(parser);
		bool closed = type && parser_accept(parser, TOKEN_RIGHT_PAREN);

		cast = closed &&
		       (known || node_type(type)->pointers > 0 || (!in_head && at_operand(parser)));
	}
	parser_back(parser, mark);
	return cast;
}

bool parse_is_type(struct parser *parser)
{
	struct parser_mark mark = parser_try(parser);
	bool is_type = false;

	if (at_tag_keyword(parser) || parser_at(parser, TOKEN_TYPEOF)) {
		is_type = true;
	} else if (token_is_name(parser->token.kind)) {
		bool known = at_known_type(parser);
		struct node *type = parse_type(parser);
		bool ended = type && (parser_at(parser, TOKEN_RIGHT_PAREN) ||
					     parser_at(parser, TOKEN_COMMA));

		is_type = ended && (known || node_type(type)->pointers > 0);
	}
	parser_back(parser, mark);
	return is_type;
}
