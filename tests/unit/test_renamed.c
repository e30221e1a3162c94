/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "libcommon/probes/renamed.h"

static const char *library(const char *name, struct arena *arena)
{
	struct renamed renamed = {};

	return renamed_library(name, arena, &renamed) ? renamed.now : "";
}

static void libraries(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;

	assert_string_equal(library("libpthread", &arena), "libc");
	assert_string_equal(library("libpthread.so.0", &arena), "libc");
	assert_string_equal(library("/lib/libdl-2.31.so", &arena), "/lib/libc.so.6");
	assert_string_equal(library("/libpthread/librt.so.1", &arena), "/libpthread/libc.so.6");
	assert_string_equal(library("libpthreads", &arena), "");
	assert_string_equal(library("libc", &arena), "");
	assert_string_equal(library("", &arena), "");
	assert_string_equal(library("/", &arena), "");
}

static void members(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct renamed renamed;

	assert_true(renamed_member("struct task_struct", "state", &arena, &renamed));
	assert_string_equal(renamed.now, "__state");
	assert_string_equal(renamed.first, "__state");
	assert_string_equal(renamed.since, "Linux 5.14");
	assert_true(renamed_member("struct bio", "bi_disk", &arena, &renamed));
	assert_string_equal(renamed.now, "bi_bdev->bd_disk");
	assert_string_equal(renamed.first, "bi_bdev");
	assert_false(renamed_member("struct bio", "state", &arena, &renamed));
	assert_false(renamed_member("struct task_struct", "", &arena, &renamed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(libraries),
		cmocka_unit_test(members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
