/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of a script, with their place in the tree. Attach points and texts in C are one
 * token each.
 */
#pragma once

#include "ast.h"
#include "lexer.h"

enum format_mark {
	FORMAT_POINT = 1 << 0,      /* an attach point */
	FORMAT_C = 1 << 1,          /* a text in C */
	FORMAT_ITEM = 1 << 2,       /* a definition or probe begins */
	FORMAT_BODY = 1 << 3,       /* "{" of a probe, macro or function */
	FORMAT_FILTER = 1 << 4,     /* "/" that begins a filter */
	FORMAT_FILTER_END = 1 << 5, /* … and that ends it */
	FORMAT_CAST_END = 1 << 6,   /* ")" behind a type */
	FORMAT_STAR = 1 << 7,       /* "*" of a type */
	FORMAT_VALUE_END = 1 << 8,  /* "}" of a block that is a part of an expression */
	FORMAT_COMPLETE = 1 << 9,   /* "}" before which a ";" may be added */
	FORMAT_OPEN = 1 << 10,      /* a "(" is added in front of it */
	FORMAT_CLOSE = 1 << 11,     /* a ")" is added in front of it */
};

struct format_token {
	enum token_kind kind;
	uint32_t begin, end;
	unsigned marks;
};

struct format_tokens {
	const char *text;
	VEC(struct format_token) list; /* ends with TOKEN_END */
	VEC(struct span) comments;
};

/* Of a source that was parsed without a mistake; the caller deinits *ret. */
void format_tokens_read(struct program *program, const struct diags *diags, uint32_t source,
	struct format_tokens *ret);
void format_tokens_deinit(struct format_tokens *tokens);
