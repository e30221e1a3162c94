/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

enum { COUNT = 1000 };

/* Numbers that repeat, in no order. */
static void fill(struct map_content *content)
{
	uint32_t state = 7;

	for (uint64_t key = 0; key < COUNT; key++) {
		state = state * 1103515245 + 12345;

		int64_t value = (int64_t)(state >> 16) % 50 - 25;

		fixture_element(content, &(uint64_t){key * 7919 % COUNT}, &value);
	}
}

static int64_t value_at(const struct map_content *content, uint32_t index)
{
	int64_t value;

	memcpy(&value, content->values.data + index * sizeof(value), sizeof(value));
	return value;
}

static uint64_t key_at(const struct map_content *content, uint32_t index)
{
	uint64_t key;

	memcpy(&key, content->keys.data + index * sizeof(key), sizeof(key));
	return key;
}

/* However few are asked for, they are the last ones of all. */
static void a_top_is_the_end_of_all(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct value_reader reader = {.bundle = &shown.traced.bundle};
	struct types *types = shown.traced.bundle.types;
	uint32_t u64 = types_integer(types, 8, false), s64 = types_integer(types, 8, true);
	_cleanup_map_content_ struct map_content content = fixture_map(&shown, "@", u64, s64);
	_cleanup_free_ uint32_t *all = NULL;

	fill(&content);
	assert_int_equal(order_content(&reader, &content, 0, &all), COUNT);
	for (size_t i = 1; i < COUNT; i++) {
		int64_t before = value_at(&content, all[i - 1]), value = value_at(&content, all[i]);

		assert_true(before < value ||
			    (before == value &&
				    key_at(&content, all[i - 1]) < key_at(&content, all[i])));
	}
	for (size_t top = 1; top <= COUNT + 1; top += top < 20 ? 1 : 163) {
		_cleanup_free_ uint32_t *some = NULL;
		size_t left = MIN(top, (size_t)COUNT);

		assert_int_equal(order_content(&reader, &content, top, &some), left);
		assert_memory_equal(some, all + COUNT - left, left * sizeof(*some));
	}
}

/* By their spelling, whatever their numbers are. */
static void names_in_keys(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct value_reader reader = {.bundle = &shown.traced.bundle};
	struct types *types = shown.traced.bundle.types;
	uint32_t u64 = types_integer(types, 8, false);
	uint32_t func = types_with_meaning(types, MEANING_FUNC, u64, NULL);
	_cleanup_map_content_ struct map_content content = fixture_map(&shown, "@", func, u64);
	static const char *const names[] = {"vfs_write", "vfs_read", "do_exit", "vfs_readv"};
	static const uint32_t expected[] = {2, 1, 3, 0};
	_cleanup_free_ uint32_t *all = NULL;

	for (uint64_t i = 0; i < ARRAY_SIZE(names); i++) {
		uint64_t number = i + 1, one = 1;

		fixture_name(&shown, names[i]);
		fixture_element(&content, &number, &one);
	}
	assert_int_equal(order_content(&reader, &content, 0, &all), ARRAY_SIZE(names));
	assert_memory_equal(all, expected, sizeof(expected));
}

static void nothing_to_order(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct value_reader reader = {.bundle = &shown.traced.bundle};
	struct types *types = shown.traced.bundle.types;
	uint32_t u64 = types_integer(types, 8, false);
	_cleanup_map_content_ struct map_content content = fixture_map(&shown, "@", u64, u64);
	_cleanup_free_ uint32_t *all = NULL;
	_cleanup_free_ uint32_t *some = NULL;

	assert_int_equal(order_content(&reader, &content, 0, &all), 0);
	assert_int_equal(order_content(&reader, &content, 5, &some), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_top_is_the_end_of_all),
		cmocka_unit_test(names_in_keys),
		cmocka_unit_test(nothing_to_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
