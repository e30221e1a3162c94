/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

static void printed(struct show_fixture *shown, const char *text, size_t size, const char *expected)
{
	shown->output->ops->printed(shown->output, "printf", text, size);
	assert_written(shown, expected);
}

/* Whatever a text holds, it is one field, and reads back as what it was. */
static void texts(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();

	fixture_output(&shown, "csv");
	printed(&shown, "a\n", 2, "printf,a\n");
	printed(&shown, "a\n\n", 3, "printf,\"a\n\"\n");
	printed(&shown, "", 0, "printf,\n");
	printed(&shown, "\n", 1, "printf,\n");
	printed(&shown, "a,b", 3, "printf,\"a,b\"\n");
	printed(&shown, "\"", 1, "printf,\"\"\"\"\n");
	printed(&shown, "a\r\nb", 4, "printf,\"a\r\nb\"\n");
	printed(&shown, " a", 2, "printf,\" a\"\n");
	printed(&shown, "a ", 2, "printf,\"a \"\n");
	printed(&shown, "a;b\t'c'", 7, "printf,a;b\t'c'\n");
	printed(&shown, "\xc3\xa9\xe2\x82\xac", 5, "printf,\xc3\xa9\xe2\x82\xac\n");
	printed(&shown, "a\0b", 3,
		"printf,a\xef\xbf\xbd"
		"b\n");
	printed(&shown, "\xff\xc3", 2, "printf,\xef\xbf\xbd\xef\xbf\xbd\n");
	printed(&shown, "-1", 2, "printf,-1\n");
	printed(&shown, "=1+1", 4, "printf,=1+1\n");
}

static void values(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t s64 = types_integer(types, 8, true), u64 = types_integer(types, 8, false);
	uint32_t text = types_string(types, 8);
	const uint32_t inner[] = {s64, text};
	const uint32_t outer[] = {text, types_tuple(types, inner, 2), s64};
	const struct types_field fields[] = {{"a", s64}, {"b", types_array(types, s64, 2)}};
	const struct {
		char text[8];
		int64_t number;
		char inner[8];
		int64_t last;
	} tuple = {"x", 1, "y\"", -1};
	const struct {
		int64_t a, b[2];
	} record = {1, {2, 3}};
	const struct {
		uint32_t type;
		const void *data;
		const char *expected;
	} cases[] = {
		{u64, &(uint64_t){UINT64_MAX}, "value,18446744073709551615\n"},
		{s64, &(uint64_t){UINT64_MAX}, "value,-1\n"},
		{text, "a,b", "value,\"a,b\"\n"},
		{text, "", "value,\n"},
		{types_tuple(types, outer, 3), &tuple, "value,x,\"(1, y\"\")\",-1\n"},
		{types_struct(types, "s", fields, 2), &record, "value,1,\"[2,3]\"\n"},
		{types_array(types, s64, 2), record.b, "value,\"[2,3]\"\n"},
		{types_array(types, types_array(types, s64, 1), 2), record.b,
			"value,\"[[2],[3]]\"\n"},
		{types_pointer(types, s64, ADDRESS_USER), &record.a, "value,0x1\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct value value = {.type = cases[i].type, .data = cases[i].data};
		_cleanup_free_ char *written = fixture_shown(&shown, "csv", &value);

		assert_string_equal(written, cases[i].expected);
	}
}

static void what_is_not_data(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct output *out = fixture_output(&shown, "csv");

	out->ops->attached(out, 3);
	out->ops->dump(out);
	show_loss(out, &(struct loss){.kind = LOSS_EVENTS, .count = 42});
	assert_written(&shown, "");
}

static void maps(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t s64 = types_integer(types, 8, true), text = types_string(types, 8);
	const uint32_t inner[] = {s64, text};
	const uint32_t outer[] = {s64, types_tuple(types, inner, 2)};
	_cleanup_map_content_ struct map_content single = fixture_map(&shown, "@", 0, s64);
	_cleanup_map_content_ struct map_content keyed = fixture_map(&shown, "@k", text, s64);
	_cleanup_map_content_ struct map_content nested = fixture_map(
		&shown, "@n", types_tuple(types, outer, 2), types_tuple(types, outer, 2));
	_cleanup_map_content_ struct map_content empty = fixture_map(&shown, "@e", s64, s64);
	const struct {
		int64_t number, inner;
		char text[8];
	} tuple = {-1, 2, "a,b"};

	fixture_output(&shown, "csv");
	fixture_element(&single, "", &(int64_t){20});
	fixture_element(&keyed, (char[8]){"b\nc"}, &(int64_t){7});
	fixture_element(&keyed, (char[8]){"a"}, &(int64_t){-7});
	fixture_element(&nested, &tuple, &tuple);
	fixture_show(&shown, &single, 0, 10);
	fixture_show(&shown, &keyed, 0, 1);
	fixture_show(&shown, &keyed, 1, 1);
	fixture_show(&shown, &nested, 0, 1);
	fixture_show(&shown, &empty, 0, 1);
	assert_written(&shown, "map,value\n@,2\n"
			       "map,key,value\n@k,a,-7\n@k,\"b\nc\",7\n"
			       "map,key,value\n@k,\"b\nc\",7\n"
			       "map,key1,key2,value1,value2\n"
			       "@n,-1,\"(2, a,b)\",-1,\"(2, a,b)\"\n");
}

/* A histogram without buckets is a record without bounds; of a bucket without a bound the field is
 * empty. */
static void aggregations(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t s64 = types_integer(types, 8, true);
	const uint32_t parts[] = {s64, s64};
	uint32_t hist = fixture_histogram(&shown, MEANING_HIST, 66, "bits=0");
	uint32_t lhist = fixture_histogram(&shown, MEANING_LHIST, 4, "min=10,max=30,step=10");
	_cleanup_map_content_ struct map_content single = fixture_map(&shown, "@h", 0, hist);
	_cleanup_map_content_ struct map_content keyed =
		fixture_map(&shown, "@l", types_tuple(types, parts, 2), lhist);
	_cleanup_map_content_ struct map_content stats =
		fixture_map(&shown, "@s", s64, fixture_aggregate(&shown, MEANING_STATS));
	_cleanup_map_content_ struct map_content average =
		fixture_map(&shown, "@a", s64, fixture_aggregate(&shown, MEANING_AVG));
	uint64_t buckets[66] = {[0] = 2, [1] = 4, [65] = 6};

	fixture_output(&shown, "csv");
	fixture_element(&single, "", buckets);
	fixture_element(&keyed, ((int64_t[]){1, 2}), ((uint64_t[4]){0}));
	fixture_element(&keyed, ((int64_t[]){3, 4}), ((uint64_t[4]){1, 0, 2, 3}));
	fixture_element(&stats, &(int64_t){9}, ((uint64_t[]){2, 20}));
	fixture_element(&average, &(int64_t){9}, ((uint64_t[]){2, 20}));
	fixture_show(&shown, &single, 1, 2);
	fixture_show(&shown, &keyed, 0, 1);
	fixture_show(&shown, &stats, 0, 1);
	fixture_show(&shown, &average, 5, 1);

	_cleanup_free_ char *written = fixture_written(&shown);
	static const char first[] = "map,low,high,count\n@h,,-1,1\n@h,0,0,2\n@h,1,1,0\n";
	const char *last = strstr(written, "@h,9223372036854775808,");

	assert_memory_equal(written, first, sizeof(first) - 1);
	assert_non_null(last);
	assert_string_equal(last,
		"@h,9223372036854775808,18446744073709551615,3\n"
		"map,key1,key2,low,high,count\n"
		"@l,1,2,,,0\n@l,3,4,,9,1\n@l,3,4,10,19,0\n@l,3,4,20,29,2\n@l,3,4,30,,3\n"
		"map,key,count,average,total\n@s,9,2,10,20\n"
		"map,key,value\n@a,9,10\n");
}

/* On a terminal control characters are not for it, and a record is a line. */
static void on_a_terminal(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	uint32_t text = types_string(shown.traced.bundle.types, 8);
	_cleanup_map_content_ struct map_content content = fixture_map(&shown, "@", text, text);

	fixture_output(&shown, "csv");
	shown.output->escapes = true;
	fixture_element(&content, (char[8]){"a\033[1m"}, (char[8]){"b\nc"});
	fixture_show(&shown, &content, 0, 1);
	assert_written(&shown, "map,key,value\n@,a\\x1b[1m,b\\nc\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(values),
		cmocka_unit_test(what_is_not_data),
		cmocka_unit_test(maps),
		cmocka_unit_test(aggregations),
		cmocka_unit_test(on_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
