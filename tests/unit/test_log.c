/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <sys/mman.h>

#include "libcommon/base/color.h"
#include "libcommon/base/log.h"
#include "libcommon/base/str.h"

/* Every kind of message once. */
static void say_all(void)
{
	log_error("%d", 1);
	log_warning("%s", "two");
	log_hint("three");
	log_notice("four %%");
	log_verbose("five");
}

/* What they say with these settings, read from a file that stands in for stderr. */
static void assert_said(struct log_settings settings, const char *text)
{
	_cleanup_close_ int file = memfd_create("said", MFD_CLOEXEC), before = dup(STDERR_FILENO);
	char said[256] = "";

	assert_true(file >= 0 && before >= 0);
	dup2(file, STDERR_FILENO);
	log_settings = settings;
	say_all();
	fflush(stderr);
	log_settings = (struct log_settings){};
	dup2(before, STDERR_FILENO);
	assert_true(pread(file, said, sizeof(said) - 1, 0) >= 0);
	assert_string_equal(said, text);
}

static void what_is_said(void **state _unused_)
{
	assert_said((struct log_settings){}, "ERROR: 1\nWARNING: two\nHINT: three\nfour %\n");
	assert_said((struct log_settings){.quiet = true}, "ERROR: 1\nWARNING: two\nHINT: three\n");
	assert_said((struct log_settings){.no_warnings = true}, "ERROR: 1\nHINT: three\nfour %\n");
	assert_said((struct log_settings){.verbose = 1},
		"ERROR: 1\nWARNING: two\nHINT: three\nfour %\nfive\n");
}

static void labels_are_colored(void **state _unused_)
{
	color_used = true;
	assert_said((struct log_settings){}, "\033[1;31mERROR:\033[0m 1\n"
					     "\033[1;33mWARNING:\033[0m two\n"
					     "HINT: three\nfour %\n");
	color_used = false;
}

/* Standard error of the test is no terminal, or TERM and NO_COLOR decide. */
static void words_of_color(void **state _unused_)
{
	assert_null(color_set("always"));
	assert_string_equal(color_when(), "always");
	setenv("NO_COLOR", "1", 1);
	assert_null(color_set("auto"));
	assert_string_equal(color_when(), "never");
	assert_null(color_set("never"));
	assert_false(color_used);
	_cleanup_error_ struct error *error = color_set("yes");

	assert_string_equal(error->message, "--color takes auto, always or never, not 'yes'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said),
		cmocka_unit_test(labels_are_colored),
		cmocka_unit_test(words_of_color),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
