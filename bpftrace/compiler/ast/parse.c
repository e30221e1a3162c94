/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program: definitions and probes until the text ends. After a mistake parsing resumes at
 * what looks like the next of them. Recursion is limited twice: while parsing, by counting nested
 * constructs; and in the finished tree, whose chains ("a + b + c …") the parser reads without
 * recursion although later passes walk them with it.
 */
#include "parse.h"

#include <string.h>

#include <stdlib.h>

#include "parser.h"

enum {
	ERRORS_MAX = 20,
};

struct parser parser_new(struct arena *arena, struct diags *diags, uint32_t source)
{
	struct parser parser = {
		.arena = arena,
		.diags = diags,
		.lexer = lexer_new(diags, source),
		.most_errors = diags->errors + ERRORS_MAX,
		.condition = UINT32_MAX,
	};

	parser_next(&parser);
	parser.open = parser.token.begin;
	parser.previous = (struct token){.begin = parser.token.begin, .end = parser.token.begin};
	return parser;
}

void parser_deinit(struct parser *parser)
{
	lexer_deinit(&parser->lexer);
}

/* Settings must be known before the first probe is read. */
static void refuse_late_config(struct parser *parser)
{
	parser_wanted(parser, "a probe");
	diag_hint(parser->diags, "the config block stands before all probes");
}

static void parse_program(struct parser *parser, struct program *program)
{
	struct node **definitions = &program->definitions, **probes = &program->probes;

	while (!parser_at(parser, TOKEN_END)) {
		parser->at_probe = false;
		if (parser_accept(parser, TOKEN_SEMICOLON))
			continue;

		bool definition = parse_is_definition(parser);

		if (parser_at(parser, TOKEN_CONFIG) && definition && program->probes)
			refuse_late_config(parser);

		struct node *node = definition ? parse_definition(parser) : parse_probe(parser);

		if (!node && definition) {
			parser_sync(parser);
		} else if (!node) {
			parser_skip(parser, false);
		} else if (definition) {
			*definitions = node;
			definitions = &node->next;
		} else {
			*probes = node;
			probes = &node->next;
		}
	}
}

/* --- the depth of the finished tree --- */

struct level {
	struct node *node;
	unsigned depth;
};

struct depth_check {
	VEC(struct level) left; /* still to be looked at */
	unsigned depth;
};

static void check_slot(struct node **slot, void *context)
{
	struct depth_check *check = context;
	struct node *node;

	node_for_each (*slot, node)
		vec_push(&check->left, ((struct level){node, check->depth + 1}));
}

/* Without recursion, of course. */
static bool too_deep(struct node *root)
{
	struct depth_check check = {};

	vec_push(&check.left, ((struct level){root, 0}));
	while (check.left.count > 0 && check.depth < PARSE_LEVELS_MAX) {
		struct level level = check.left.items[--check.left.count];

		check.depth = level.depth;
		node_slots(level.node, check_slot, &check);
	}
	vec_deinit(&check.left);
	return check.depth == PARSE_LEVELS_MAX;
}

/* Takes what is too deep out of a list of definitions or probes. */
static void limit_depth(struct node **list, struct diags *diags)
{
	while (*list) {
		struct node *node = *list;

		if (!too_deep(node)) {
			list = &node->next;
			continue;
		}
		diag_error(diags, node->span,
			"an expression or chain in this is more than %d levels deep",
			PARSE_LEVELS_MAX);
		*list = node->next;
	}
}

/* One in a comment, which no token has reported: printing the script's text would stop there. */
static void refuse_nul(struct lexer *lexer)
{
	const char *nul = memchr(lexer->text, '\0', lexer->length);
	uint32_t at = nul ? (uint32_t)(nul - lexer->text) : 0;

	if (nul)
		lexer_error(lexer, at, at + 1, "a script cannot contain the byte 0x00");
}

struct program *parse(struct arena *arena, struct diags *diags, uint32_t source)
{
	return parse_with_words(arena, diags, source, NULL);
}

static bool imports(const struct program *program)
{
	const struct node *node;

	node_for_each (program->definitions, node) {
		if (node->kind == NODE_IMPORT)
			return true;
	}
	return false;
}

struct program *parse_with_words(
	struct arena *arena, struct diags *diags, uint32_t source, parse_words *ret)
{
	size_t errors = diags->errors;
	_cleanup_(parser_deinit) struct parser parser = parser_new(arena, diags, source);
	struct span whole = {source, 0, parser.lexer.length};
	struct program *program = new_program(arena, whole);

	parser.words = ret;
	parse_program(&parser, program);
	if (!program->probes && !imports(program) && diags->errors == errors &&
		!diags->sources.items[source].has_parent) {
		parser.open = parser.previous.begin;
		parser_wanted(&parser, "a probe");
	}
	limit_depth(&program->definitions, diags);
	limit_depth(&program->probes, diags);
	if (diags->errors == errors)
		refuse_nul(&parser.lexer);
	return program;
}

struct type *parse_type_text(struct arena *arena, struct diags *diags, uint32_t source)
{
	_cleanup_(parser_deinit) struct parser parser = parser_new(arena, diags, source);
	struct node *type = parse_type(&parser);

	if (!type || !parser_expect(&parser, TOKEN_END))
		return NULL;
	return node_type(type);
}
