/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "libcommon/base/hashmap.h"
#include "libcommon/base/vec.h"

struct item {
	int number;
	char padding[3];
};

static void vec_grows_and_zeroes(void **state _unused_)
{
	VEC(struct item) items = {};
	struct item *item;
	int expected = 0;

	for (int i = 0; i < 1000; i++) {
		item = vec_add(&items);
		assert_int_equal(item->number, 0);
		item->number = i;
		assert_int_equal(vec_last(&items)->number, i);
	}
	assert_int_equal(items.count, 1000);
	vec_for_each (&items, item)
		assert_int_equal(item->number, expected++);
	assert_int_equal(expected, 1000);
	vec_deinit(&items);
	assert_null(items.items);
	assert_int_equal(items.count, 0);
}

static void vec_empty_has_no_items(void **state _unused_)
{
	VEC(int) numbers = {};
	int *number;

	vec_for_each (&numbers, number)
		fail();
	vec_push(&numbers, 3);
	vec_push(&numbers, 4);
	assert_int_equal(numbers.items[0] + numbers.items[1], 7);
	vec_deinit(&numbers);
}

static void hashmap_keeps_what_is_put(void **state _unused_)
{
	_cleanup_hashmap_ struct hashmap map = HASHMAP_INIT;
	char key[32];

	for (intptr_t i = 1; i <= 5000; i++) {
		snprintf(key, sizeof(key), "key%ld", (long)i);

		void **slot = hashmap_text_slot(&map, key);

		assert_null(*slot);
		*slot = (void *)i;
	}
	assert_int_equal(map.count, 5000);
	for (intptr_t i = 1; i <= 5000; i++) {
		snprintf(key, sizeof(key), "key%ld", (long)i);
		assert_ptr_equal(hashmap_text_get(&map, key), (void *)i);
		assert_ptr_equal(*hashmap_text_slot(&map, key), (void *)i);
	}
	assert_int_equal(map.count, 5000);
	assert_null(hashmap_text_get(&map, "key0"));
}

static void hashmap_keys_are_bytes(void **state _unused_)
{
	_cleanup_hashmap_ struct hashmap map = HASHMAP_INIT;
	char key[] = "a\0b";

	assert_null(hashmap_get(&map, key, 3));
	*hashmap_slot(&map, key, 3) = &map;
	*hashmap_slot(&map, "", 0) = key;
	key[2] = 'c';
	assert_ptr_equal(hashmap_get(&map, "a\0b", 3), &map);
	assert_ptr_equal(hashmap_get(&map, "", 0), key);
	assert_null(hashmap_get(&map, "a", 1));
	assert_null(hashmap_get(&map, key, 3));
}

/* Of every length, and alike but for one byte. */
static void hashmap_tells_keys_apart(void **state _unused_)
{
	_cleanup_hashmap_ struct hashmap map = HASHMAP_INIT;
	char key[40] = "";

	for (size_t length = 0; length < sizeof(key); length++) {
		for (size_t at = 0; at < length; at++) {
			key[at] = 'x';
			*hashmap_slot(&map, key, length) = key + length;
			key[at] = '\0';
		}
	}
	assert_int_equal(map.count, 39 * 40 / 2);
	key[7] = 'x';
	assert_ptr_equal(hashmap_get(&map, key, 8), key + 8);
	assert_ptr_equal(hashmap_get(&map, key, 9), key + 9);
	assert_null(hashmap_get(&map, key, 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vec_grows_and_zeroes),
		cmocka_unit_test(vec_empty_has_no_items),
		cmocka_unit_test(hashmap_keeps_what_is_put),
		cmocka_unit_test(hashmap_keys_are_bytes),
		cmocka_unit_test(hashmap_tells_keys_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
