/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "libcommon/base/cli.h"

static struct error *note(struct str *out, const char *name, const char *argument)
{
	str_printf(out, "%s=%s ", name, argument ? argument : "-");
	return NULL;
}

#define SETTER(name)                                                                               \
	static struct error *set_##name(void *into, const char *argument)                          \
	{                                                                                          \
		return note(into, #name, argument);                                                \
	}

SETTER(expression)
SETTER(list)
SETTER(verbose)
SETTER(unsafe)
SETTER(include)

static struct error *set_bad(void *into _unused_, const char *argument)
{
	return error_new(0, "bad %s", argument);
}

static const struct cli_option options[] = {
	{.letter = 'e', .argument = "PROGRAM", .help = "run it", .set = set_expression},
	{"list", 'l', "PATTERN", true, "list probes", set_list},
	{"verbose", 'v', .help = "tell more", .set = set_verbose},
	{"unsafe", .help = "allow more", .set = set_unsafe},
	{"include", .argument = "FILE", .help = "include it", .set = set_include},
	{.letter = 'x', .argument = "X", .help = "refuse", .set = set_bad},
};

struct outcome {
	struct str calls;
	struct error *error;
	int first;
};

static struct outcome parse(const char *const *words, size_t count)
{
	struct outcome outcome = {.first = -1};
	char program[] = "prog";
	char *argv[16] = {program};

	for (size_t i = 0; i < count; i++)
		argv[i + 1] = (char *)words[i];
	outcome.error = cli_parse(
		options, ARRAY_SIZE(options), (int)count + 1, argv, &outcome.calls, &outcome.first);
	return outcome;
}

#define PARSE(...)                                                                                 \
	parse((const char *const[]){__VA_ARGS__}, ARRAY_SIZE(((const char *const[]){__VA_ARGS__})))

static void check(struct outcome outcome, const char *calls, int first)
{
	if (outcome.error)
		fail_msg("%s", outcome.error->message);
	assert_string_equal(str_text(&outcome.calls), calls);
	assert_int_equal(outcome.first, first);
	str_deinit(&outcome.calls);
}

static void check_error(struct outcome outcome, const char *message)
{
	assert_non_null(outcome.error);
	assert_string_equal(outcome.error->message, message);
	assert_int_equal(outcome.first, -1);
	error_free(outcome.error);
	str_deinit(&outcome.calls);
}

/* Words that are no options are the last ones of argv, in their order. */
static void options_behind_words(void **state _unused_)
{
	char *argv[] = {(char[]){"prog"}, (char[]){"script"}, (char[]){"-v"}, (char[]){"7"},
		(char[]){"-e"}, (char[]){"-x"}, (char[]){"-12"}, (char[]){"--"}, (char[]){"-v"},
		(char[]){"--"}, NULL};
	static const char *const left[] = {"script", "7", "-12", "-v", "--"};
	int argc = ARRAY_SIZE(argv) - 1, first = -1;
	struct str calls = STR_INIT;

	assert_null(cli_parse(options, ARRAY_SIZE(options), argc, argv, &calls, &first));
	assert_string_equal(str_text(&calls), "verbose=- expression=-x ");
	assert_int_equal(first, argc - (int)ARRAY_SIZE(left));
	for (size_t i = 0; i < ARRAY_SIZE(left); i++)
		assert_string_equal(argv[first + (int)i], left[i]);
	str_deinit(&calls);
}

static void finds_the_first_word(void **state _unused_)
{
	check(PARSE("-v", "script", "-v"), "verbose=- verbose=- ", 3);
	check(PARSE("-e", "BEGIN", "1", "-2"), "expression=BEGIN ", 3);
	check(PARSE("-2", "-v", "-"), "verbose=- ", 2);
	check(PARSE("--unsafe", "--", "-v"), "unsafe=- ", 3);
	check(PARSE("-vv"), "verbose=- verbose=- ", 2);
	check_error(PARSE("script", "--nonsense"), "unknown option '--nonsense'");
}

static int first_word(int count, char **argv)
{
	return cli_first_word(options, ARRAY_SIZE(options), count, argv, 'e');
}

#define FIRST_WORD(...)                                                                            \
	first_word((int)ARRAY_SIZE(((char *[]){(char[]){"prog"}, __VA_ARGS__})),                   \
		(char *[]){(char[]){"prog"}, __VA_ARGS__, NULL})

static void finds_the_script_before_it_parses(void **state _unused_)
{
	assert_int_equal(FIRST_WORD((char[]){"-v"}, (char[]){"script"}, (char[]){"--other"}), 2);
	assert_int_equal(FIRST_WORD((char[]){"--include"}, (char[]){"x"}, (char[]){"-"}), 3);
	assert_int_equal(FIRST_WORD((char[]){"-l"}, (char[]){"x"}, (char[]){"y"}), 3);
	assert_int_equal(
		FIRST_WORD((char[]){"-v"}, (char[]){"-e"}, (char[]){"x"}, (char[]){"y"}), 5);
	assert_int_equal(FIRST_WORD((char[]){"--nonsense"}, (char[]){"x"}), 3);
	assert_int_equal(FIRST_WORD((char[]){"-v"}), 2);
	assert_true(cli_knows(options, ARRAY_SIZE(options), "--include=x"));
	assert_false(cli_knows(options, ARRAY_SIZE(options), "--incl"));
	assert_false(cli_knows(options, ARRAY_SIZE(options), "--includes"));
	assert_false(cli_knows(options, ARRAY_SIZE(options), "--"));
}

static void arguments(void **state _unused_)
{
	check(PARSE("-eX", "--include=a", "--include", "b"), "expression=X include=a include=b ",
		5);
	check(PARSE("-e", "-v"), "expression=-v ", 3);
}

/* "-lv" is -l -v; a pattern may follow as a word or after "=". */
static void optional_arguments(void **state _unused_)
{
	check(PARSE("-l"), "list=- ", 2);
	check(PARSE("-l", "*open*"), "list=*open* ", 3);
	check(PARSE("-lv", "*open*"), "list=- verbose=- ", 2);
	check(PARSE("-l", "-v"), "list=- verbose=- ", 3);
	check(PARSE("-vl", "x", "y"), "verbose=- list=x ", 3);
	check(PARSE("--list=a", "b"), "list=a ", 2);
	check(PARSE("--list", "a"), "list=a ", 3);
}

static void errors(void **state _unused_)
{
	check_error(PARSE("-q"), "unknown option '-q'");
	check_error(PARSE("-vq"), "unknown option '-q'");
	check_error(PARSE("--nonsense"), "unknown option '--nonsense'");
	check_error(PARSE("--unsave=3"), "unknown option '--unsave', did you mean '--unsafe'?");
	check_error(PARSE("-e"), "option '-e' needs an argument: PROGRAM");
	check_error(PARSE("--include"), "option '--include' needs an argument: FILE");
	check_error(PARSE("--unsafe=1"), "option '--unsafe' takes no argument");
	check_error(PARSE("-x", "y"), "bad y");
}

static void help_is_aligned(void **state _unused_)
{
	_cleanup_str_ struct str out = STR_INIT;

	cli_help(options, ARRAY_SIZE(options), &out);
	assert_string_equal(out.data, "    -e PROGRAM            run it\n"
				      "    -l, --list [PATTERN]  list probes\n"
				      "    -v, --verbose         tell more\n"
				      "    --unsafe              allow more\n"
				      "    --include FILE        include it\n"
				      "    -x X                  refuse\n");
}

static void processes_have_numbers(void **state _unused_)
{
	static const char *const wrong[] = {
		"", "0", "-1", "12x", "1.5", "2147483648", "99999999999999999999", "self"};
	int32_t process = 7;

	assert_success(cli_process("2147483647", &process));
	assert_int_equal(process, INT32_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		_cleanup_error_ struct error *error = cli_process(wrong[i], &process);

		assert_non_null(error);
		assert_int_equal(process, INT32_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes_have_numbers),
		cmocka_unit_test(options_behind_words),
		cmocka_unit_test(finds_the_first_word),
		cmocka_unit_test(finds_the_script_before_it_parses),
		cmocka_unit_test(arguments),
		cmocka_unit_test(optional_arguments),
		cmocka_unit_test(errors),
		cmocka_unit_test(help_is_aligned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
