/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lexer works on positions in the text and keeps next to no state, so that the parser may go
 * back and read again by restoring position and last. Any bytes may come in; a token is never empty
 * except at the end, so reading always gets on. What is reported once is not reported again.
 */
#include "lexer.h"

#include <stdarg.h>
#include <string.h>

#include "directive.h"
#include "lookalike.h"

enum {
	NAME_BYTES_MAX = 100,
};

enum token_class {
	CLASS,
	WORD,
	SOFT,
	MARK,
};

static const struct {
	enum token_class class;
	uint32_t length;
	const char *text;
} tokens[] = {
#define TOKEN(class, KIND, text) [TOKEN_##KIND] = {class, sizeof(text) - 1, text},
#include "tokens.def"
#undef TOKEN
};
TABLE_COMPLETE(tokens, NR_TOKENS);

const char *token_text(enum token_kind kind)
{
	return tokens[kind].text;
}

bool token_is_name(enum token_kind kind)
{
	return kind == TOKEN_IDENTIFIER || tokens[kind].class == SOFT;
}

bool token_is_word(enum token_kind kind)
{
	return token_is_name(kind) || tokens[kind].class == WORD;
}

struct lexer lexer_new(struct diags *diags, uint32_t source)
{
	const struct source *text = &diags->sources.items[source];

	return (struct lexer){
		.text = text->text,
		.length = (uint32_t)MIN(text->length, (size_t)UINT32_MAX),
		.source = source,
		.diags = diags,
		.last = TOKEN_END,
	};
}

void lexer_deinit(struct lexer *lexer)
{
	vec_deinit(&lexer->comments);
}

int lexer_byte(const struct lexer *lexer, uint32_t position)
{
	return position < lexer->length ? (unsigned char)lexer->text[position] : -1;
}

bool lexer_error(struct lexer *lexer, uint32_t begin, uint32_t end, const char *format, ...)
{
	if (lexer->quiet || begin < lexer->reported)
		return false;

	_cleanup_str_ struct str message = STR_INIT;
	va_list args;

	va_start(args, format);
	str_vprintf(&message, format, args);
	va_end(args);
	diag_error(
		lexer->diags, (struct span){lexer->source, begin, end}, "%s", str_text(&message));
	lexer->reported = end;
	return true;
}

static bool is_digit(int byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_name_start(int byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static bool is_name_byte(int byte)
{
	return is_name_start(byte) || is_digit(byte);
}

/* Blanks and comments. */
enum gap {
	GAP_NONE,
	GAP_BLANK,
	GAP_COMMENT,
	GAP_OPEN_COMMENT,    /* without an end */
	GAP_FOREIGN_COMMENT, /* after a # */
};

static uint32_t line_end(const struct lexer *lexer, uint32_t position)
{
	const char *newline = memchr(lexer->text + position, '\n', lexer->length - position);

	return newline ? (uint32_t)(newline - lexer->text) : lexer->length;
}

static uint32_t comment_end(const struct lexer *lexer, uint32_t position)
{
	const char *end = memmem(lexer->text + position + 2, lexer->length - position - 2, "*/", 2);

	return end ? (uint32_t)(end - lexer->text) + 2 : 0;
}

static bool begins_line(const struct lexer *lexer, uint32_t position)
{
	while (position > 0) {
		char byte = lexer->text[--position];

		if (byte == '\n')
			return true;
		if (byte != ' ' && byte != '\t')
			return false;
	}
	return true;
}

/* Whether a # at position begins a line of a C preprocessor. */
static bool is_directive(const struct lexer *lexer, uint32_t position)
{
	uint32_t begin = position + 1, end;

	if (!begins_line(lexer, position))
		return false;
	while (lexer_byte(lexer, begin) == ' ' || lexer_byte(lexer, begin) == '\t')
		begin++;
	for (end = begin; is_name_byte(lexer_byte(lexer, end));)
		end++;
	return directive_is(lexer->text + begin, end - begin);
}

static bool is_blank(int byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Whether a # at position is meant to begin a comment, as in other languages: at the start of a
 * line, or between blanks. */
static bool is_foreign_comment(const struct lexer *lexer, uint32_t position)
{
	if (is_directive(lexer, position))
		return false;
	return begins_line(lexer, position) || (is_blank(lexer_byte(lexer, position - 1)) &&
						       is_blank(lexer_byte(lexer, position + 1)));
}

/* One blank, one comment, or nothing at position; *end is moved behind it. */
static enum gap gap_at(const struct lexer *lexer, uint32_t position, uint32_t *end)
{
	int byte = lexer_byte(lexer, position), next = lexer_byte(lexer, position + 1);

	if (is_blank(byte)) {
		*end = position + 1;
		return GAP_BLANK;
	}
	if (byte == '\\' && (next == '\n' || next == '\r')) {
		*end = position + 2;
		return GAP_BLANK;
	}
	if ((byte == '/' && next == '/') || (byte == '#' && next == '!' && position == 0)) {
		*end = line_end(lexer, position);
		return GAP_COMMENT;
	}
	if (byte == '/' && next == '*') {
		uint32_t after = comment_end(lexer, position);

		*end = after ? after : lexer->length;
		return after ? GAP_COMMENT : GAP_OPEN_COMMENT;
	}
	if (byte == '#' && is_foreign_comment(lexer, position)) {
		*end = line_end(lexer, position);
		return GAP_FOREIGN_COMMENT;
	}
	return GAP_NONE;
}

uint32_t lexer_skip(const struct lexer *lexer, uint32_t position)
{
	while (gap_at(lexer, position, &position) != GAP_NONE)
		;
	return position;
}

static void keep_comment(struct lexer *lexer, uint32_t begin, uint32_t end)
{
	if (lexer->comments.count == 0 || vec_last(&lexer->comments)->begin < begin)
		vec_push(&lexer->comments, ((struct span){lexer->source, begin, end}));
}

static void refuse_hash(struct lexer *lexer, uint32_t begin, uint32_t end)
{
	const char *directive = directive_like(lexer->text + begin + 1, end - begin - 1);

	if (!lexer_error(lexer, begin, end, "unexpected '#'"))
		return;
	if (directive) {
		diag_hint(lexer->diags, "did you mean #%s?", directive);
		return;
	}
	diag_one_cause(lexer->diags);
	if (directive_numbers_lines(lexer->text + begin + 1, end - begin - 1))
		diag_hint(lexer->diags, "lines of a script are counted from its first one");
	else
		diag_hint(lexer->diags, "comments begin with // or stand in /* */");
}

void lexer_gap(struct lexer *lexer)
{
	for (;;) {
		uint32_t begin = lexer->position;
		enum gap gap = gap_at(lexer, begin, &lexer->position);

		if (gap == GAP_NONE)
			return;
		if (gap == GAP_BLANK)
			continue;
		keep_comment(lexer, begin, lexer->position);
		if (gap == GAP_FOREIGN_COMMENT)
			refuse_hash(lexer, begin, lexer->position);
		if (gap == GAP_OPEN_COMMENT) {
			lexer_error(lexer, begin, begin + 2, "this comment is not terminated");
			lexer->cut_off = true;
		}
	}
}

uint32_t lexer_quoted(const struct lexer *lexer, uint32_t position, bool *ret_closed)
{
	int quote = lexer_byte(lexer, position++);

	for (;; position++) {
		int byte = lexer_byte(lexer, position);

		if (byte == -1 || byte == '\n') {
			*ret_closed = false;
			return position;
		}
		if (byte == quote) {
			*ret_closed = true;
			return position + 1;
		}
		if (byte == '\\' && position + 1 < lexer->length)
			position++;
	}
}

static uint32_t name_end(const struct lexer *lexer, uint32_t position)
{
	while (is_name_byte(lexer_byte(lexer, position)))
		position++;
	return position;
}

/* "." and "e-" belong to the number only to be refused as a whole. */
static uint32_t number_end(const struct lexer *lexer, uint32_t position)
{
	bool decimal = (lexer_byte(lexer, position + 1) | 0x20) != 'x';

	if (lexer->last == TOKEN_DOT) {
		while (is_digit(lexer_byte(lexer, position)))
			position++;
		return position;
	}
	for (;;) {
		position = name_end(lexer, position);

		int byte = lexer_byte(lexer, position), next = lexer_byte(lexer, position + 1);
		bool exponent = (lexer_byte(lexer, position - 1) | 0x20) == 'e';

		if (!decimal || !is_digit(next))
			return position;
		if (byte != '.' && !(exponent && (byte == '-' || byte == '+')))
			return position;
		position++;
	}
}

/* To the end of the line, of which backslashes and comments may make several. */
static uint32_t preprocessor_end(const struct lexer *lexer, uint32_t position)
{
	while (position < lexer->length && lexer->text[position] != '\n') {
		int byte = lexer_byte(lexer, position), next = lexer_byte(lexer, position + 1);
		bool closed;

		if (byte == '\\' && next == '\n') {
			position += 2;
		} else if (byte == '\\' && next == '\r') {
			position += 2 + (lexer_byte(lexer, position + 2) == '\n');
		} else if (byte == '"') {
			position = lexer_quoted(lexer, position, &closed);
		} else if (byte == '/' && next == '/') {
			return line_end(lexer, position);
		} else if (byte == '/' && next == '*') {
			uint32_t after = comment_end(lexer, position);

			position = after ? after : line_end(lexer, position);
		} else {
			position++;
		}
	}
	return position;
}

static struct token token_at(struct lexer *lexer, enum token_kind kind, uint32_t end)
{
	struct token token = {.kind = kind, .begin = lexer->position, .end = end};

	lexer->position = end;
	lexer->last = kind;
	return token;
}

static struct token word(struct lexer *lexer)
{
	const char *text = lexer->text + lexer->position;
	uint32_t end = name_end(lexer, lexer->position);
	uint32_t length = end - lexer->position;

	for (size_t i = 0; i < NR_TOKENS; i++) {
		if ((tokens[i].class == WORD || tokens[i].class == SOFT) &&
			tokens[i].length == length && memcmp(tokens[i].text, text, length) == 0)
			return token_at(lexer, (enum token_kind)i, end);
	}
	return token_at(lexer, TOKEN_IDENTIFIER, end);
}

static struct token quoted(struct lexer *lexer, enum token_kind kind)
{
	bool closed;
	uint32_t end = lexer_quoted(lexer, lexer->position, &closed);

	if (!closed) {
		lexer_error(
			lexer, lexer->position, end, "this %s is not terminated", token_text(kind));
		lexer->cut_off = true;
		return token_at(lexer, TOKEN_INVALID, end);
	}
	return token_at(lexer, kind, end);
}

/*
 * The name of a variable or a map, which follows its mark. Kernels refuse types whose names have
 * 128 bytes and more.
 */
static struct token name(struct lexer *lexer, enum token_kind kind, uint32_t begin)
{
	uint32_t end = name_end(lexer, begin);

	if (end - begin > NAME_BYTES_MAX)
		lexer_error(lexer, lexer->position, end, "a name has at most %d characters",
			NAME_BYTES_MAX);
	return token_at(lexer, kind, end);
}

/* $name, $1, $#; TOKEN_INVALID for anything else. */
static struct token dollar(struct lexer *lexer)
{
	uint32_t begin = lexer->position + 1, end = begin;
	int byte = lexer_byte(lexer, begin);

	if (byte == '#')
		return token_at(lexer, TOKEN_POSITIONAL_COUNT, begin + 1);
	if (is_name_start(byte))
		return name(lexer, TOKEN_VARIABLE, begin);
	while (is_digit(lexer_byte(lexer, end)))
		end++;
	if (end > begin)
		return token_at(lexer, TOKEN_POSITIONAL, end);
	lexer_error(lexer, begin - 1, begin, "a variable needs a name after $");
	return token_at(lexer, TOKEN_INVALID, begin);
}

static struct token map(struct lexer *lexer)
{
	uint32_t begin = lexer->position + 1;

	if (is_name_start(lexer_byte(lexer, begin)))
		return name(lexer, TOKEN_MAP, begin);
	return token_at(lexer, TOKEN_MAP, begin);
}

/* The longest mark that fits; false when none does. */
static bool mark(struct lexer *lexer, struct token *ret)
{
	const char *text = lexer->text + lexer->position;
	uint32_t left = lexer->length - lexer->position, length = 0;
	enum token_kind kind = TOKEN_INVALID;

	for (size_t i = 0; i < NR_TOKENS; i++) {
		if (tokens[i].class == MARK && tokens[i].length > length &&
			tokens[i].length <= left &&
			memcmp(tokens[i].text, text, tokens[i].length) == 0) {
			kind = (enum token_kind)i;
			length = tokens[i].length;
		}
	}
	if (length > 0)
		*ret = token_at(lexer, kind, lexer->position + length);
	return length > 0;
}

/* Behind the character at position: one of UTF-8, or a single byte. */
static uint32_t character_end(const struct lexer *lexer, uint32_t position)
{
	uint32_t end = position + 1;

	if (lexer_byte(lexer, position) >= 0xc0) {
		while (end < position + 4 && (lexer_byte(lexer, end) & ~0x3f) == 0x80)
			end++;
	}
	return end;
}

/* Reports a character that begins no token. */
static struct token invalid(struct lexer *lexer)
{
	uint32_t begin = lexer->position, end = character_end(lexer, begin);
	int byte = lexer_byte(lexer, begin);
	const char *encoding = begin <= 1 ? lookalike_encoding(lexer->text, lexer->length) : NULL;
	_cleanup_str_ struct str name = STR_INIT;

	if (encoding) {
		lexer_error(lexer, begin, end, "the script is in %s; save it as UTF-8", encoding);
		end = lexer->length;
	} else if (lookalike_name(lexer->text + begin, end - begin, &name)) {
		lexer_error(lexer, begin, end, "this is %s", str_text(&name));
	} else if (byte == '#') {
		refuse_hash(lexer, begin, end);
	} else if (byte > ' ' && (byte < 0x7f || end > begin + 1)) {
		lexer_error(lexer, begin, end, "unexpected '%.*s'", (int)(end - begin),
			lexer->text + begin);
	} else {
		lexer_error(lexer, begin, end, "a script cannot contain the byte 0x%02x", byte);
	}
	return token_at(lexer, TOKEN_INVALID, end);
}

struct token lexer_next(struct lexer *lexer)
{
	lexer_gap(lexer);

	int byte = lexer_byte(lexer, lexer->position);
	struct token token;

	if (byte == -1)
		return token_at(lexer, TOKEN_END, lexer->position);
	if (is_name_start(byte))
		return word(lexer);
	if (is_digit(byte))
		return token_at(lexer, TOKEN_INTEGER, number_end(lexer, lexer->position));
	if (byte == '"')
		return quoted(lexer, TOKEN_STRING);
	if (byte == '\'')
		return quoted(lexer, TOKEN_CHARACTER);
	if (byte == '$')
		return dollar(lexer);
	if (byte == '@')
		return map(lexer);
	if (byte == '#' && begins_line(lexer, lexer->position))
		return token_at(
			lexer, TOKEN_PREPROCESSOR, preprocessor_end(lexer, lexer->position));
	return mark(lexer, &token) ? token : invalid(lexer);
}
