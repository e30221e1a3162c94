/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the parser share; outside of this folder only definitions in C are read with it
 * (bind/cdef.c). A parse_x function is called at the first token of an x, consumes it and returns
 * its node. It returns NULL when that failed: the error is then reported already, and the caller
 * passes the failure on to the function that can resume (the block at the next statement, the
 * program at the next probe).
 */
#pragma once

#include "ast.h"
#include "lexer.h"
#include "parse.h"

struct parser {
	struct arena *arena;
	struct diags *diags;
	struct lexer lexer;
	struct token token;    /* to be looked at */
	struct token previous; /* consumed last */
	unsigned depth;
	size_t most_errors;
	uint32_t condition; /* where the condition being read begins: there "(name) x" is no cast */
	bool in_filter;     /* "/" before "{" is TOKEN_FILTER_END */
	parse_words *words; /* see parse_with_words; NULL: not asked for */
	unsigned hidden_variables; /* that ?: has made */
	bool at_probe; /* a new probe begins here although blocks are open: they end without "}" */

	/* Of the innermost construct that waits for its end: see parser_open. */
	uint32_t open;
	bool in_condition;
};

/* Stands at the first token of a source. */
struct parser parser_new(struct arena *arena, struct diags *diags, uint32_t source);
void parser_deinit(struct parser *parser);

/* --- tokens --- */

void parser_next(struct parser *parser);

/* Takes back the words that were read from begin on: they are part of an attach point. */
void parser_drop_words(struct parser *parser, uint32_t begin);

/* Adds a word. */
void parser_note_word(struct parser *parser, uint32_t begin, uint32_t end);

/* Goes on reading at position, as if the text before it were one token from begin to end. */
void parser_seek(struct parser *parser, uint32_t begin, uint32_t position);

static inline bool parser_at(const struct parser *parser, enum token_kind kind)
{
	return parser->token.kind == kind;
}

bool parser_accept(struct parser *parser, enum token_kind kind);

/* As accept, but reports any other token. */
bool parser_expect(struct parser *parser, enum token_kind kind);

/* The token's text is exactly this. */
bool parser_at_text(const struct parser *parser, const char *text);

/* Consumes a token and returns its text, in the arena. */
const char *parser_take_text(struct parser *parser);

/* The same of a name of C++ with those of the scopes around it: "ns::Cls". */
const char *parser_take_scoped_name(struct parser *parser);

/* The first byte behind the token, blanks and comments skipped; -1 at the end. */
int parser_peek(const struct parser *parser);

/* From begin to the end of the token consumed last. */
struct span parser_span(const struct parser *parser, uint32_t begin);
struct span parser_token_span(const struct parser *parser);

/* --- trying: what is read between try and back or keep reports nothing --- */

struct parser_mark {
	struct token token, previous;
	uint32_t position;
	enum token_kind last;
	bool was_quiet; /* within another try */
};

struct parser_mark parser_try(struct parser *parser);
void parser_back(struct parser *parser, struct parser_mark mark);
void parser_keep(struct parser *parser);

/* --- errors --- */

/* "syntax error, unexpected <token>, expected <kinds>"; where is the first of kinds. */
void parser_unexpected(struct parser *parser, const enum token_kind *kinds, size_t count);

/* The same for what is not one token: "an expression". */
void parser_wanted(struct parser *parser, const char *what);

#define PARSER_UNEXPECTED(parser, ...)                                                             \
	parser_unexpected((parser), (const enum token_kind[]){__VA_ARGS__},                        \
		ARRAY_SIZE(((const enum token_kind[]){__VA_ARGS__})))

/* Counts nested constructs; false (and reported) when there are too many of them. Each enter needs
 * its leave, also after a failure. */
bool parser_enter(struct parser *parser);
void parser_leave(struct parser *parser);

/*
 * While a construct is open, the error about an end of file that comes too early shows it from its
 * beginning. in_condition: "=" inside it is taken for a mistyped "==".
 */
struct parser_scope {
	uint32_t open;
	bool in_condition;
};

struct parser_scope parser_open(struct parser *parser, uint32_t begin, bool in_condition);
void parser_close(struct parser *parser, struct parser_scope scope);

/* Skips to where the next statement of the open block begins, or to the block's end. */
void parser_sync(struct parser *parser);

/* Skips what is left of a probe or definition: to behind its block, or to a line that looks like
 * the beginning of a probe. With to_block it stops before the block. */
void parser_skip(struct parser *parser, bool to_block);

/* True at a word in the first column that looks like the beginning of a probe: "word:x" or "word
 * {". */
bool parser_sees_probe(const struct parser *parser);

/* --- the grammar, one file each --- */

struct node *parse_definition(struct parser *parser); /* where parse_is_definition returns true */
struct node *parse_probe(struct parser *parser);
struct node *parse_block(struct parser *parser);            /* a BLOCK */
struct node *parse_block_expression(struct parser *parser); /* a BLOCK_EXPRESSION */
struct node *parse_if_expression(struct parser *parser);    /* a TERNARY */
struct node *parse_expression(struct parser *parser);
struct node *parse_primary(struct parser *parser);
struct node *parse_string(struct parser *parser);   /* at a TOKEN_STRING */
struct node *parse_variable(struct parser *parser); /* a VARIABLE; reports anything else */
struct node *parse_type(struct parser *parser);
struct node *parse_type_or_expression(struct parser *parser); /* as sizeof has it */

/* The digits of the token behind its first skip bytes: the number of a parameter or of an element.
 */
uint32_t parse_digits(struct parser *parser, uint32_t skip);

/* At "(": whether a type and ")" follow, that is a cast. */
bool parse_is_cast(struct parser *parser);

/* The same question for sizeof and offsetof, where a name alone is taken for an expression. */
bool parse_is_type(struct parser *parser);

/* Whether a definition, not a probe, begins at the token. */
bool parse_is_definition(const struct parser *parser);
