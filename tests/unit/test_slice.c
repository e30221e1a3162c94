/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libcommon/base/io.h"
#include "libcommon/base/slice.h"

/* Compared within their length: what follows in memory does not belong to them. */
static void compared_with_texts(void **state _unused_)
{
	const struct slice word = {"map lookup", 3}, empty = {"map", 0};

	assert_true(slice_is(word, "map"));
	assert_false(slice_is(word, "map lookup"));
	assert_false(slice_is(word, "ma"));
	assert_true(slice_is(empty, ""));
	assert_true(slice_begins(word, "ma"));
	assert_false(slice_begins(word, "map "));
	assert_true(slice_begins(word, ""));
	assert_true(slice_contains(word, "ap"));
	assert_false(slice_contains(word, "lookup"));
}

static void trimmed(void **state _unused_)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {{"", ""}, {" \t\r\n", ""}, {"a", "a"}, {"\ta b ", "a b"}, {" a", "a"}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct slice slice = {cases[i].text, strlen(cases[i].text)};

		assert_true(slice_is(slice_trim(slice), cases[i].expected));
	}
}

static void written_whole(void **state _unused_)
{
	enum { SIZE = 300000 };
	_cleanup_free_ char *data = malloc(SIZE), *got = malloc(SIZE);
	_cleanup_close_ int fd = memfd_create("io", MFD_CLOEXEC);
	_cleanup_close_ int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	memset(data, 'x', SIZE);
	assert_success(io_write_all(fd, data, SIZE, "it"));
	assert_int_equal(pread(fd, got, SIZE, 0), SIZE);
	assert_memory_equal(got, data, SIZE);
	assert_failure(
		io_write_all(full, data, 1, "x.o"), "cannot write x.o: No space left on device");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compared_with_texts),
		cmocka_unit_test(trimmed),
		cmocka_unit_test(written_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
