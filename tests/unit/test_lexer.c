/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/compiler/ast/lexer.h"

struct fixture {
	struct diags diags;
	struct lexer lexer;
};

static void start(struct fixture *fixture, const char *text)
{
	uint32_t source = diags_add_source(&fixture->diags, "stdin", text, strlen(text));

	fixture->lexer = lexer_new(&fixture->diags, source);
}

static void stop(struct fixture *fixture)
{
	lexer_deinit(&fixture->lexer);
	diags_deinit(&fixture->diags);
}

#define LEXER(name, text)                                                                          \
	_cleanup_(stop) struct fixture name = {.diags = DIAGS_INIT};                               \
	start(&name, text)

static void assert_token(struct fixture *fixture, enum token_kind kind, const char *text)
{
	struct token token = lexer_next(&fixture->lexer);

	assert_int_equal(token.kind, kind);
	assert_int_equal(token.end - token.begin, strlen(text));
	assert_memory_equal(fixture->lexer.text + token.begin, text, strlen(text));
}

static const struct {
	enum token_kind kind;
	const char *text;
} spelled[] = {
#define CLASS(KIND, text)
#define WORD(KIND, text)         {TOKEN_##KIND, text},
#define SOFT(KIND, text)         {TOKEN_##KIND, text},
#define MARK(KIND, text)         {TOKEN_##KIND, text},
#define TOKEN(class, KIND, text) class(KIND, text)
#include "bpftrace/compiler/ast/tokens.def"
#undef TOKEN
};

static void each_spelling_is_its_token(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(spelled); i++) {
		LEXER(f, spelled[i].text);

		assert_token(&f, spelled[i].kind, spelled[i].text);
		assert_token(&f, TOKEN_END, "");
		assert_string_equal(token_text(spelled[i].kind), spelled[i].text);
	}
}

static void words_are_names_where_the_table_says_so(void **state _unused_)
{
	assert_true(token_is_name(TOKEN_IDENTIFIER));
	assert_true(token_is_name(TOKEN_CONFIG));
	assert_false(token_is_name(TOKEN_IF));
	assert_false(token_is_name(TOKEN_PLUS));
	assert_true(token_is_word(TOKEN_IF));
	assert_true(token_is_word(TOKEN_MACRO));
	assert_false(token_is_word(TOKEN_STRING));
}

static void longest_mark_wins(void **state _unused_)
{
	LEXER(f, "a<<=b>>c->d..e&&&f+++g");

	assert_token(&f, TOKEN_IDENTIFIER, "a");
	assert_token(&f, TOKEN_ASSIGN_SHIFT_LEFT, "<<=");
	assert_token(&f, TOKEN_IDENTIFIER, "b");
	assert_token(&f, TOKEN_SHIFT_RIGHT, ">>");
	assert_token(&f, TOKEN_IDENTIFIER, "c");
	assert_token(&f, TOKEN_ARROW, "->");
	assert_token(&f, TOKEN_IDENTIFIER, "d");
	assert_token(&f, TOKEN_DOT_DOT, "..");
	assert_token(&f, TOKEN_IDENTIFIER, "e");
	assert_token(&f, TOKEN_AND, "&&");
	assert_token(&f, TOKEN_AMPERSAND, "&");
	assert_token(&f, TOKEN_IDENTIFIER, "f");
	assert_token(&f, TOKEN_INCREMENT, "++");
	assert_token(&f, TOKEN_PLUS, "+");
	assert_token(&f, TOKEN_IDENTIFIER, "g");
	assert_token(&f, TOKEN_END, "");
	assert_token(&f, TOKEN_END, "");
}

static void numbers_end_where_a_reader_sees_it(void **state _unused_)
{
	LEXER(f, "1..2 $t.0.1 1.5 1e-3 0x1e-3 12abc 1_000ms 5-3");

	assert_token(&f, TOKEN_INTEGER, "1");
	assert_token(&f, TOKEN_DOT_DOT, "..");
	assert_token(&f, TOKEN_INTEGER, "2");
	assert_token(&f, TOKEN_VARIABLE, "$t");
	assert_token(&f, TOKEN_DOT, ".");
	assert_token(&f, TOKEN_INTEGER, "0");
	assert_token(&f, TOKEN_DOT, ".");
	assert_token(&f, TOKEN_INTEGER, "1");
	assert_token(&f, TOKEN_INTEGER, "1.5");
	assert_token(&f, TOKEN_INTEGER, "1e-3");
	assert_token(&f, TOKEN_INTEGER, "0x1e");
	assert_token(&f, TOKEN_MINUS, "-");
	assert_token(&f, TOKEN_INTEGER, "3");
	assert_token(&f, TOKEN_INTEGER, "12abc");
	assert_token(&f, TOKEN_INTEGER, "1_000ms");
	assert_token(&f, TOKEN_INTEGER, "5");
	assert_token(&f, TOKEN_MINUS, "-");
	assert_token(&f, TOKEN_INTEGER, "3");
}

static void sigils(void **state _unused_)
{
	LEXER(f, "$a $12 $# @ @b_1 @1");

	assert_token(&f, TOKEN_VARIABLE, "$a");
	assert_token(&f, TOKEN_POSITIONAL, "$12");
	assert_token(&f, TOKEN_POSITIONAL_COUNT, "$#");
	assert_token(&f, TOKEN_MAP, "@");
	assert_token(&f, TOKEN_MAP, "@b_1");
	assert_token(&f, TOKEN_MAP, "@");
	assert_token(&f, TOKEN_INTEGER, "1");
}

static void quotes(void **state _unused_)
{
	LEXER(f, "\"a\\\"b\" '\\'' \"\\\\\" \"// /*\"");

	assert_token(&f, TOKEN_STRING, "\"a\\\"b\"");
	assert_token(&f, TOKEN_CHARACTER, "'\\''");
	assert_token(&f, TOKEN_STRING, "\"\\\\\"");
	assert_token(&f, TOKEN_STRING, "\"// /*\"");
	assert_token(&f, TOKEN_END, "");
}

static void preprocessor_lines_begin_lines(void **state _unused_)
{
	LEXER(f, " #if \\\n b\n#else // d\nx #e");

	assert_token(&f, TOKEN_PREPROCESSOR, "#if \\\n b");
	assert_token(&f, TOKEN_PREPROCESSOR, "#else // d");
	assert_token(&f, TOKEN_IDENTIFIER, "x");
	assert_token(&f, TOKEN_INVALID, "#");
	assert_int_equal(f.diags.errors, 1);
}

static void assert_comment(const struct fixture *fixture, size_t number, const char *text)
{
	struct span span = fixture->lexer.comments.items[number];

	assert_int_equal(span.end - span.begin, strlen(text));
	assert_memory_equal(fixture->lexer.text + span.begin, text, strlen(text));
}

/* Read twice, as the parser does when it tries something. */
static void comments_are_kept_once_and_in_order(void **state _unused_)
{
	LEXER(f, "#!/usr/bin/env bpftrace\na /* b */ c // d\n/**/");

	for (int round = 0; round < 2; round++) {
		assert_token(&f, TOKEN_IDENTIFIER, "a");
		assert_token(&f, TOKEN_IDENTIFIER, "c");
		assert_token(&f, TOKEN_END, "");
		f.lexer.position = 0;
	}
	assert_int_equal(f.lexer.comments.count, 4);
	assert_comment(&f, 0, "#!/usr/bin/env bpftrace");
	assert_comment(&f, 1, "/* b */");
	assert_comment(&f, 2, "// d");
	assert_comment(&f, 3, "/**/");
	assert_int_equal(f.diags.errors, 0);
}

static void mistakes_are_reported_once(void **state _unused_)
{
	LEXER(f, "` \x01 \xc3\xa9 \xff $ \"open\n /* open");

	for (int round = 0; round < 2; round++) {
		assert_token(&f, TOKEN_INVALID, "`");
		assert_token(&f, TOKEN_INVALID, "\x01");
		assert_token(&f, TOKEN_INVALID, "\xc3\xa9");
		assert_token(&f, TOKEN_INVALID, "\xff");
		assert_token(&f, TOKEN_INVALID, "$");
		assert_token(&f, TOKEN_INVALID, "\"open");
		assert_token(&f, TOKEN_END, "");
		f.lexer.position = 0;
	}
	assert_int_equal(f.diags.errors, 7);
	assert_true(f.lexer.cut_off);
}

static void quiet_reports_later(void **state _unused_)
{
	LEXER(f, "`");

	f.lexer.quiet = true;
	assert_token(&f, TOKEN_INVALID, "`");
	assert_int_equal(f.diags.errors, 0);
	f.lexer.quiet = false;
	f.lexer.position = 0;
	assert_token(&f, TOKEN_INVALID, "`");
	assert_int_equal(f.diags.errors, 1);
}

static void skipping_goes_over_blanks_and_comments(void **state _unused_)
{
	LEXER(f, " \t\r\n\\\n// a\n/* b */c /*");

	assert_int_equal(lexer_byte(&f.lexer, lexer_skip(&f.lexer, 0)), 'c');
	assert_int_equal(lexer_byte(&f.lexer, lexer_skip(&f.lexer, f.lexer.length - 3)), -1);
	assert_int_equal(f.lexer.comments.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_spelling_is_its_token),
		cmocka_unit_test(words_are_names_where_the_table_says_so),
		cmocka_unit_test(longest_mark_wins),
		cmocka_unit_test(numbers_end_where_a_reader_sees_it),
		cmocka_unit_test(sigils),
		cmocka_unit_test(quotes),
		cmocka_unit_test(preprocessor_lines_begin_lines),
		cmocka_unit_test(comments_are_kept_once_and_in_order),
		cmocka_unit_test(mistakes_are_reported_once),
		cmocka_unit_test(quiet_reports_later),
		cmocka_unit_test(skipping_goes_over_blanks_and_comments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
