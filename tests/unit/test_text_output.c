/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

static void values(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct output *out = fixture_output(&shown, "text");
	uint32_t s64 = types_integer(shown.traced.bundle.types, 8, true);
	int64_t number = -3;

	out->ops->attached(out, 5);
	out->ops->printed(out, "printf", "a\0b\n", 4);
	out->ops->value(out, &(struct value){.reader = &out->reader, .type = s64, .data = &number});
	output_flush(out);

	char written[16] = {};

	assert_int_equal(pread(out->fd, written, sizeof(written), 0), 7);
	assert_memory_equal(written, "a\0b\n-3\n", 7);
}

static void single_values(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	uint32_t s64 = types_integer(shown.traced.bundle.types, 8, true);
	_cleanup_map_content_ struct map_content named = fixture_map(&shown, "@a", 0, s64);
	_cleanup_map_content_ struct map_content unnamed = fixture_map(&shown, "@", 0, s64);
	int64_t number = 7;

	fixture_output(&shown, "text");
	fixture_element(&named, "", &number);
	fixture_element(&unnamed, "", &number);
	fixture_show(&shown, &named, 0, 1);
	fixture_show(&shown, &unnamed, 0, 1);
	fixture_show(&shown, &named, 3, 2);
	assert_written(&shown, "@a: 7\n@: 7\n@a: 3\n");
}

/* By value, equal ones by key; keys that are tuples without parentheses, strings without quotes. */
static void keyed_values(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t s64 = types_integer(types, 8, true);
	const uint32_t parts[] = {s64, types_string(types, 8)};
	_cleanup_map_content_ struct map_content content =
		fixture_map(&shown, "@t", types_tuple(types, parts, 2), s64);
	static const struct {
		struct {
			int64_t number;
			char text[8];
		} key;
		int64_t value;
	} elements[] = {{{1, "k"}, 5}, {{2, "b"}, -1}, {{2, "a"}, 5}, {{-1, "z"}, 5},
		{{1, "kk"}, 5}, {{7, ""}, 100}};

	fixture_output(&shown, "text");
	for (size_t i = 0; i < ARRAY_SIZE(elements); i++)
		fixture_element(&content, &elements[i].key, &elements[i].value);
	fixture_show(&shown, &content, 0, 1);
	assert_written(&shown, "@t[2, b]: -1\n"
			       "@t[-1, z]: 5\n"
			       "@t[1, k]: 5\n"
			       "@t[1, kk]: 5\n"
			       "@t[2, a]: 5\n"
			       "@t[7, ]: 100\n");
	fixture_show(&shown, &content, 2, 10);
	assert_written(&shown, "@t[2, a]: 0\n@t[7, ]: 10\n");
	fixture_show(&shown, &content, 100, 0);
	assert_written(&shown, "@t[2, b]: -1\n"
			       "@t[-1, z]: 5\n"
			       "@t[1, k]: 5\n"
			       "@t[1, kk]: 5\n"
			       "@t[2, a]: 5\n"
			       "@t[7, ]: 100\n");
}

/* Values that are no numbers have no order of their own: the keys' is taken. Strings with a common
 * beginning differ further on. */
static void ordered_by_key(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	_cleanup_map_content_ struct map_content content =
		fixture_map(&shown, "@s", types_string(types, 16), types_string(types, 4));

	fixture_output(&shown, "text");
	fixture_element(&content, (char[16]){"the same 22"}, (char[4]){"x"});
	fixture_element(&content, (char[16]){"the same 11"}, (char[4]){"z"});
	fixture_element(&content, (char[16]){"\xc3\xa9"}, (char[4]){"y"});
	fixture_show(&shown, &content, 0, 10);
	assert_written(&shown, "@s[the same 11]: z\n@s[the same 22]: x\n@s[\xc3\xa9]: y\n");
}

static void unsigned_values_are_ordered_as_such(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t u64 = types_integer(types, 8, false), u8 = types_integer(types, 1, false);
	_cleanup_map_content_ struct map_content content = fixture_map(&shown, "@u", u8, u64);
	static const uint64_t numbers[] = {UINT64_MAX, 5, 200};

	fixture_output(&shown, "text");
	for (unsigned char i = 0; i < 3; i++)
		fixture_element(&content, &(unsigned char){200 + i}, &numbers[i]);
	fixture_show(&shown, &content, 0, 1);
	assert_written(&shown, "@u[201]: 5\n@u[202]: 200\n@u[200]: 18446744073709551615\n");
}

static void aggregations(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	uint32_t s32 = types_integer(shown.traced.bundle.types, 4, true);
	_cleanup_map_content_ struct map_content single =
		fixture_map(&shown, "@s", 0, fixture_aggregate(&shown, MEANING_STATS));
	_cleanup_map_content_ struct map_content keyed =
		fixture_map(&shown, "@k", s32, fixture_aggregate(&shown, MEANING_AVG));

	fixture_output(&shown, "text");
	fixture_element(&single, "", (uint64_t[]){1, 5});
	fixture_element(&keyed, &(int){1}, (uint64_t[]){2, 20});
	fixture_element(&keyed, &(int){2}, (uint64_t[]){1, 3});
	fixture_show(&shown, &single, 0, 1);
	fixture_show(&shown, &keyed, 0, 1);
	assert_written(&shown, "@s: count 1, average 5, total 5\n@k[2]: 3\n@k[1]: 10\n");
}

#define FULL_BAR "|@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"

/* One block per key, an empty line behind each, the one that counted most last. */
static void histograms(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t hist = fixture_histogram(&shown, MEANING_HIST, 66, "bits=0");
	_cleanup_map_content_ struct map_content single = fixture_map(&shown, "@h", 0, hist);
	_cleanup_map_content_ struct map_content keyed =
		fixture_map(&shown, "@k", types_string(types, 4), hist);
	uint64_t twice[66] = {[3] = 2}, once[66] = {[10] = 1}, never[66] = {};

	fixture_output(&shown, "text");
	fixture_element(&single, "", twice);
	fixture_element(&keyed, (char[4]){"a"}, twice);
	fixture_element(&keyed, (char[4]){"b"}, once);
	fixture_element(&keyed, (char[4]){"c"}, never);
	fixture_show(&shown, &single, 0, 1);
	assert_written(&shown, "@h:\n[2, 4)                 2 " FULL_BAR "\n");
	fixture_show(&shown, &keyed, 0, 1);
	assert_written(&shown, "@k[c]:\n\n"
			       "@k[b]:\n[256, 512)             1 " FULL_BAR "\n"
			       "@k[a]:\n[2, 4)                 2 " FULL_BAR "\n");
}

/* As many keys as fit into no buffer, all equal in value. */
static void many_keys(void **state _unused_)
{
	enum { KEYS = 100000 };
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	uint32_t u32 = types_integer(shown.traced.bundle.types, 4, false);
	_cleanup_map_content_ struct map_content content = fixture_map(&shown, "@m", u32, u32);
	uint32_t one = 1;

	fixture_output(&shown, "text");
	for (uint32_t i = 0; i < KEYS; i++) {
		uint32_t key = i * 7919 % KEYS;

		fixture_element(&content, &key, &one);
	}
	fixture_show(&shown, &content, 0, 1);

	_cleanup_free_ char *written = fixture_written(&shown);
	const char *at = written;

	for (uint32_t i = 0; i < KEYS; i++) {
		char line[32];
		int length = snprintf(line, sizeof(line), "@m[%u]: 1\n", i);

		assert_memory_equal(at, line, length);
		at += length;
	}
	assert_string_equal(at, "");
}

static void addresses_as_keys(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t s64 = types_integer(types, 8, true);
	_cleanup_map_content_ struct map_content content =
		fixture_map(&shown, "@", types_pointer(types, s64, ADDRESS_KERNEL), s64);

	fixture_output(&shown, "text");
	fixture_element(&content, &(uint64_t){0xffff8881353dc500}, &(int64_t){1});
	fixture_show(&shown, &content, 0, 1);
	assert_written(&shown, "@[0xffff8881353dc500]: 1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(single_values),
		cmocka_unit_test(keyed_values),
		cmocka_unit_test(ordered_by_key),
		cmocka_unit_test(unsigned_values_are_ordered_as_such),
		cmocka_unit_test(aggregations),
		cmocka_unit_test(histograms),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(addresses_as_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
