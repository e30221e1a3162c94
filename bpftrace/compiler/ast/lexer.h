/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From script text to tokens. The lexer finds where tokens begin and end and reports text that can
 * be no token; literal.h computes the values of numbers and strings. Comments are skipped, but
 * their spans are kept in a list of their own, in source order, for tools that rewrite scripts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/diag.h"
#include "libcommon/base/vec.h"

enum token_kind {
#define TOKEN(class, KIND, text) TOKEN_##KIND,
#include "tokens.def"
#undef TOKEN
	NR_TOKENS,
};

/* Bytes begin..end (end excluded) of the source. */
struct token {
	enum token_kind kind;
	uint32_t begin;
	uint32_t end;
};

struct lexer {
	const char *text;
	uint32_t length;
	uint32_t source;
	struct diags *diags;
	uint32_t position;    /* of the next token, or of blanks before it */
	enum token_kind last; /* after "." digits are one element's number */
	bool quiet;           /* report nothing: text is being skipped or only tried */
	bool cut_off;         /* a string or comment without end hides what follows it */
	uint32_t reported;    /* text before this was reported on: it may be read again */
	VEC(struct span) comments;
};

/* Reads source number source of diags, which must outlive the lexer. */
struct lexer lexer_new(struct diags *diags, uint32_t source);
void lexer_deinit(struct lexer *lexer);

/* The next token; TOKEN_END again and again once the text has ended. Text that can be no token is
 * reported, and given as TOKEN_INVALID where something must have been meant. */
struct token lexer_next(struct lexer *lexer);

/* The position at or after the given one that is neither in blanks nor in a comment. */
uint32_t lexer_skip(const struct lexer *lexer, uint32_t position);

/* Moves the position there, keeping the comments on the way. */
void lexer_gap(struct lexer *lexer);

/* The position after the quoted text that begins at position; *ret_closed: whether it is
 * terminated. */
uint32_t lexer_quoted(const struct lexer *lexer, uint32_t position, bool *ret_closed);

/* The byte at position, -1 after the end. */
int lexer_byte(const struct lexer *lexer, uint32_t position);

/* Reports an error at begin..end, but once only, however often the text is read; true when it was
 * reported. */
bool lexer_error(struct lexer *lexer, uint32_t begin, uint32_t end, const char *format, ...)
	_printf_(4, 5);

/* As in messages: "(", "while", "end of file". */
const char *token_text(enum token_kind kind);

/* Identifiers, and words that are reserved only where a definition begins. */
bool token_is_name(enum token_kind kind);

/* Any word, reserved or not: what may follow "." and "->". */
bool token_is_word(enum token_kind kind);

#define _cleanup_lexer_ _cleanup_(lexer_deinit)
