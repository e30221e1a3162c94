/* SPDX-License-Identifier: Apache-2.0 */
#include "bpftrace/runner/options.h"
#include "bpftrace/runner/script.h"
#include "libcommon/base/alloc.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

/* What options name, and what is read of it. */
struct script {
	const struct options *options;
	struct arena arena;
	struct request request;
};

static void script_deinit(struct script *script)
{
	arena_deinit(&script->arena);
}

#define _cleanup_script_ _cleanup_(script_deinit)

static struct error *read_script(struct script *script)
{
	return script_read(script->options, &script->arena, &script->request);
}

static void the_text_of_an_option(void **state _unused_)
{
	const struct options options = {.text = "BEGIN { }"};
	_cleanup_script_ struct script script = {.options = &options};

	assert_success(read_script(&script));
	assert_string_equal(script.request.name, "stdin");
	assert_string_equal(script.request.text, "BEGIN { }");
	assert_int_equal(script.request.length, 9);
}

/* Of any length and with any bytes but NUL; behind them is a NUL byte. */
static void files(void **state _unused_)
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_free_ char *path = xasprintf("%s/script.bt", tree.path);
	const struct options options = {.file = path};
	static const size_t lengths[] = {0, 1, 65535, 65536, 65537, 300000};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		_cleanup_script_ struct script script = {.options = &options};
		_cleanup_free_ char *bytes = malloc(lengths[i] + 1);

		for (size_t at = 0; at < lengths[i]; at++)
			bytes[at] = (char)(at * 7 | 1);
		tree_write(&tree, "/script.bt", bytes, lengths[i]);
		assert_success(read_script(&script));
		assert_string_equal(script.request.name, path);
		assert_int_equal(script.request.length, lengths[i]);
		assert_memory_equal(script.request.text, bytes, lengths[i]);
		assert_int_equal(script.request.text[lengths[i]], '\0');
	}
}

/* A NUL byte ends the reading with its block, unless it is a saved bundle. */
static void no_text(void **state _unused_)
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_free_ char *path = xasprintf("%s/script.bt", tree.path);
	_cleanup_free_ char *bytes = calloc(1, 300000);
	const struct options zeros = {.file = "/dev/zero"}, file = {.file = path};
	_cleanup_script_ struct script first = {.options = &zeros};
	_cleanup_script_ struct script second = {.options = &file};

	assert_success(read_script(&first));
	assert_int_equal(first.request.length, 4096);
	memcpy(bytes, "\177ELF", 4);
	tree_write(&tree, "/script.bt", bytes, 300000);
	assert_success(read_script(&second));
	assert_int_equal(second.request.length, 300000);
}

/* Up to 16 MB, the greatest length that is accepted. */
static void too_large(void **state _unused_)
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_free_ char *path = xasprintf("%s/script.bt", tree.path);
	enum { MOST = 16 << 20 };
	_cleanup_free_ char *bytes = malloc(MOST + 1);
	const struct options options = {.file = path};
	_cleanup_script_ struct script first = {.options = &options};
	_cleanup_script_ struct script second = {.options = &options};
	_cleanup_free_ char *message =
		xasprintf("'%s' is larger than 16 MB, too large for a script", path);

	memset(bytes, ' ', MOST + 1);
	tree_write(&tree, "/script.bt", bytes, MOST);
	assert_success(read_script(&first));
	assert_int_equal(first.request.length, MOST);
	tree_write(&tree, "/script.bt", bytes, MOST + 1);
	assert_failure(read_script(&second), message);
}

static void standard_input(void **state _unused_)
{
	const struct options options = {.file = "-"};
	_cleanup_script_ struct script script = {.options = &options};
	_cleanup_close_ int before = dup(STDIN_FILENO);
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	assert_int_equal(write(ends[1], "END { }", 7), 7);
	close(ends[1]);
	assert_success(read_script(&script));
	dup2(before, STDIN_FILENO);
	assert_string_equal(script.request.name, "stdin");
	assert_string_equal(script.request.text, "END { }");
	assert_int_equal(script.request.length, 7);
}

static void what_cannot_be_read(void **state _unused_)
{
	struct options options = {.file = "/none/x.bt"};
	_cleanup_script_ struct script script = {.options = &options};

	assert_failure(read_script(&script),
		"failed to open file '/none/x.bt': No such file or directory");
	options.file = "/";
	assert_failure(read_script(&script), "cannot read '/': Is a directory");
	assert_null(script.request.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_of_an_option),
		cmocka_unit_test(files),
		cmocka_unit_test(no_text),
		cmocka_unit_test(too_large),
		cmocka_unit_test(standard_input),
		cmocka_unit_test(what_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
