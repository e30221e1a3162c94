/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>

#include "libcommon/base/log.h"
#include "libcommon/base/str.h"

static void messages_and_numbers(void **state _unused_)
{
	_cleanup_error_ struct error *plain = error_new(0, "no %s", "luck");
	_cleanup_error_ struct error *number = error_system(ENOENT, "%s", "/a/b");

	assert_int_equal(plain->number, 0);
	assert_string_equal(plain->message, "no luck");
	assert_int_equal(number->number, ENOENT);
	assert_string_equal(number->message, "/a/b: No such file or directory");
}

static void prefix_keeps_the_number(void **state _unused_)
{
	_cleanup_error_ struct error *error = error_system(EPERM, "open");

	error = error_prefix(error, "probe %d", 3);
	error = error_prefix(error, "run");
	assert_int_equal(error->number, EPERM);
	assert_string_equal(error->message, "run: probe 3: open: Operation not permitted");
	error_free(NULL);
}

/* Runs the five kinds of messages with stderr going to a file and returns what was written. */
static char *logged(struct log_settings settings)
{
	struct str text = STR_INIT;
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	ssize_t got;

	assert_non_null(file);
	assert_true(saved >= 0);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	log_settings = settings;
	log_error("e%d", 1);
	log_warning("w%d", 2);
	log_hint("h%d", 3);
	log_notice("n%d", 4);
	log_verbose("v%d", 5);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	got = pread(fileno(file), str_reserve(&text, 4096), 4096, 0);
	assert_true(got > 0);
	text.data[got] = '\0';
	fclose(file);
	return text.data;
}

static void log_obeys_its_settings(void **state _unused_)
{
	_cleanup_free_ char *plain = logged((struct log_settings){});
	_cleanup_free_ char *quiet = logged((struct log_settings){.quiet = true});
	_cleanup_free_ char *calm = logged((struct log_settings){.no_warnings = true});
	_cleanup_free_ char *verbose = logged((struct log_settings){.verbose = 1});

	assert_string_equal(plain, "ERROR: e1\nWARNING: w2\nHINT: h3\nn4\n");
	assert_string_equal(quiet, "ERROR: e1\nWARNING: w2\nHINT: h3\n");
	assert_string_equal(calm, "ERROR: e1\nHINT: h3\nn4\n");
	assert_string_equal(verbose, "ERROR: e1\nWARNING: w2\nHINT: h3\nn4\nv5\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_and_numbers),
		cmocka_unit_test(prefix_keeps_the_number),
		cmocka_unit_test(log_obeys_its_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
