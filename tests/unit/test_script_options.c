/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/door/script_usage.h"

static script_options three_options(void)
{
	script_options options = {};

	vec_push(&options, ((struct script_option){.name = "top",
				   .kind = SCRIPT_OPTION_INTEGER,
				   .preset = "10",
				   .help = "how many",
				   .size = 8}));
	vec_push(&options,
		((struct script_option){
			.name = "topmost", .preset = "false", .help = "", .offset = 8, .size = 8}));
	vec_push(&options, ((struct script_option){.name = "comm",
				   .kind = SCRIPT_OPTION_STRING,
				   .preset = "",
				   .help = "",
				   .offset = 16,
				   .size = 4}));
	return options;
}

/* "value of each option | positional words", "-" for a value that was not given. */
static void check(const char *line, const char *expected)
{
	script_options options = three_options();
	char *copy = strdup(line), *word, *rest = NULL;
	struct script_arguments arguments = {};
	script_words words = {};
	struct str out = STR_INIT;

	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		vec_push(&words, word);

	struct error *error = script_options_divide(&options, words.items, words.count, &arguments);

	for (size_t i = 0; !error && i < arguments.values.count; i++)
		str_printf(
			&out, "%s ", arguments.values.items[i] ? arguments.values.items[i] : "-");
	str_append(&out, error ? error->message : arguments.wants_help ? "help" : "|");
	for (size_t i = 0; !error && i < arguments.positional.count; i++)
		str_printf(&out, " %s", arguments.positional.items[i]);
	assert_string_equal(str_text(&out), expected);
	error_free(error);
	str_deinit(&out);
	script_arguments_deinit(&arguments);
	vec_deinit(&words);
	vec_deinit(&options);
	free(copy);
}

static void words_are_divided(void **state _unused_)
{
	check("", "- - - |");
	check("a -- b", "- - - | a b");
	check("--top=3 a --topmost b --top 4 -5", "4 true - | a b -5");
	check("--comm=x --comm ab -- --top=3 --", "- - ab | --top=3 --");
	check("--top -7 --topmost=0 -x", "-7 0 - | -x");
	check("--help", "- - - help");
}

static void words_are_refused(void **state _unused_)
{
	check("--tops=3", "the script has no option --tops, did you mean --top? --help shows all");
	check("--x", "the script has no option --x; it has --top, --topmost, --comm, --help");
	check("--top", "option --top of the script needs a value: --top=10");
	check("--comm --top=1", "option --comm of the script needs a value: --comm=TEXT");
	check("--top=", "option --top of the script takes an integer, not ''");
	check("--topmost=2", "option --topmost of the script takes true or false, not '2'");
	check("--comm=four",
		"the value of option --comm of the script has 4 characters, it may have 3 (config "
		"max_strlen)");
}

static void without_options_all_words_are_positional(void **state _unused_)
{
	static const char *const words[] = {"--top=3", "--", "--help"};
	_cleanup_(script_arguments_deinit) struct script_arguments arguments = {};
	script_options none = {};

	assert_success(script_options_divide(&none, words, ARRAY_SIZE(words), &arguments));
	assert_int_equal(arguments.positional.count, 3);
	assert_false(arguments.wants_help);
}

static void json_and_back(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	script_options options = three_options(), back = {};
	_cleanup_json_ json_t *json = script_options_to_json(&options);

	assert_success(script_options_from_json(json, &arena, &back));
	assert_int_equal(back.count, options.count);
	for (size_t i = 0; i < back.count; i++) {
		assert_string_equal(back.items[i].name, options.items[i].name);
		assert_string_equal(back.items[i].preset, options.items[i].preset);
		assert_string_equal(back.items[i].help, options.items[i].help);
		assert_int_equal(back.items[i].kind, options.items[i].kind);
		assert_int_equal(back.items[i].offset, options.items[i].offset);
		assert_int_equal(back.items[i].size, options.items[i].size);
	}
	vec_deinit(&back);
	vec_deinit(&options);
}

static void hostile_options(void **state _unused_)
{
	static const char *const lists[] = {
		"{}",
		"[1]",
		"[{\"name\": \"\", \"type\": \"bool\", \"default\": \"\", \"help\": \"\", "
		"\"offset\": 0, \"size\": 8}]",
		"[{\"name\": \"a\", \"type\": \"float\", \"default\": \"\", \"help\": \"\", "
		"\"offset\": 0, \"size\": 8}]",
		"[{\"name\": \"a\", \"type\": \"bool\", \"default\": \"\", \"help\": \"\", "
		"\"offset\": 0, \"size\": 1}]",
		"[{\"name\": \"a\", \"type\": \"string\", \"default\": \"\", \"help\": \"\", "
		"\"offset\": -1, \"size\": 8}]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		_cleanup_arena_ struct arena arena = ARENA_INIT;
		_cleanup_json_ json_t *json = NULL;
		script_options back = {};

		assert_success(json_parse(lists[i], strlen(lists[i]), &json));

		_cleanup_error_ struct error *error = script_options_from_json(json, &arena, &back);

		assert_non_null(error);
		vec_deinit(&back);
	}
}

static void check_sentence(const char *text, const char *expected)
{
	_cleanup_str_ struct str out = STR_INIT;

	script_sentence(text, strlen(text), &out);
	assert_string_equal(str_text(&out), expected);
}

static void the_first_sentence(void **state _unused_)
{
	check_sentence("", "");
	check_sentence("BEGIN { } // after", "");
	check_sentence("#!/usr/bin/bpftrace\n\n// tool.bt [PID] - does it. And more.\nBEGIN { }",
		"tool.bt [PID] - does it");
	check_sentence("// SPDX-License-Identifier: MIT\n// one\n// two\n\n// three", "one two");
	check_sentence("/*\n * tool\tFinds  all\n *\tof it.\n *\n * USAGE: x\n */",
		"tool Finds all of it");
	check_sentence("/* short */ BEGIN { }", "short");
	check_sentence("/* without end", "without end");
	check_sentence("/*\n * Copyright 2020 A. B.\n */\n// c.\n", "c");
	check_sentence("/**/", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_divided),
		cmocka_unit_test(words_are_refused),
		cmocka_unit_test(without_options_all_words_are_positional),
		cmocka_unit_test(json_and_back),
		cmocka_unit_test(hostile_options),
		cmocka_unit_test(the_first_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
