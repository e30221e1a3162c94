/* SPDX-License-Identifier: Apache-2.0 */
/* The notes of kernels, whole and cut off. */
#include "tests/unit/unit.h"

#include "libcommon/elf/kernel_file.h"
#include "tests/unit/tree.h"

/* A note of another owner, then the build id. */
static const char notes[] = "\x06\0\0\0\x01\0\0\0\x03\0\0\0Linux\0\0\0\x01\0\0\0"
			    "\x04\0\0\0\x05\0\0\0\x03\0\0\0GNU\0\x01\x02\x03\x04\x05\0\0";

static struct build_id id_of(const void *data, size_t size)
{
	struct tree tree = tree_make();
	_cleanup_host_ struct host host = HOST_INIT;

	if (data)
		tree_write(&tree, "/sys/kernel/notes", data, size);
	assert_success(host_open_root(tree.path, &host));

	struct build_id id = kernel_file_id(&host);

	tree_remove(&tree);
	return id;
}

static void the_id_among_notes(void **state _unused_)
{
	struct build_id id = id_of(notes, sizeof(notes));

	assert_int_equal(id.size, 5);
	assert_memory_equal(id.bytes, "\x01\x02\x03\x04\x05", 5);
}

static void notes_that_are_cut_off(void **state _unused_)
{
	for (size_t size = 0; size < sizeof(notes) - 1; size++)
		assert_int_equal(id_of(notes, size).size, 0);
	assert_int_equal(id_of(NULL, 0).size, 0);
	assert_int_equal(id_of("\xff\xff\xff\xff\xff\xff\xff\xff\x03\0\0\0GNU", 16).size, 0);
}

static void paths_end(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_host_ struct host host = HOST_INIT;
	size_t count = 0;

	assert_success(host_open_root("/", &host));
	while (kernel_file_path(&host, count, &arena))
		count++;
	assert_in_range(count, 3, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_id_among_notes),
		cmocka_unit_test(notes_that_are_cut_off),
		cmocka_unit_test(paths_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
