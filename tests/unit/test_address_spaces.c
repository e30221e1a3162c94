/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <time.h>

#include "libcommon/symbols/address_spaces.h"

enum { LIBRARY = 1, PROGRAM = 2, OTHER = 3 };

static void map(struct address_spaces *spaces, int32_t pid, uint64_t since, uint64_t start,
	uint64_t size, uint32_t image)
{
	struct mapping mapping = {
		.start = start, .end = start + size, .since = since, .image = image};

	address_spaces_map(spaces, pid, &mapping);
}

/* The image at an address; 0 when there is none. */
static uint32_t image_at(
	const struct address_spaces *spaces, int32_t pid, uint64_t time, uint64_t address)
{
	struct mapping found = {};

	address_spaces_find(spaces, pid, time, address, &found);
	return found.image;
}

static void addresses_are_looked_up_by_time(void **state)
{
	(void)state;
	struct address_spaces *spaces = address_spaces_new(1000);

	map(spaces, 7, 10, 0x1000, 0x1000, LIBRARY);
	map(spaces, 7, 20, 0x1800, 0x1000, OTHER);
	assert_int_equal(image_at(spaces, 7, 15, 0x1900), LIBRARY);
	assert_int_equal(image_at(spaces, 7, 20, 0x1900), OTHER);
	assert_int_equal(image_at(spaces, 7, 25, 0x17ff), LIBRARY);
	assert_int_equal(image_at(spaces, 7, 25, 0x27ff), OTHER);
	assert_int_equal(image_at(spaces, 7, 25, 0x2800), 0);
	assert_int_equal(image_at(spaces, 7, 25, 0xfff), 0);
	assert_int_equal(image_at(spaces, 8, 25, 0x1000), 0);
	address_spaces_free(spaces);
}

static void a_mapping_that_was_seen_late_is_better_than_none(void **state)
{
	(void)state;
	struct address_spaces *spaces = address_spaces_new(1000);

	map(spaces, 7, 30, 0x1000, 0x1000, OTHER);
	map(spaces, 7, 10, 0x1000, 0x1000, LIBRARY);
	assert_int_equal(image_at(spaces, 7, 5, 0x1000), LIBRARY);
	assert_true(address_spaces_knows(spaces, 7, 5));
	assert_false(address_spaces_knows(spaces, 8, 5));
	address_spaces_free(spaces);
}

static void a_child_has_what_its_parent_had(void **state)
{
	(void)state;
	struct address_spaces *spaces = address_spaces_new(1000);

	map(spaces, 1, 0, 0x1000, 0x1000, LIBRARY);
	address_spaces_fork(spaces, 2, 1, 10);
	map(spaces, 1, 20, 0x1000, 0x1000, OTHER);
	map(spaces, 2, 20, 0x5000, 0x1000, PROGRAM);
	address_spaces_fork(spaces, 3, 2, 30);
	assert_int_equal(image_at(spaces, 2, 40, 0x1000), LIBRARY);
	assert_int_equal(image_at(spaces, 3, 40, 0x1000), LIBRARY);
	assert_int_equal(image_at(spaces, 3, 40, 0x5000), PROGRAM);
	assert_int_equal(image_at(spaces, 1, 40, 0x5000), 0);
	assert_int_equal(image_at(spaces, 1, 40, 0x1000), OTHER);
	address_spaces_exit(spaces, 1, 50);
	assert_int_equal(image_at(spaces, 3, 60, 0x1000), LIBRARY);
	address_spaces_free(spaces);
}

static void exec_begins_anew(void **state)
{
	(void)state;
	struct address_spaces *spaces = address_spaces_new(1000);

	map(spaces, 1, 0, 0x1000, 0x1000, LIBRARY);
	address_spaces_fork(spaces, 2, 1, 10);
	address_spaces_exec(spaces, 2, 20);
	map(spaces, 2, 21, 0x8000, 0x1000, PROGRAM);
	assert_int_equal(image_at(spaces, 2, 15, 0x1000), LIBRARY);
	assert_int_equal(image_at(spaces, 2, 25, 0x3000), 0);
	assert_int_equal(image_at(spaces, 2, 25, 0x8000), PROGRAM);
	assert_int_equal(image_at(spaces, 2, 25, 0x1000), LIBRARY);
	address_spaces_free(spaces);
}

static void a_number_that_is_used_again(void **state)
{
	(void)state;
	struct address_spaces *spaces = address_spaces_new(1000);

	address_spaces_exec(spaces, 9, 10);
	map(spaces, 9, 11, 0x1000, 0x1000, PROGRAM);
	address_spaces_exit(spaces, 9, 20);
	address_spaces_exec(spaces, 9, 30);
	map(spaces, 9, 31, 0x1000, 0x1000, OTHER);
	address_spaces_exec(spaces, 9, 40);
	address_spaces_exec(spaces, 9, 50);
	assert_int_equal(image_at(spaces, 9, 55, 0x1000), 0);
	assert_int_equal(image_at(spaces, 9, 15, 0x1000), PROGRAM);
	assert_int_equal(image_at(spaces, 9, 25, 0x1000), PROGRAM);
	assert_int_equal(image_at(spaces, 9, 35, 0x1000), OTHER);
	address_spaces_free(spaces);
}

static void records_may_come_late(void **state)
{
	(void)state;
	struct address_spaces *spaces = address_spaces_new(1000);

	map(spaces, 1, 0, 0x1000, 0x1000, LIBRARY);
	address_spaces_exec(spaces, 2, 20);
	map(spaces, 2, 21, 0x1000, 0x1000, PROGRAM);
	address_spaces_fork(spaces, 2, 1, 10);
	assert_int_equal(image_at(spaces, 2, 15, 0x1000), LIBRARY);
	assert_int_equal(image_at(spaces, 2, 25, 0x1000), PROGRAM);
	address_spaces_free(spaces);
}

static void what_a_parent_had_may_be_seen_later(void **state)
{
	(void)state;
	struct address_spaces *spaces = address_spaces_new(1000);

	address_spaces_fork(spaces, 2, 1, 10);
	map(spaces, 1, 30, 0x1000, 0x1000, LIBRARY);
	assert_int_equal(image_at(spaces, 2, 20, 0x1000), LIBRARY);
	address_spaces_free(spaces);
}

static void a_process_is_not_its_own_parent(void **state)
{
	(void)state;
	struct address_spaces *spaces = address_spaces_new(1000);

	address_spaces_fork(spaces, 5, 5, 10);
	assert_int_equal(image_at(spaces, 5, 20, 0x1000), 0);
	address_spaces_fork(spaces, 5, 5, 10);
	assert_int_equal(image_at(spaces, 5, 20, 0x1000), 0);
	address_spaces_fork(spaces, 6, 7, 10);
	address_spaces_fork(spaces, 7, 6, 10);
	address_spaces_fork(spaces, 6, 7, 5);
	assert_int_equal(image_at(spaces, 6, 20, 0x1000), 0);
	assert_int_equal(image_at(spaces, 7, 20, 0x1000), 0);
	address_spaces_free(spaces);
}

static void the_oldest_that_have_exited_go_first(void **state)
{
	(void)state;
	struct address_spaces *spaces = address_spaces_new(100);

	map(spaces, 1, 0, 0x1000, 0x1000, LIBRARY);
	for (int32_t pid = 10; pid < 1000; pid++) {
		uint64_t time = (uint64_t)pid * 10;

		address_spaces_fork(spaces, pid, 1, time);
		map(spaces, pid, time, 0x8000, 0x1000, PROGRAM);
		address_spaces_exit(spaces, pid, time + 5);
	}
	assert_int_equal(image_at(spaces, 10, 100, 0x8000), 0);
	assert_int_equal(image_at(spaces, 999, 9990, 0x8000), PROGRAM);
	assert_int_equal(image_at(spaces, 999, 9990, 0x1000), LIBRARY);
	assert_int_equal(image_at(spaces, 990, 9900, 0x8000), PROGRAM);
	assert_int_equal(image_at(spaces, 1, 9990, 0x1000), LIBRARY);
	assert_in_range(address_spaces_dropped(spaces), 990 - 50, 990 - 25);
	address_spaces_free(spaces);
}

/* A chain of children that each exit after the next was made: none may go before its child. */
static void parents_stay_as_long_as_their_children(void **state)
{
	(void)state;
	struct address_spaces *spaces = address_spaces_new(50);

	map(spaces, 1, 0, 0x1000, 0x1000, LIBRARY);
	for (int32_t pid = 2; pid < 500; pid++) {
		address_spaces_fork(spaces, pid, pid - 1, (uint64_t)pid);
		address_spaces_exit(spaces, pid - 1, (uint64_t)pid);
	}
	assert_int_equal(image_at(spaces, 499, 1000, 0x1000), LIBRARY);
	address_spaces_free(spaces);
}

static void ranges_that_are_mapped_over_and_over(void **state)
{
	(void)state;
	enum { TIMES = 300000, MS = 1000000 };
	struct address_spaces *spaces = address_spaces_new(TIMES * 2);
	uint64_t now = 0;

	map(spaces, 1, 0, 0x1000, 0x1000, LIBRARY);
	map(spaces, 1, 1, 0x100000, 0x100000, PROGRAM);
	for (uint64_t i = 1; i <= TIMES; i++) {
		now = i * 10 * MS;
		map(spaces, 1, now, 0x8000 + (i & 1) * 0x1000, 0x1000, OTHER + (uint32_t)i);
		map(spaces, 1, now, 0x180000, 0x1000, OTHER);
	}
	assert_in_range(address_spaces_size(spaces), 1, 20000);
	assert_int_equal(image_at(spaces, 1, now, 0x1000), LIBRARY);
	assert_int_equal(image_at(spaces, 1, now, 0x100000), PROGRAM);
	assert_int_equal(image_at(spaces, 1, now, 0x180000), OTHER);
	assert_int_equal(image_at(spaces, 1, now, 0x8000), OTHER + TIMES);
	for (uint64_t i = 0; i < 800; i++)
		assert_int_equal(image_at(spaces, 1, now - i * 10 * MS, 0x8000 + (i & 1) * 0x1000),
			OTHER + TIMES - i);
	assert_int_equal(address_spaces_dropped(spaces), 0);
	address_spaces_free(spaces);
}

/* Also in a process that never has two at one place. */
static void one_process_has_a_limit(void **state)
{
	(void)state;
	enum { TIMES = 300000, FRAMES = 20000 };
	struct address_spaces *spaces = address_spaces_new(TIMES * 2);

	map(spaces, 1, 0, 0x1000, 0x1000, LIBRARY);
	map(spaces, 2, 0, 0x1000, 0x1000, PROGRAM);
	for (uint64_t i = 1; i <= TIMES; i++)
		map(spaces, 1, i, 0x1000 + i * 0x1000, 0x1000, OTHER);
	assert_in_range(address_spaces_size(spaces), 1000, 20000);
	assert_int_equal(image_at(spaces, 1, TIMES, 0x1000), LIBRARY);
	assert_int_equal(image_at(spaces, 1, TIMES, 0x1000 + TIMES * UINT64_C(0x1000)), OTHER);
	assert_int_equal(image_at(spaces, 1, TIMES, 0x2000), 0);
	assert_int_equal(image_at(spaces, 2, TIMES, 0x1000), PROGRAM);
	assert_in_range(address_spaces_dropped(spaces), TIMES - 20000, TIMES);

	time_t begin = time(NULL);

	for (size_t i = 0; i < FRAMES; i++)
		assert_int_equal(image_at(spaces, 1, TIMES, 0x1000), LIBRARY);
	assert_true(time(NULL) - begin < 20);
	address_spaces_free(spaces);
}

static void one_process_may_map_many_files(void **state)
{
	(void)state;
	enum { FILES = 100000 };
	struct address_spaces *spaces = address_spaces_new(FILES * 2);

	for (uint32_t i = 1; i <= FILES; i++)
		map(spaces, 1, i, i * UINT64_C(0x1000), 0x1000, i);
	assert_in_range(address_spaces_size(spaces), 1000, 20000);
	assert_int_equal(image_at(spaces, 1, FILES, FILES * UINT64_C(0x1000)), FILES);
	address_spaces_free(spaces);
}

static void living_processes_share_the_limit(void **state)
{
	(void)state;
	struct address_spaces *spaces = address_spaces_new(1000);

	for (int32_t pid = 1; pid <= 10; pid++) {
		map(spaces, pid, 0, 0x1000, 0x1000, LIBRARY);
		for (uint64_t i = 1; i <= 500; i++)
			map(spaces, pid, i, 0x1000 + i * 0x1000, 0x1000, OTHER);
	}
	assert_in_range(address_spaces_size(spaces), 100, 1010);
	for (int32_t pid = 1; pid <= 10; pid++)
		assert_int_equal(image_at(spaces, pid, 1000, 0x1000), LIBRARY);
	assert_true(address_spaces_dropped(spaces) > 3900);
	address_spaces_free(spaces);
}

static void chains_of_forks_have_a_limit(void **state)
{
	(void)state;
	enum { LAST = 200000 };
	struct address_spaces *spaces = address_spaces_new(1000);

	map(spaces, 1, 0, 0x1000, 0x1000, LIBRARY);
	map(spaces, 1, 1000000, 0x5000, 0x1000, OTHER);
	for (int32_t pid = 2; pid <= LAST; pid++) {
		address_spaces_fork(spaces, pid, pid - 1, (uint64_t)pid);
		address_spaces_exit(spaces, pid - 1, (uint64_t)pid);
	}
	assert_in_range(address_spaces_size(spaces), 1, 1100);
	assert_int_equal(image_at(spaces, LAST, 2000000, 0x1000), LIBRARY);
	assert_int_equal(image_at(spaces, LAST, 2000000, 0x5000), 0);
	address_spaces_free(spaces);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_looked_up_by_time),
		cmocka_unit_test(a_mapping_that_was_seen_late_is_better_than_none),
		cmocka_unit_test(a_child_has_what_its_parent_had),
		cmocka_unit_test(exec_begins_anew),
		cmocka_unit_test(a_number_that_is_used_again),
		cmocka_unit_test(records_may_come_late),
		cmocka_unit_test(what_a_parent_had_may_be_seen_later),
		cmocka_unit_test(a_process_is_not_its_own_parent),
		cmocka_unit_test(the_oldest_that_have_exited_go_first),
		cmocka_unit_test(parents_stay_as_long_as_their_children),
		cmocka_unit_test(ranges_that_are_mapped_over_and_over),
		cmocka_unit_test(one_process_has_a_limit),
		cmocka_unit_test(one_process_may_map_many_files),
		cmocka_unit_test(living_processes_share_the_limit),
		cmocka_unit_test(chains_of_forks_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
