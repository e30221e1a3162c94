/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

#include "bpftrace/runner/options.h"
#include "bpftrace/runner/script.h"
#include "libcommon/base/alloc.h"
#include "tests/unit/tree.h"

/* A session that shall read what the options name. */
static struct session session_of(const struct options *options)
{
	struct session session = fixture_session();

	session.options = options;
	return session;
}

static void the_text_of_an_option(void **state _unused_)
{
	const struct options options = {.text = "BEGIN { }"};
	_cleanup_session_ struct session session = session_of(&options);

	assert_success(script_read(&session));
	assert_string_equal(session.request.name, "stdin");
	assert_string_equal(session.request.text, "BEGIN { }");
	assert_int_equal(session.request.length, 9);
}

/* Of any length and with any bytes; behind them is a NUL byte. */
static void files(void **state _unused_)
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_free_ char *path = xasprintf("%s/script.bt", tree.path);
	const struct options options = {.file = path};
	static const size_t lengths[] = {0, 1, 65535, 65536, 65537, 300000};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		_cleanup_session_ struct session session = session_of(&options);
		_cleanup_free_ char *bytes = malloc(lengths[i] + 1);

		for (size_t at = 0; at < lengths[i]; at++)
			bytes[at] = (char)(at * 7);
		tree_write(&tree, "/script.bt", bytes, lengths[i]);
		assert_success(script_read(&session));
		assert_string_equal(session.request.name, path);
		assert_int_equal(session.request.length, lengths[i]);
		assert_memory_equal(session.request.text, bytes, lengths[i]);
		assert_int_equal(session.request.text[lengths[i]], '\0');
	}
}

static void standard_input(void **state _unused_)
{
	const struct options options = {.file = "-"};
	_cleanup_session_ struct session session = session_of(&options);
	_cleanup_close_ int before = dup(STDIN_FILENO);
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	assert_int_equal(write(ends[1], "END { }", 7), 7);
	close(ends[1]);
	assert_success(script_read(&session));
	dup2(before, STDIN_FILENO);
	assert_string_equal(session.request.name, "stdin");
	assert_string_equal(session.request.text, "END { }");
	assert_int_equal(session.request.length, 7);
}

static void what_cannot_be_read(void **state _unused_)
{
	struct options options = {.file = "/none/x.bt"};
	_cleanup_session_ struct session session = session_of(&options);

	assert_failure(script_read(&session),
		"failed to open file '/none/x.bt': No such file or directory");
	options.file = "/";
	assert_failure(script_read(&session), "cannot read '/': Is a directory");
	assert_null(session.request.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_of_an_option),
		cmocka_unit_test(files),
		cmocka_unit_test(standard_input),
		cmocka_unit_test(what_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
