/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/runner/options.h"
#include "bpftrace/runner/show/show.h"
#include "libcommon/base/log.h"
#include "libcommon/host/feature.h"

static int forget(void **state _unused_)
{
	log_settings = (struct log_settings){};
	return 0;
}

/* The words stay until the next call: options borrow them. */
static struct error *parse_words(struct options *ret, ...)
{
	static char *argv[32];
	int argc = 0;
	va_list words;

	argv[argc++] = (char *)(uintptr_t) "bpftrace";
	va_start(words, ret);
	do
		argv[argc] = va_arg(words, char *);
	while (argv[argc++]);
	va_end(words);
	return options_parse(argc - 1, argv, ret);
}
#define parse(ret, ...) parse_words(ret, __VA_ARGS__, NULL)

static void text_and_parameters(void **state _unused_)
{
	struct options options = {};

	assert_success(parse(&options, "-q", "-e", "BEGIN{}", "7", "--", "-v"));
	assert_int_equal(options.command, COMMAND_RUN);
	assert_string_equal(options.text, "BEGIN{}");
	assert_null(options.file);
	assert_int_equal(options.parameter_count, 2);
	assert_string_equal(options.parameters[1], "-v");
	assert_true(log_settings.quiet);
	assert_int_equal(log_settings.verbose, 0);
	options_deinit(&options);
}

static void file_and_parameters(void **state _unused_)
{
	struct options options = {};

	assert_success(parse(&options, "x.bt", "1", "-p", "12", "-2"));
	assert_string_equal(options.file, "x.bt");
	assert_null(options.text);
	assert_int_equal(options.pid, 12);
	assert_int_equal(options.parameter_count, 2);
	assert_string_equal(options.parameters[1], "-2");
	options_deinit(&options);
	assert_success(parse(&options, "-"));
	assert_string_equal(options.file, "-");
	options_deinit(&options);
}

static void values_are_kept(void **state _unused_)
{
	struct options options = {};

	assert_success(parse(&options, "-B", "none", "-f", "json", "-o", "out", "-I", "a", "-I",
		"b", "--include", "c.h", "-p", "12", "-kk", "-vv", "--unsafe", "--dry-run",
		"--no-warnings", "--no-feature", "uprobe_multi,loop", "--usdt-file-activation",
		"x"));
	assert_string_equal(options.buffering, "none");
	assert_string_equal(options.format, "json");
	assert_string_equal(options.output, "out");
	assert_int_equal(options.include_dirs.count, 2);
	assert_string_equal(options.include_dirs.items[1], "b");
	assert_string_equal(options.include_files.items[0], "c.h");
	assert_int_equal(options.pid, 12);
	assert_int_equal(options.helper_errors, 2);
	assert_int_equal(log_settings.verbose, 2);
	assert_true(log_settings.no_warnings);
	assert_true(options.unsafe);
	assert_true(options.dry_run);
	assert_int_equal(options.disabled_features,
		FEATURE_BIT(FEATURE_UPROBE_MULTI) | FEATURE_BIT(FEATURE_LOOP));
	options_deinit(&options);
}

/* The word after -d is a stage, unless it must be the program. */
static void dump_words(void **state _unused_)
{
	struct options options = {};

	assert_success(parse(&options, "-d", "ast", "-e", "BEGIN{}"));
	assert_string_equal(options.dump_pass, "ast");
	assert_int_equal(options.dump_level, 1);
	options_deinit(&options);
	assert_success(parse(&options, "-dd", "-e", "BEGIN{}"));
	assert_int_equal(options.dump_level, 2);
	assert_null(options.dump_pass);
	options_deinit(&options);
	assert_success(parse(&options, "-d", "x.bt"));
	assert_null(options.dump_pass);
	assert_string_equal(options.file, "x.bt");
	options_deinit(&options);
	assert_success(parse(&options, "-d", "/dev/null", "ast"));
	assert_string_equal(options.file, "/dev/null");
	assert_string_equal(options.parameters[0], "ast");
	options_deinit(&options);
	assert_success(parse(&options, "-d", "ast", "x.bt", "1"));
	assert_string_equal(options.dump_pass, "ast");
	assert_string_equal(options.file, "x.bt");
	options_deinit(&options);
}

static void list_words(void **state _unused_)
{
	struct options options = {};

	assert_success(parse(&options, "-l"));
	assert_int_equal(options.command, COMMAND_LIST);
	assert_null(options.search);
	options_deinit(&options);
	assert_success(parse(&options, "-lv", "struct path"));
	assert_string_equal(options.search, "struct path");
	assert_null(options.file);
	assert_int_equal(log_settings.verbose, 1);
	options_deinit(&options);
	assert_success(parse(&options, "-l", "iter:*", "-v"));
	assert_string_equal(options.search, "iter:*");
	assert_int_equal(log_settings.verbose, 2);
	options_deinit(&options);
	assert_success(parse(&options, "-l", "/dev/null"));
	assert_string_equal(options.file, "/dev/null");
	assert_null(options.search);
	options_deinit(&options);
	assert_success(parse(&options, "-l", "-e", "BEGIN{}"));
	assert_string_equal(options.text, "BEGIN{}");
	options_deinit(&options);
}

static void mistakes_are_named(void **state _unused_)
{
	struct options options = {};
	_cleanup_str_ struct str unknown = STR_INIT;

	str_append(&unknown, "unknown output format 'xml': -f takes ");
	output_formats(&unknown);
	assert_failure(parse(&options, "-f", "xml"), str_text(&unknown));
	assert_failure(parse(&options, "-B", "x", "-e", ""),
		"unknown buffering mode 'x': -B takes line, full or none");
	assert_failure(parse(&options, "-p", "12x"), "-p takes the number of a process, not '12x'");
	assert_failure(parse(&options, "-p", "0"), "-p takes the number of a process, not '0'");
	assert_failure(
		parse(&options, "-p", "1", "-c", "ls", "-e", ""), "-c and -p exclude each other");
	assert_failure(parse(&options, "-v"), "no program: give a file name or -e 'program'");
	assert_failure(parse(&options, "--no-feature", "uprobe_mlti"),
		"unknown kernel feature 'uprobe_mlti', did you mean 'uprobe_multi'?");
}

static void usage_is_complete(void **state _unused_)
{
	_cleanup_str_ struct str text = STR_INIT;

	options_usage(&text);
	assert_non_null(strstr(str_text(&text), "USAGE:\n"));
	assert_non_null(strstr(str_text(&text), "\nOPTIONS:\n"));
	assert_non_null(strstr(str_text(&text), "\nEXAMPLES:\n"));
	for (size_t i = 0; i < NR_SETTINGS; i++)
		assert_non_null(strstr(str_text(&text), setting_descs[i].variable));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(text_and_parameters, forget),
		cmocka_unit_test_setup(file_and_parameters, forget),
		cmocka_unit_test_setup(values_are_kept, forget),
		cmocka_unit_test_setup(dump_words, forget),
		cmocka_unit_test_setup(list_words, forget),
		cmocka_unit_test_setup(mistakes_are_named, forget),
		cmocka_unit_test_setup(usage_is_complete, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
