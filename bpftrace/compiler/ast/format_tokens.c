/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks are first made at positions of the text, by a walk over the tree; then the text is read
 * again token by token.
 */
#include "format_tokens.h"

#include <string.h>

#include "libcommon/base/alloc.h"

struct reading {
	struct lexer lexer;
	uint16_t *marks; /* of each byte */
	uint32_t *ends;  /* of what is one token and begins at a byte; 0: the lexer decides */
};

static void mark(struct reading *reading, uint32_t position, unsigned marks)
{
	if (position < reading->lexer.length)
		reading->marks[position] |= (uint16_t)marks;
}

static uint32_t last_byte(const struct node *node)
{
	return node->span.end > node->span.begin ? node->span.end - 1 : node->span.begin;
}

static void mark_opaque(struct reading *reading, const struct node *node, unsigned marks)
{
	mark(reading, node->span.begin, marks);
	reading->ends[node->span.begin] = node->span.end;
}

/* --- blocks --- */

static void mark_statements(struct reading *reading, struct node *block, bool is_value);

static void mark_branches(struct reading *reading, struct if_statement *branch, bool is_value)
{
	for (;;) {
		struct node *otherwise = branch->otherwise;

		mark_statements(reading, branch->then, is_value);
		if (!otherwise || otherwise->kind != NODE_IF) {
			if (otherwise)
				mark_statements(reading, otherwise, is_value);
			return;
		}
		branch = node_if_statement(otherwise);
	}
}

/* The last statement of a block that is a value is left as it is. */
static void mark_statements(struct reading *reading, struct node *block, bool is_value)
{
	struct node *node;

	if (block->kind != NODE_BLOCK)
		return;
	if (!is_value)
		mark(reading, last_byte(block), FORMAT_COMPLETE);
	node_for_each (node_block(block)->statements, node) {
		bool is_last = is_value && !node->next;

		if (node->kind == NODE_IF)
			mark_branches(reading, node_if_statement(node), is_last);
		else if (node->kind == NODE_BLOCK)
			mark_statements(reading, node, is_last);
	}
}

static void mark_body(struct reading *reading, struct node *body)
{
	mark(reading, body->span.begin, FORMAT_BODY);
	mark_statements(reading, body, false);
}

/* --- conditions --- */

/* Whether the text from a "(" on has its ")" right in front of end. */
static bool is_enclosed(const struct lexer *lexer, uint32_t begin, uint32_t end)
{
	struct lexer copy = *lexer;
	uint32_t closed = begin;
	unsigned depth = 0;

	copy.quiet = true;
	memset(&copy.comments, 0, sizeof(copy.comments));
	copy.position = begin;
	do {
		struct token token = lexer_next(&copy);

		depth += token.kind == TOKEN_LEFT_PAREN;
		depth -= token.kind == TOKEN_RIGHT_PAREN;
		closed = token.end;
		if (token.kind == TOKEN_END)
			break;
	} while (depth > 0 && closed < end);
	vec_deinit(&copy.comments);
	return depth == 0 && lexer_skip(lexer, closed) >= end;
}

/* Adds parentheses round what stands between a word of length bytes at begin and a block. */
static void enclose(struct reading *reading, uint32_t begin, size_t length, struct node *block)
{
	const struct lexer *lexer = &reading->lexer;
	uint32_t at = lexer_skip(lexer, begin + (uint32_t)length);
	uint32_t end = block->span.begin;

	if (lexer_byte(lexer, at) == '(' && is_enclosed(lexer, at, end))
		return;
	mark(reading, at, FORMAT_OPEN);
	mark(reading, end, FORMAT_CLOSE);
}

static void mark_if(struct reading *reading, struct if_statement *branch)
{
	uint32_t at = lexer_skip(&reading->lexer, branch->node.span.begin + 2);

	if (branch->condition->kind == NODE_BINARY && branch->condition->span.begin == at)
		enclose(reading, branch->node.span.begin, strlen("if"), branch->then);
}

/* --- the walk --- */

static void mark_cast(struct reading *reading, const struct node *type)
{
	if (type)
		mark(reading, lexer_skip(&reading->lexer, type->span.end), FORMAT_CAST_END);
}

static void mark_stars(struct reading *reading, const struct node *type)
{
	for (uint32_t at = type->span.begin; at < type->span.end; at++) {
		if (lexer_byte(&reading->lexer, at) == '*')
			mark(reading, at, FORMAT_STAR);
	}
}

static void mark_probe(struct reading *reading, struct probe *probe)
{
	const struct lexer *lexer = &reading->lexer;
	struct node *point = probe->attach_points;
	uint32_t behind;

	mark(reading, probe->node.span.begin, FORMAT_ITEM);
	while (point->next)
		point = point->next;
	behind = lexer_skip(lexer, point->span.end);
	if (probe->comma)
		behind = lexer_skip(lexer, behind + 1);
	if (probe->filter)
		mark(reading, behind, FORMAT_FILTER);
	mark_body(reading, probe->body);
}

static bool visit(struct node *node, void *context)
{
	struct reading *reading = context;

	switch (node->kind) {
	case NODE_PROBE: mark_probe(reading, node_probe(node)); break;
	case NODE_ATTACH_POINT: mark_opaque(reading, node, FORMAT_POINT); break;
	case NODE_C_TEXT: mark_opaque(reading, node, FORMAT_C | FORMAT_ITEM); break;
	case NODE_IMPORT:
	case NODE_MAP_DECLARATION: mark(reading, node->span.begin, FORMAT_ITEM); break;
	case NODE_CONFIG:
		mark(reading, node->span.begin, FORMAT_ITEM);
		mark(reading, last_byte(node), FORMAT_COMPLETE);
		break;
	case NODE_MACRO:
		mark(reading, node->span.begin, FORMAT_ITEM);
		mark(reading, node_macro(node)->body->span.begin, FORMAT_BODY);
		break;
	case NODE_FUNCTION:
		mark(reading, node->span.begin, FORMAT_ITEM);
		mark_body(reading, node_function(node)->body);
		break;
	case NODE_BLOCK_EXPRESSION: mark(reading, last_byte(node), FORMAT_VALUE_END); break;
	case NODE_CAST: mark_cast(reading, node_cast(node)->type); break;
	case NODE_TYPE: mark_stars(reading, node); break;
	case NODE_IF: mark_if(reading, node_if_statement(node)); break;
	case NODE_WHILE:
		enclose(reading, node->span.begin, strlen("while"), node_while_loop(node)->body);
		mark_statements(reading, node_while_loop(node)->body, false);
		break;
	case NODE_UNROLL:
		enclose(reading, node->span.begin, strlen("unroll"), node_unroll(node)->body);
		mark_statements(reading, node_unroll(node)->body, false);
		break;
	case NODE_FOR: mark_statements(reading, node_for_loop(node)->body, false); break;
	default: break;
	}
	return true;
}

/* --- tokens --- */

static struct token next_token(struct reading *reading)
{
	struct lexer *lexer = &reading->lexer;
	uint32_t end;

	lexer_gap(lexer);
	end = lexer->position < lexer->length ? reading->ends[lexer->position] : 0;
	if (!end)
		return lexer_next(lexer);

	struct token token = {TOKEN_IDENTIFIER, lexer->position, end};

	lexer->position = end;
	lexer->last = TOKEN_IDENTIFIER;
	return token;
}

/* The "/" in front of a body ends its filter. */
static void find_filter_end(struct format_tokens *tokens)
{
	for (size_t i = 1; i < tokens->list.count; i++) {
		struct format_token *token = &tokens->list.items[i - 1];

		if (tokens->list.items[i].marks & FORMAT_BODY && token->kind == TOKEN_SLASH)
			token->marks |= FORMAT_FILTER_END;
	}
}

static void read_all(struct reading *reading, struct format_tokens *ret)
{
	struct token token;

	do {
		token = next_token(reading);
		vec_push(&ret->list,
			((struct format_token){token.kind, token.begin, token.end,
				token.begin < reading->lexer.length ? reading->marks[token.begin]
								    : 0}));
	} while (token.kind != TOKEN_END);
	for (size_t i = 0; i < reading->lexer.comments.count; i++)
		vec_push(&ret->comments, reading->lexer.comments.items[i]);
}

void format_tokens_read(struct program *program, const struct diags *diags, uint32_t source,
	struct format_tokens *ret)
{
	/* What cannot be a token was reported when the script was parsed. */
	struct diags *unused = (struct diags *)(uintptr_t)diags;
	_cleanup_(lexer_deinit) struct lexer lexer = lexer_new(unused, source);
	_cleanup_free_ uint16_t *marks = xcalloc(lexer.length + 1, sizeof(*marks));
	_cleanup_free_ uint32_t *ends = xcalloc(lexer.length + 1, sizeof(*ends));
	struct reading reading = {.lexer = lexer, .marks = marks, .ends = ends};

	reading.lexer.quiet = true;
	node_walk(&program->node, visit, &reading);
	*ret = (struct format_tokens){.text = reading.lexer.text};
	read_all(&reading, ret);
	find_filter_end(ret);
	lexer = reading.lexer;
}

void format_tokens_deinit(struct format_tokens *tokens)
{
	vec_deinit(&tokens->list);
	vec_deinit(&tokens->comments);
}
