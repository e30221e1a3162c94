/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expressions: the operators, by precedence climbing, with exactly C's ranks. What the language
 * refuses by meaning (an index into an integer, ++ of a call) is parsed all the same.
 */
#include "parser.h"

struct binary_row {
	enum operator op;
	int rank; /* higher binds tighter; 0: no binary operator */
};

static const struct binary_row binary_rows[NR_TOKENS] = {
	[TOKEN_OR] = {OPERATOR_LOGICAL_OR, 1},
	[TOKEN_AND] = {OPERATOR_LOGICAL_AND, 2},
	[TOKEN_BAR] = {OPERATOR_BIT_OR, 3},
	[TOKEN_CARET] = {OPERATOR_BIT_XOR, 4},
	[TOKEN_AMPERSAND] = {OPERATOR_BIT_AND, 5},
	[TOKEN_EQUAL] = {OPERATOR_EQUAL, 6},
	[TOKEN_NOT_EQUAL] = {OPERATOR_NOT_EQUAL, 6},
	[TOKEN_LESS] = {OPERATOR_LESS, 7},
	[TOKEN_LESS_EQUAL] = {OPERATOR_LESS_EQUAL, 7},
	[TOKEN_GREATER] = {OPERATOR_GREATER, 7},
	[TOKEN_GREATER_EQUAL] = {OPERATOR_GREATER_EQUAL, 7},
	[TOKEN_SHIFT_LEFT] = {OPERATOR_SHIFT_LEFT, 8},
	[TOKEN_SHIFT_RIGHT] = {OPERATOR_SHIFT_RIGHT, 8},
	[TOKEN_PLUS] = {OPERATOR_ADD, 9},
	[TOKEN_MINUS] = {OPERATOR_SUBTRACT, 9},
	[TOKEN_STAR] = {OPERATOR_MULTIPLY, 10},
	[TOKEN_SLASH] = {OPERATOR_DIVIDE, 10},
	[TOKEN_PERCENT] = {OPERATOR_MODULO, 10},
};

static const enum operator unary_operators[NR_TOKENS] = {
	[TOKEN_BANG] = OPERATOR_LOGICAL_NOT,
	[TOKEN_TILDE] = OPERATOR_BIT_NOT,
	[TOKEN_MINUS] = OPERATOR_MINUS,
	[TOKEN_STAR] = OPERATOR_DEREFERENCE,
	[TOKEN_AMPERSAND] = OPERATOR_ADDRESS_OF,
	[TOKEN_INCREMENT] = OPERATOR_PRE_INCREMENT,
	[TOKEN_DECREMENT] = OPERATOR_PRE_DECREMENT,
};

/* --- postfix --- */

static struct node *parse_member(struct parser *parser, struct node *object)
{
	bool arrow = parser_at(parser, TOKEN_ARROW);

	parser_next(parser);
	if (!arrow && parser_at(parser, TOKEN_INTEGER)) {
		struct element *element = new_element(parser->arena, object->span);

		element->object = object;
		element->number = parse_digits(parser, 0);
		return &element->node;
	}
	if (!token_is_word(parser->token.kind)) {
		parser_wanted(parser, "the name of a field");
		return NULL;
	}

	struct member *member = new_member(parser->arena, object->span);

	member->object = object;
	member->arrow = arrow;
	member->name = parser_take_text(parser);
	return &member->node;
}

static struct node *parse_index(struct parser *parser, struct node *object)
{
	struct index *index = new_index(parser->arena, object->span);
	struct parser_scope scope = parser_open(parser, parser->token.begin, false);

	parser_next(parser);
	index->object = object;
	index->index = parse_expression(parser);

	bool good = index->index && parser_expect(parser, TOKEN_RIGHT_BRACKET);

	parser_close(parser, scope);
	return good ? &index->node : NULL;
}

static struct node *parse_step(struct parser *parser, struct node *operand)
{
	struct unary *unary = new_unary(parser->arena, operand->span);

	unary->op = parser_at(parser, TOKEN_INCREMENT) ? OPERATOR_POST_INCREMENT
						       : OPERATOR_POST_DECREMENT;
	unary->operand = operand;
	parser_next(parser);
	return &unary->node;
}

static struct node *parse_postfix(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct node *node = parse_primary(parser);

	while (node) {
		switch (parser->token.kind) {
		case TOKEN_DOT:
		case TOKEN_ARROW: node = parse_member(parser, node); break;
		case TOKEN_LEFT_BRACKET: node = parse_index(parser, node); break;
		case TOKEN_INCREMENT:
		case TOKEN_DECREMENT: node = parse_step(parser, node); break;
		default: return node;
		}
		if (node)
			node->span = parser_span(parser, begin);
	}
	return NULL;
}

/* --- prefix --- */

static struct node *parse_unary(struct parser *parser);

static struct node *parse_cast(struct parser *parser)
{
	struct cast *cast = new_cast(parser->arena, parser_token_span(parser));
	struct parser_scope scope = parser_open(parser, parser->token.begin, false);

	parser_next(parser);
	cast->type = parse_type(parser);

	bool good = cast->type && parser_expect(parser, TOKEN_RIGHT_PAREN);

	parser_close(parser, scope);
	if (good)
		cast->operand = parse_unary(parser);
	return cast->operand ? &cast->node : NULL;
}

static struct node *parse_prefix(struct parser *parser)
{
	struct unary *unary = new_unary(parser->arena, parser_token_span(parser));

	unary->op = unary_operators[parser->token.kind];
	parser_next(parser);
	unary->operand = parse_unary(parser);
	return unary->operand ? &unary->node : NULL;
}

/* A negative literal is at least INT64_MIN. One in parentheses is an operand: unsigned, as in C. */
static void check_literal(struct parser *parser, const struct unary *unary)
{
	struct span span = unary->node.span;
	bool is_literal = unary->operand->kind == NODE_INTEGER &&
			  parser->lexer.text[unary->operand->span.begin] != '(';

	if (unary->op == OPERATOR_MINUS && is_literal &&
		node_integer(unary->operand)->value > (uint64_t)INT64_MAX + 1)
		diag_error(parser->diags, span,
			"%.*s is not an integer: it does not fit in 64 bits",
			(int)(span.end - span.begin), parser->lexer.text + span.begin);
}

static struct node *parse_comptime(struct parser *parser)
{
	struct comptime_value_of *comptime =
		new_comptime_value_of(parser->arena, parser_token_span(parser));

	parser_next(parser);
	comptime->operand = parse_unary(parser);
	return comptime->operand ? &comptime->node : NULL;
}

static struct node *parse_unary(struct parser *parser)
{
	bool is_comptime = parser_at(parser, TOKEN_COMPTIME);
	bool cast = parser_at(parser, TOKEN_LEFT_PAREN) && parse_is_cast(parser);
	uint32_t begin = parser->token.begin;
	struct node *node = NULL;

	if (!cast && !is_comptime && !unary_operators[parser->token.kind])
		return parse_postfix(parser);
	if (parser_enter(parser))
		node = is_comptime ? parse_comptime(parser)
		       : cast      ? parse_cast(parser)
				   : parse_prefix(parser);
	parser_leave(parser);
	if (!node)
		return NULL;
	node->span = parser_span(parser, begin);
	if (node->kind == NODE_UNARY)
		check_literal(parser, node_unary(node));
	return node;
}

/* --- infix --- */

static struct node *parse_binary(struct parser *parser, int least)
{
	struct node *left = parse_unary(parser);

	while (left) {
		struct binary_row row = binary_rows[parser->token.kind];

		if (row.rank < least)
			return left;
		parser_next(parser);

		struct node *right = parse_binary(parser, row.rank + 1);

		if (!right)
			return NULL;

		struct binary *binary =
			new_binary(parser->arena, span_join(left->span, right->span));

		binary->op = row.op;
		binary->left = left;
		binary->right = right;
		left = &binary->node;
	}
	return NULL;
}

static struct node *new_use(struct parser *parser, struct span span, const char *name)
{
	struct variable_use *use = new_variable_use(parser->arena, span);

	use->name = name;
	return &use->node;
}

/* a ?: b is { let $a = a; $a ? $a : b }, where $a has a name that no script can spell. */
static struct node *parse_value_or(struct parser *parser, struct node *value)
{
	struct block_expression *block = new_block_expression(parser->arena, value->span);
	struct let *let = new_let(parser->arena, value->span);
	struct ternary *ternary = new_ternary(parser->arena, value->span);
	const char *name = arena_printf(parser->arena, "$?%u", parser->hidden_variables++);

	parser_next(parser);
	ternary->otherwise = parse_expression(parser);
	if (!ternary->otherwise)
		return NULL;
	let->variable = new_use(parser, value->span, name);
	let->value = value;
	ternary->condition = new_use(parser, value->span, name);
	ternary->then = new_use(parser, value->span, name);
	ternary->node.span = span_join(value->span, ternary->otherwise->span);
	block->statements = &let->node;
	block->result = &ternary->node;
	block->node.span = ternary->node.span;
	return &block->node;
}

static struct node *parse_ternary(struct parser *parser, struct node *condition)
{
	struct ternary *ternary = new_ternary(parser->arena, condition->span);

	parser_next(parser);
	if (parser_at(parser, TOKEN_COLON))
		return parse_value_or(parser, condition);
	ternary->condition = condition;
	ternary->then = parse_expression(parser);
	if (!ternary->then || !parser_expect(parser, TOKEN_COLON))
		return NULL;
	ternary->otherwise = parse_expression(parser);
	if (!ternary->otherwise)
		return NULL;
	ternary->node.span = span_join(condition->span, ternary->otherwise->span);
	return &ternary->node;
}

struct node *parse_expression(struct parser *parser)
{
	struct node *node = NULL;

	if (parser_enter(parser)) {
		node = parse_binary(parser, 1);
		if (node && parser_at(parser, TOKEN_QUESTION))
			node = parse_ternary(parser, node);
	}
	parser_leave(parser);
	return node;
}
