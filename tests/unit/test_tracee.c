/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/runner/process/tracee.h"

/* Splits and compares with count words. */
static void splits(const char *command, size_t count, const char *const *words)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	tracee_words got = {};

	assert_success(tracee_split(command, &arena, &got));
	assert_int_equal(got.count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(got.items[i], words[i]);
	vec_deinit(&got);
}
#define assert_splits(command, ...)                                                                \
	splits(command, ARRAY_SIZE(((const char *const[]){__VA_ARGS__})),                          \
		(const char *const[]){__VA_ARGS__})

static void blanks_separate(void **state _unused_)
{
	assert_splits("/bin/ls", "/bin/ls");
	assert_splits("  a \t b\n", "a", "b");
}

static void quotes_keep(void **state _unused_)
{
	assert_splits("sh -c \"exit 3\"", "sh", "-c", "exit 3");
	assert_splits("sh -c 'echo \"x\" \\'", "sh", "-c", "echo \"x\" \\");
	assert_splits("a'b c'd", "ab cd");
	assert_splits("x '' \"\"", "x", "", "");
}

static void backslashes_take_the_next(void **state _unused_)
{
	assert_splits("a\\ b \\\"", "a b", "\"");
	assert_splits("\"a\\\"b\\n\"", "a\"b\\n");
	assert_splits("end\\", "end\\");
}

static void unfinished_is_refused(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	tracee_words words = {};

	assert_failure(tracee_split("ls \"x", &arena, &words), "-c: there is no closing \"");
	assert_failure(tracee_split("'", &arena, &words), "-c: there is no closing '");
	assert_failure(tracee_split("\"\\\"", &arena, &words), "-c: there is no closing \"");
	assert_failure(tracee_split(" \t", &arena, &words), "-c: the command is empty");
	assert_int_equal(words.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blanks_separate),
		cmocka_unit_test(quotes_keep),
		cmocka_unit_test(backslashes_take_the_next),
		cmocka_unit_test(unfinished_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
