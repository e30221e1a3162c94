/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "libcommon/types/types.h"

static struct types *types;

static int start(void **state _unused_)
{
	types = types_new(NULL);
	return 0;
}

static int stop(void **state _unused_)
{
	types_free(types);
	types = NULL;
	return 0;
}

static uint32_t integer(uint32_t bytes, bool is_signed)
{
	return types_integer(types, bytes, is_signed);
}

/* The order of the sides does not matter. */
static void assert_join(uint32_t a, uint32_t b, uint32_t joined)
{
	assert_int_equal(types_join(types, a, b), joined);
	assert_int_equal(types_join(types, b, a), joined);
}

static void unknown_joins_with_all(void **state _unused_)
{
	uint32_t string = types_string(types, 4);

	assert_join(0, string, string);
	assert_join(0, 0, 0);
	assert_join(string, string, string);
}

static void integers_widen(void **state _unused_)
{
	assert_join(integer(4, true), integer(8, true), integer(8, true));
	assert_join(integer(4, true), integer(4, false), integer(8, true));
	assert_join(integer(1, true), integer(2, false), integer(4, true));
	assert_join(integer(4, true), integer(1, false), integer(4, true));
	assert_join(integer(8, true), integer(4, false), integer(8, true));
	assert_join(integer(8, false), integer(4, true), integer(8, true));
	assert_join(integer(8, false), integer(8, true), integer(8, true));
}

/* They give way to uint64, which gives way to int64. */
static void widened_integers_join(void **state _unused_)
{
	uint32_t number = types_widened(types, 8, true), kept = types_widened(types, 1, true);

	assert_join(number, number, number);
	assert_join(kept, kept, kept);
	assert_join(number, kept, number);
	assert_join(number, integer(4, false), number);
	assert_join(number, integer(8, false), integer(8, false));
	assert_join(kept, integer(8, false), integer(8, false));
	assert_join(number, integer(1, true), integer(8, true));
	assert_join(number, integer(8, true), integer(8, true));
}

/* However a slot is joined with integers, it grows, and the order does not matter. */
static void integers_only_grow(void **state _unused_)
{
	uint32_t all[10];

	for (uint32_t i = 0; i < 8; i++)
		all[i] = integer(1u << (i / 2), i % 2 == 0);
	all[8] = types_widened(types, 8, true);
	all[9] = types_widened(types, 2, true);
	for (uint32_t a = 0; a < 10; a++) {
		for (uint32_t b = 0; b < 10; b++) {
			uint32_t joined = types_join(types, all[a], all[b]);

			assert_true(types_size(types, joined) >= types_size(types, all[a]));
			assert_int_equal(types_join(types, joined, all[a]), joined);
			assert_int_equal(types_join(types, all[b], joined), joined);
			for (uint32_t c = 0; c < 10; c++)
				assert_int_equal(types_join(types, joined, all[c]),
					types_join(
						types, all[a], types_join(types, all[b], all[c])));
		}
	}
}

static void bools_and_enums_become_integers(void **state _unused_)
{
	const struct types_constant constants[] = {{"A", 0}, {"B", 1}};
	uint32_t one = types_enum(types, "one", constants, 2);
	uint32_t other = types_enum(types, "other", constants, 2);
	uint32_t named = types_find(types, NULL, "bool");

	assert_true(types_is_bool(types, types_bool(types)));
	assert_false(types_is_bool(types, integer(1, false)));
	assert_join(types_bool(types), types_bool(types), types_bool(types));
	assert_join(types_bool(types), named, types_bool(types));
	assert_join(types_bool(types), integer(1, false), integer(1, false));
	assert_join(types_bool(types), integer(8, true), integer(8, true));
	assert_join(one, one, one);
	assert_join(one, other, integer(4, false));
	assert_join(one, types_bool(types), integer(4, false));
	assert_join(one, integer(8, true), integer(8, true));
}

static void strings_take_the_longer(void **state _unused_)
{
	assert_join(types_string(types, 3), types_string(types, 16), types_string(types, 16));
	assert_join(types_string(types, 3), integer(8, true), 0);
}

static void tuples_join_by_member(void **state _unused_)
{
	const uint32_t one[] = {integer(4, true), types_string(types, 3)};
	const uint32_t other[] = {integer(8, true), types_string(types, 2)};
	const uint32_t both[] = {integer(8, true), types_string(types, 3)};
	const uint32_t odd[] = {types_string(types, 2), types_string(types, 2)};

	assert_join(types_tuple(types, one, 2), types_tuple(types, other, 2),
		types_tuple(types, both, 2));
	assert_join(types_tuple(types, one, 2), types_tuple(types, one, 1), 0);
	assert_join(types_tuple(types, one, 2), types_tuple(types, odd, 2), 0);

	const uint32_t nested[] = {types_tuple(types, one, 2), integer(8, true)};
	const uint32_t nested_other[] = {types_tuple(types, other, 2), integer(8, true)};
	const uint32_t nested_both[] = {types_tuple(types, both, 2), integer(8, true)};

	assert_join(types_tuple(types, nested, 2), types_tuple(types, nested_other, 2),
		types_tuple(types, nested_both, 2));
}

static uint32_t record(
	const char *first, uint32_t first_type, const char *second, uint32_t second_type)
{
	const struct types_field fields[] = {{first, first_type}, {second, second_type}};

	return types_record(types, fields, 2);
}

/* In the order of the first one. */
static void records_join_by_name(void **state _unused_)
{
	uint32_t byte = integer(1, true), word = integer(8, true), text = types_string(types, 4);
	uint32_t a = record("a", byte, "b", text), b = record("b", text, "a", word);

	assert_true(types_is_record(types, a));
	assert_false(types_is_record(types, types_tuple(types, &byte, 1)));
	assert_int_equal(types_join(types, a, b), record("a", word, "b", text));
	assert_int_equal(types_join(types, b, a), b);
	assert_join(a, record("a", byte, "c", text), 0);
	assert_join(a, record("a", text, "b", text), 0);
	assert_join(a, byte, 0);
}

static void pointers_to_the_same(void **state _unused_)
{
	uint32_t bytes = types_pointer(types, integer(1, false), ADDRESS_KERNEL);
	uint32_t user = types_pointer(types, integer(1, false), ADDRESS_USER);
	uint32_t words = types_pointer(types, integer(8, false), ADDRESS_KERNEL);

	assert_join(bytes, integer(8, true), bytes);
	assert_join(bytes, words, 0);
	assert_join(bytes, user, 0);
	assert_join(bytes, types_string(types, 8), 0);
}

/* A struct's definition and its declaration are one thing to point to. */
static void declarations_are_completed(void **state _unused_)
{
	struct types_member x = {.name = "x", .type = integer(4, true)};
	uint32_t known = types_composite(types, "struct", "known", &x, 1, 4);

	assert_true(types_define(types, "struct", "known", known));

	uint32_t full = types_pointer(types, types_find(types, "struct", "known"), ADDRESS_KERNEL);
	uint32_t declared =
		types_pointer(types, types_forward(types, "struct", "known"), ADDRESS_KERNEL);
	uint32_t other =
		types_pointer(types, types_forward(types, "struct", "unknown"), ADDRESS_KERNEL);
	uint32_t same_name =
		types_pointer(types, types_forward(types, "union", "known"), ADDRESS_KERNEL);

	assert_int_not_equal(full, declared);
	assert_int_equal(types_join(types, full, declared), full);
	assert_int_equal(types_join(types, declared, full), declared);
	assert_join(full, other, 0);
	assert_join(declared, same_name, 0);
}

static void meanings_join_with_their_like(void **state _unused_)
{
	uint32_t form = types_array(types, integer(8, false), 4);
	uint32_t hist = types_with_meaning(types, MEANING_HIST, form, "bits=1");
	uint32_t other = types_with_meaning(types, MEANING_HIST, form, "bits=2");
	uint32_t probe = types_with_meaning(types, MEANING_PROBE, integer(8, false), NULL);

	assert_join(hist, hist, hist);
	assert_join(hist, other, 0);
	assert_join(probe, integer(8, false), 0);
	assert_join(form, hist, 0);
}

/* As integers do: unsigned wins. */
static void aggregations_join_by_their_numbers(void **state _unused_)
{
	const struct types_field one[] = {{"sum", integer(8, true)}};
	uint32_t form = types_struct(types, "sum", one, 1);
	uint32_t sum = types_with_meaning(types, MEANING_SUM, form, NULL);
	uint32_t other = types_with_meaning(types, MEANING_SUM, form, AGGREGATION_UNSIGNED);
	uint32_t max = types_with_meaning(types, MEANING_MAX, form, NULL);

	assert_join(sum, sum, sum);
	assert_join(sum, other, other);
	assert_join(other, sum, other);
	assert_join(sum, max, 0);
}

static void arrays_join_with_their_like(void **state _unused_)
{
	uint32_t array = types_array(types, integer(4, true), 4);

	assert_join(array, types_array(types, integer(4, false), 4), 0);
	assert_join(array, types_array(types, integer(4, true), 5), 0);
	assert_join(array, types_find(types, NULL, "int"), 0);

	uint32_t ints = types_array(types, types_find(types, NULL, "int"), 4);

	assert_int_not_equal(array, ints);
	assert_int_equal(types_join(types, array, ints), array);
}

#define test_with_types(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_with_types(unknown_joins_with_all),
		test_with_types(integers_widen),
		test_with_types(widened_integers_join),
		test_with_types(integers_only_grow),
		test_with_types(bools_and_enums_become_integers),
		test_with_types(strings_take_the_longer),
		test_with_types(tuples_join_by_member),
		test_with_types(records_join_by_name),
		test_with_types(pointers_to_the_same),
		test_with_types(declarations_are_completed),
		test_with_types(meanings_join_with_their_like),
		test_with_types(aggregations_join_by_their_numbers),
		test_with_types(arrays_join_with_their_like),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
