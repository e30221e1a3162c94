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
	_cleanup_session_ struct session session = fixture_session();
	struct types *types = session.bundle.types;
	uint32_t u64 = types_integer(types, 8, false), s64 = types_integer(types, 8, true);
	_cleanup_map_content_ struct map_content content = fixture_map(&session, "@", u64, s64);
	_cleanup_free_ uint32_t *all = NULL;

	fill(&content);
	assert_int_equal(order_content(types, &content, 0, &all), COUNT);
	for (size_t i = 1; i < COUNT; i++) {
		int64_t before = value_at(&content, all[i - 1]), value = value_at(&content, all[i]);

		assert_true(before < value ||
			    (before == value &&
				    key_at(&content, all[i - 1]) < key_at(&content, all[i])));
	}
	for (size_t top = 1; top <= COUNT + 1; top += top < 20 ? 1 : 163) {
		_cleanup_free_ uint32_t *some = NULL;
		size_t shown = MIN(top, (size_t)COUNT);

		assert_int_equal(order_content(types, &content, top, &some), shown);
		assert_memory_equal(some, all + COUNT - shown, shown * sizeof(*some));
	}
}

static void nothing_to_order(void **state _unused_)
{
	_cleanup_session_ struct session session = fixture_session();
	struct types *types = session.bundle.types;
	uint32_t u64 = types_integer(types, 8, false);
	_cleanup_map_content_ struct map_content content = fixture_map(&session, "@", u64, u64);
	_cleanup_free_ uint32_t *all = NULL;
	_cleanup_free_ uint32_t *some = NULL;

	assert_int_equal(order_content(types, &content, 0, &all), 0);
	assert_int_equal(order_content(types, &content, 5, &some), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_top_is_the_end_of_all),
		cmocka_unit_test(nothing_to_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
