/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements and blocks. A ";" separates statements; it is optional after and before a "}". A block
 * is parsed on after a statement that failed, so one mistake costs one statement; a word in the
 * first column that can only begin a probe ends all open blocks with one message.
 */
#include "parser.h"

#include <string.h>

static struct node *parse_statement(struct parser *parser);

/* --- blocks --- */

/* Statements in order; when the last one was ended by "}" alone, *last is its slot. */
struct statements {
	struct node *head;
	struct node **tail;
	struct node **last;
};

static bool is_expression(const struct node *node)
{
	return node->kind >= NODE_INTEGER && node->kind <= NODE_BLOCK_EXPRESSION;
}

/* True when what follows a statement may follow it. */
static bool end_statement(struct parser *parser, struct statements *statements)
{
	statements->last = NULL;
	if (parser_accept(parser, TOKEN_SEMICOLON))
		return true;
	if (parser_at(parser, TOKEN_RIGHT_BRACE)) {
		statements->last = statements->tail;
		return true;
	}
	if (parser->previous.kind == TOKEN_RIGHT_BRACE || parser->at_probe)
		return true;
	PARSER_UNEXPECTED(parser, TOKEN_SEMICOLON, TOKEN_RIGHT_BRACE);
	return false;
}

static bool add_statement(struct parser *parser, struct statements *statements)
{
	struct node *node = parse_statement(parser);

	if (!node)
		return false;
	*statements->tail = node;

	bool good = end_statement(parser, statements);

	statements->tail = &node->next;
	return good;
}

/* A probe that begins inside of a block means that the block's end was forgotten. */
static void end_at_probe(struct parser *parser)
{
	diag_error(parser->diags, parser_token_span(parser),
		"syntax error, unexpected beginning of a probe, expected }");
	diag_hint(parser->diags, "is a } missing before it?");
	parser->at_probe = true;
}

static void parse_statements(struct parser *parser, struct statements *statements)
{
	statements->tail = &statements->head;
	while (!parser->at_probe && !parser_at(parser, TOKEN_RIGHT_BRACE) &&
		!parser_at(parser, TOKEN_END)) {
		if (parser_accept(parser, TOKEN_SEMICOLON))
			statements->last = NULL;
		else if (parser_sees_probe(parser))
			end_at_probe(parser);
		else if (!add_statement(parser, statements))
			parser_sync(parser);
	}
}

static bool parse_inside(struct parser *parser, struct statements *statements)
{
	struct parser_scope scope = parser_open(parser, parser->token.begin, false);
	bool in_filter = parser->in_filter;

	parser->in_filter = false;
	parser_next(parser);
	parse_statements(parser, statements);
	parser->in_filter = in_filter;

	bool good = parser->at_probe || parser_expect(parser, TOKEN_RIGHT_BRACE);

	parser_close(parser, scope);
	return good;
}

/* { statements } */
static bool parse_braces(struct parser *parser, struct statements *statements)
{
	bool good = false;

	if (!parser_at(parser, TOKEN_LEFT_BRACE))
		return parser_expect(parser, TOKEN_LEFT_BRACE);
	if (parser_enter(parser))
		good = parse_inside(parser, statements);
	parser_leave(parser);
	return good;
}

/* --- statements with a value --- */

/* Whether the statement, which no ";" follows, has a value. */
static bool yields(struct node *node)
{
	for (; node && node->kind == NODE_IF; node = node_if_statement(node)->otherwise) {
		if (!node_block(node_if_statement(node)->then)->yields)
			return false;
	}
	return node &&
	       (is_expression(node) || (node->kind == NODE_BLOCK && node_block(node)->yields));
}

static void make_expression(struct parser *parser, struct node **slot);

static void make_block_expression(struct parser *parser, struct node **slot)
{
	struct node *node = *slot;
	struct block_expression *block = new_block_expression(parser->arena, node->span);
	struct node **last = &block->statements;

	block->statements = node_block(node)->statements;
	while ((*last)->next)
		last = &(*last)->next;
	block->result = *last;
	*last = NULL;
	make_expression(parser, &block->result);
	*slot = &block->node;
}

static void make_ternary(struct parser *parser, struct node **slot)
{
	struct if_statement *branch = node_if_statement(*slot);
	struct ternary *ternary = new_ternary(parser->arena, branch->node.span);

	ternary->condition = branch->condition;
	ternary->then = branch->then;
	ternary->otherwise = branch->otherwise;
	make_expression(parser, &ternary->then);
	*slot = &ternary->node;
}

/* Makes an expression of what yields() is true for. */
static void make_expression(struct parser *parser, struct node **slot)
{
	for (; (*slot)->kind == NODE_IF; slot = &node_ternary(*slot)->otherwise)
		make_ternary(parser, slot);
	if ((*slot)->kind == NODE_BLOCK)
		make_block_expression(parser, slot);
}

/* --- blocks as statements and as values --- */

struct node *parse_block(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct block *block = new_block(parser->arena, parser_token_span(parser));
	struct statements statements = {};

	if (!parse_braces(parser, &statements))
		return NULL;
	block->statements = statements.head;
	block->yields = statements.last && yields(*statements.last);
	block->node.span = parser_span(parser, begin);
	return &block->node;
}

struct node *parse_block_expression(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct block_expression *block =
		new_block_expression(parser->arena, parser_token_span(parser));
	struct statements statements = {};

	if (!parse_braces(parser, &statements))
		return NULL;
	if (statements.last && yields(*statements.last)) {
		block->result = *statements.last;
		*statements.last = NULL;
		make_expression(parser, &block->result);
	}
	block->statements = statements.head;
	block->node.span = parser_span(parser, begin);
	return &block->node;
}

/* --- if, while, for, unroll --- */

static struct node *parse_condition(struct parser *parser)
{
	struct parser_scope scope = parser_open(parser, parser->open, true);
	struct node *condition = NULL;

	parser->condition = parser->token.begin;
	if (parser_at(parser, TOKEN_LEFT_BRACE))
		parser_wanted(parser, "an expression");
	else
		condition = parse_expression(parser);
	if (condition && !parser_at(parser, TOKEN_LEFT_BRACE)) {
		PARSER_UNEXPECTED(parser, TOKEN_LEFT_BRACE);
		condition = NULL;
	}
	parser_close(parser, scope);
	return condition;
}

/* if and its block, up to else. */
static struct if_statement *parse_branch(struct parser *parser)
{
	struct if_statement *branch = new_if_statement(parser->arena, parser_token_span(parser));

	parser_next(parser);
	branch->condition = parse_condition(parser);
	if (branch->condition)
		branch->then = parse_block(parser);
	return branch->then ? branch : NULL;
}

/* A chain of else if is as deep as it is long, but is read without recursion. */
static struct node *parse_if(struct parser *parser)
{
	struct if_statement *first = parse_branch(parser), *last = first;

	while (last && parser_accept(parser, TOKEN_ELSE)) {
		if (!parser_at(parser, TOKEN_IF)) {
			last->otherwise = parse_block(parser);
			if (!last->otherwise)
				return NULL;
			break;
		}

		struct if_statement *branch = parse_branch(parser);

		if (branch)
			last->otherwise = &branch->node;
		last = branch;
	}
	if (!last)
		return NULL;

	struct node *node = &first->node;

	for (; node && node->kind == NODE_IF; node = node_if_statement(node)->otherwise)
		node->span = parser_span(parser, node->span.begin);
	return &first->node;
}

struct node *parse_if_expression(struct parser *parser)
{
	struct node *node = NULL;

	if (parser_enter(parser))
		node = parse_if(parser);
	parser_leave(parser);
	if (!node)
		return NULL;
	if (yields(node)) {
		make_expression(parser, &node);
		return node;
	}
	diag_error(parser->diags, node->span, "this if has no value");
	diag_hint(parser->diags,
		"as a value it needs else, and each block ends in an expression without ;");
	return NULL;
}

static struct node *parse_while(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct while_loop *loop = new_while_loop(parser->arena, parser_token_span(parser));

	parser_next(parser);
	loop->condition = parse_condition(parser);
	if (loop->condition)
		loop->body = parse_block(parser);
	loop->node.span = parser_span(parser, begin);
	return loop->body ? &loop->node : NULL;
}

static struct node *parse_unroll(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct unroll *unroll = new_unroll(parser->arena, parser_token_span(parser));

	parser_next(parser);
	unroll->count = parse_condition(parser);
	if (unroll->count)
		unroll->body = parse_block(parser);
	unroll->node.span = parser_span(parser, begin);
	return unroll->body ? &unroll->node : NULL;
}

/* @map, or low..high */
static struct node *parse_iterable(struct parser *parser)
{
	struct node *low = parse_expression(parser);

	if (!low || !parser_accept(parser, TOKEN_DOT_DOT))
		return low;

	struct node *high = parse_expression(parser);

	if (!high)
		return NULL;

	struct range *range = new_range(parser->arena, span_join(low->span, high->span));

	range->low = low;
	range->high = high;
	return &range->node;
}

/* At "(": reads over the head of C's for (a; b; c) and returns true; stays at anything else. */
static bool skip_head_of_c(struct parser *parser)
{
	struct parser_mark mark = parser_try(parser);
	bool is_of_c = false;
	int depth = 0;

	do {
		depth += parser_at(parser, TOKEN_LEFT_PAREN) - parser_at(parser, TOKEN_RIGHT_PAREN);
		is_of_c |= depth == 1 && parser_at(parser, TOKEN_SEMICOLON);
		parser_next(parser);
	} while (
		depth > 0 && !parser_at(parser, TOKEN_END) && !parser_at(parser, TOKEN_LEFT_BRACE));
	if (is_of_c && depth == 0)
		parser_keep(parser);
	else
		parser_back(parser, mark);
	return is_of_c && depth == 0;
}

/* [(] $variable : iterable [)] */
static bool parse_for_head(struct parser *parser, struct for_loop *loop)
{
	bool parens = parser_accept(parser, TOKEN_LEFT_PAREN);

	loop->variable = parse_variable(parser);
	if (!loop->variable || !parser_expect(parser, TOKEN_COLON))
		return false;
	loop->iterable = parse_iterable(parser);
	return loop->iterable && (!parens || parser_expect(parser, TOKEN_RIGHT_PAREN));
}

static struct node *parse_for(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct for_loop *loop = new_for_loop(parser->arena, parser_token_span(parser));

	parser_next(parser);
	if (parser_at(parser, TOKEN_LEFT_PAREN) && skip_head_of_c(parser)) {
		diag_error(parser->diags, parser_span(parser, begin),
			"for takes a range or a map, not the three parts of C's for");
		diag_hint(parser->diags,
			"for $i : 0..10 { … } counts; while (…) { … } takes any condition");
		return parse_block(parser);
	}
	if (parse_for_head(parser, loop))
		loop->body = parse_block(parser);
	loop->node.span = parser_span(parser, begin);
	return loop->body ? &loop->node : NULL;
}

/* --- the others --- */

static struct node *parse_let(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct let *let = new_let(parser->arena, parser_token_span(parser));

	parser_next(parser);
	if (parser_at(parser, TOKEN_MAP)) {
		PARSER_UNEXPECTED(parser, TOKEN_VARIABLE);
		diag_hint(parser->diags, "maps are declared outside of probes");
		return NULL;
	}
	let->variable = parse_variable(parser);
	if (!let->variable)
		return NULL;
	if (parser_accept(parser, TOKEN_COLON)) {
		let->type = parse_type(parser);
		if (!let->type)
			return NULL;
	}
	if (parser_accept(parser, TOKEN_ASSIGN)) {
		let->value = parse_expression(parser);
		if (!let->value)
			return NULL;
	}
	let->node.span = parser_span(parser, begin);
	return &let->node;
}

static struct node *parse_jump(struct parser *parser)
{
	uint32_t begin = parser->token.begin;
	struct jump *jump = new_jump(parser->arena, parser_token_span(parser));

	switch (parser->token.kind) {
	case TOKEN_BREAK: jump->jump = JUMP_BREAK; break;
	case TOKEN_CONTINUE: jump->jump = JUMP_CONTINUE; break;
	default: jump->jump = JUMP_RETURN; break;
	}
	parser_next(parser);
	if (jump->jump == JUMP_RETURN && !parser_at(parser, TOKEN_SEMICOLON) &&
		!parser_at(parser, TOKEN_RIGHT_BRACE)) {
		jump->value = parse_expression(parser);
		if (!jump->value)
			return NULL;
	}
	jump->node.span = parser_span(parser, begin);
	return &jump->node;
}

/* The marks of assignment, with the operator of compound ones. */
static const struct {
	bool assigns;
	enum operator op;
} assignments[NR_TOKENS] = {
	[TOKEN_ASSIGN] = {true, OPERATOR_NONE},
	[TOKEN_ASSIGN_ADD] = {true, OPERATOR_ADD},
	[TOKEN_ASSIGN_SUBTRACT] = {true, OPERATOR_SUBTRACT},
	[TOKEN_ASSIGN_MULTIPLY] = {true, OPERATOR_MULTIPLY},
	[TOKEN_ASSIGN_DIVIDE] = {true, OPERATOR_DIVIDE},
	[TOKEN_ASSIGN_MODULO] = {true, OPERATOR_MODULO},
	[TOKEN_ASSIGN_BIT_AND] = {true, OPERATOR_BIT_AND},
	[TOKEN_ASSIGN_BIT_OR] = {true, OPERATOR_BIT_OR},
	[TOKEN_ASSIGN_BIT_XOR] = {true, OPERATOR_BIT_XOR},
	[TOKEN_ASSIGN_SHIFT_LEFT] = {true, OPERATOR_SHIFT_LEFT},
	[TOKEN_ASSIGN_SHIFT_RIGHT] = {true, OPERATOR_SHIFT_RIGHT},
};

/* _ = value: a block whose value is not used. */
static struct node *parse_dropped(struct parser *parser, const struct node *target)
{
	struct block_expression *block = new_block_expression(parser->arena, target->span);

	parser_next(parser);
	block->result = parse_expression(parser);
	if (!block->result)
		return NULL;
	block->node.span = span_join(target->span, block->result->span);
	return &block->node;
}

static bool is_underscore(struct node *node)
{
	return node->kind == NODE_IDENTIFIER && strcmp(node_identifier(node)->name, "_") == 0;
}

static struct node *parse_assignment(struct parser *parser)
{
	struct node *target = parse_expression(parser);
	enum token_kind kind = parser->token.kind;

	if (!target || !assignments[kind].assigns)
		return target;
	if (kind == TOKEN_ASSIGN && is_underscore(target))
		return parse_dropped(parser, target);

	struct assign *assign = new_assign(parser->arena, target->span);

	assign->op = assignments[kind].op;
	assign->target = target;
	parser_next(parser);
	assign->value = parse_expression(parser);
	if (!assign->value)
		return NULL;
	assign->node.span = span_join(target->span, assign->value->span);
	return &assign->node;
}

static struct node *parse_statement(struct parser *parser)
{
	switch (parser->token.kind) {
	case TOKEN_LEFT_BRACE: return parse_block(parser);
	case TOKEN_IF: return parse_if(parser);
	case TOKEN_WHILE: return parse_while(parser);
	case TOKEN_FOR: return parse_for(parser);
	case TOKEN_UNROLL: return parse_unroll(parser);
	case TOKEN_LET: return parse_let(parser);
	case TOKEN_BREAK:
	case TOKEN_CONTINUE:
	case TOKEN_RETURN: return parse_jump(parser);
	default: return parse_assignment(parser);
	}
}
