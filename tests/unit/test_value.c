/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

#include <math.h>

#include "bpftrace/runner/show/text_sink.h"

#define check_value(shown, id, bytes, text, json)                                                  \
	assert_shown(shown, (&(struct value){.type = (id), .data = (bytes)}), text, json)

static void integers(void **state _unused_)
{
	static const struct {
		uint32_t bytes;
		bool is_signed;
		uint64_t value;
		const char *text;
	} cases[] = {
		{1, false, 255, "255"},
		{1, true, 255, "-1"},
		{2, false, 0x8000, "32768"},
		{2, true, 0x8000, "-32768"},
		{4, false, UINT32_MAX, "4294967295"},
		{4, true, UINT32_MAX, "-1"},
		{8, false, UINT64_MAX, "18446744073709551615"},
		{8, true, UINT64_MAX, "-1"},
		{8, true, UINT64_C(1) << 63, "-9223372036854775808"},
		{8, false, 0, "0"},
	};
	_cleanup_fixture_ struct show_fixture shown = fixture_open();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_value(&shown,
			types_integer(
				shown.traced.bundle.types, cases[i].bytes, cases[i].is_signed),
			&cases[i].value, cases[i].text, cases[i].text);
}

static void texts(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;

	check_value(&shown, types_string(types, 8), "ab\0cdefg", "ab", "\"ab\"");
	check_value(&shown, types_string(types, 3), "abc", "abc", "\"abc\"");
	check_value(&shown, types_string(types, 8), "\"\\\n\x01", "\"\\\n\x01",
		"\"\\\"\\\\\\n\\u0001\"");
	check_value(&shown, types_string(types, 4), "a\xff", "a\xff", "\"a\xef\xbf\xbd\"");
}

static void pointers(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t pointer = types_pointer(types, types_integer(types, 4, true), ADDRESS_USER);
	uint64_t address = 0xffff888102ef4500, null = 0;

	check_value(&shown, pointer, &address, "0xffff888102ef4500", "\"0xffff888102ef4500\"");
	check_value(&shown, pointer, &null, "0x0", "\"0x0\"");
}

static void tuples(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	const uint32_t inner[] = {types_integer(types, 4, true), types_string(types, 4)};
	const uint32_t outer[] = {types_integer(types, 8, true), types_tuple(types, inner, 2)};
	const struct {
		int64_t number;
		struct {
			int32_t number;
			char text[4];
		} inner;
	} value = {1, {2, "s"}};
	struct value_reader reader = {.bundle = &shown.traced.bundle};
	_cleanup_str_ struct str key = STR_INIT;
	struct text_sink sink = text_sink(&key, false);

	check_value(&shown, types_tuple(types, outer, 2), &value, "(1, (2, s))", "[1, [2, \"s\"]]");
	sink.key_separator = ",";
	value_describe_key(
		&(struct value){
			.reader = &reader, .type = types_tuple(types, outer, 2), .data = &value},
		&sink.sink);
	assert_string_equal(str_text(&key), "1,(2, s)");
}

static void arrays(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	static const int16_t numbers[] = {1, -2, 3};
	uint32_t strings = types_array(types, types_string(types, 2), 2);

	check_value(&shown, types_array(types, types_integer(types, 2, true), 3), numbers,
		"[1,-2,3]", "[1, -2, 3]");
	check_value(&shown, strings, "a\0b\0", "[a,b]", "[\"a\", \"b\"]");
	check_value(
		&shown, types_array(types, types_integer(types, 2, true), 0), numbers, "[]", "[]");
}

static void structs(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	const struct types_field inner[] = {{"c", types_integer(types, 4, true)}};
	const struct types_field outer[] = {{"a", types_integer(types, 8, true)},
		{"b", types_string(types, 8)}, {"e", types_struct(types, "inner", inner, 1)}};
	const struct {
		int64_t a;
		char b[8];
		int32_t c;
	} value = {1, "two", 3};

	check_value(&shown, types_struct(types, "outer", outer, 3), &value,
		"{ .a = 1, .b = two, .e = { .c = 3 } }",
		"{\"a\": 1, \"b\": \"two\", \"e\": {\"c\": 3}}");
}

/* What scripts cannot make themselves but kernels have: bit-fields, unions, unnamed members,
 * enums, floating point, 128 bits. */
static void kernel_structs(void **state _unused_)
{
	struct btf *btf = btf__new_empty();
	int s32 = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int u32 = btf__add_int(btf, "unsigned int", 4, 0);
	int wide = btf__add_int(btf, "__int128", 16, BTF_INT_SIGNED);
	int real = btf__add_float(btf, "double", 8);
	int choice = btf__add_enum(btf, "choice", 4);
	int either = btf__add_union(btf, NULL, 4);

	btf__add_field(btf, "low", s32, 0, 0);
	btf__add_field(btf, "same", u32, 0, 0);

	int fields = btf__add_struct(btf, "fields", 56);

	btf__add_field(btf, "narrow", s32, 0, 3);
	btf__add_field(btf, "wide", u32, 3, 13);
	btf__add_field(btf, NULL, either, 32, 0);
	btf__add_field(btf, "pick", choice, 64, 0);
	btf__add_field(btf, "real", real, 128, 0);
	btf__add_field(btf, "big", wide, 256, 0);

	_cleanup_fixture_ struct show_fixture shown = fixture_of(types_adopt(btf));
	union {
		unsigned char bytes[56];
		uint32_t words[14];
		double reals[7];
	} value = {.words = {0x7 | 0x1abc << 3, 0xfffffffe, 7}};

	value.reals[2] = 0.5;
	value.words[8] = 1;
	value.words[11] = 0x80000000;
	check_value(&shown, (uint32_t)fields, &value,
		"{ .narrow = -1, .wide = 6844, .low = -2, .same = 4294967294, .pick = 7, .real = "
		"0.5, "
		".big = 0x80000000000000000000000000000001 }",
		"{\"narrow\": -1, \"wide\": 6844, \"low\": -2, \"same\": 4294967294, \"pick\": 7, "
		"\"real\": 0.5, \"big\": \"0x80000000000000000000000000000001\"}");
}

static void names_of_probes(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t u64 = types_integer(types, 8, false);
	uint32_t probe = types_with_meaning(types, MEANING_PROBE, u64, NULL);
	uint32_t func = types_with_meaning(types, MEANING_FUNC, u64, NULL);
	uint64_t number = 1;

	fixture_name(&shown, "uprobe:/bin/sh:main");
	fixture_name(&shown, "main");
	check_value(&shown, probe, &number, "uprobe:/bin/sh:main", "\"uprobe:/bin/sh:main\"");
	number = 2;
	check_value(&shown, func, &number, "main", "\"main\"");
	number = 0;
	check_value(&shown, func, &number, "", "\"\"");
	number = 3;
	check_value(&shown, probe, &number, "", "\"\"");
	number = UINT64_MAX;
	check_value(&shown, func, &number, "", "\"\"");
}

/* A word of offset and length, whatever it says, never leads out of the record. */
static void texts_in_the_tail(void **state _unused_)
{
	static const struct {
		uint32_t offset, length;
		const char *text;
	} cases[] = {
		{8, 5, "hello"},
		{8, 5 | 1U << 31, "hello"},
		{8, 3, "hel"},
		{8, 0, ""},
		{13, 1, ""},
		{14, 0, ""},
		{8, 7, ""},
		{15, 0, ""},
		{UINT32_MAX, UINT32_MAX, ""},
		{8, UINT32_MAX, ""},
	};
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	struct value_reader reader = {.bundle = &shown.traced.bundle};
	uint32_t text =
		types_with_meaning(types, MEANING_TEXT, types_integer(types, 8, false), NULL);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t word = cases[i].offset | (uint64_t)cases[i].length << 32;
		_cleanup_free_ unsigned char *record = malloc(14);
		_cleanup_str_ struct str out = STR_INIT;
		struct value value = {.reader = &reader,
			.type = text,
			.data = record,
			.record = record,
			.record_size = 14};

		memcpy(record, &word, sizeof(word));
		memcpy(record + 8, "hello", 6);
		value_append_text(&value, false, &out);
		assert_string_equal(str_text(&out), cases[i].text);
		value.record = NULL;
		str_truncate(&out, 0);
		value_append_text(&value, false, &out);
		assert_string_equal(str_text(&out), "");
	}
}

/* What a BTF from elsewhere may say: texts shorter than their words, bit-fields wider than any
 * number, many elements of no size. Nothing outside of the value is read. */
static void foreign_types(void **state _unused_)
{
	struct btf *btf = btf__new_empty();
	int u8 = btf__add_int(btf, "byte", 1, 0), u64 = btf__add_int(btf, "word", 8, 0);
	int probe = btf__add_typedef(btf, "probe", u8);
	int text = btf__add_typedef(btf, "text", u8);
	int nothing = btf__add_struct(btf, "nothing", 0);
	int many = btf__add_array(btf, u64, nothing, UINT32_MAX);
	int wide = btf__add_struct(btf, "wide", 32);

	btf__add_field(btf, "bits", u64, 1, 200);

	_cleanup_fixture_ struct show_fixture shown = fixture_of(types_adopt(btf));
	_cleanup_free_ unsigned char *byte = calloc(1, 1);
	_cleanup_free_ unsigned char *words = calloc(4, 8);

	memset(words, 0xff, 32);
	check_value(&shown, (uint32_t)probe, byte, "", "\"\"");
	check_value(&shown, (uint32_t)text, byte, "", "\"\"");
	check_value(&shown, (uint32_t)many, byte, "[]", "[]");
	check_value(&shown, (uint32_t)wide, words, "{ .bits = 18446744073709551615 }",
		"{\"bits\": 18446744073709551615}");
}

/* Only a number that is the whole value is divided. */
static void divisors(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t s64 = types_integer(types, 8, true);
	static const int64_t numbers[] = {-25, 25};
	const uint32_t both[] = {s64, s64};
	struct value value = {.type = s64, .data = numbers, .divisor = 10};

	assert_shown(&shown, &value, "-2", "-2");
	value.type = types_tuple(types, both, 2);
	assert_shown(&shown, &value, "(-25, 25)", "[-25, 25]");
	value.type = types_integer(types, 8, false);
	value.data = &numbers[1];
	assert_shown(&shown, &value, "2", "2");
	value.divisor = 0;
	assert_shown(&shown, &value, "25", "25");
}

/* JSON has no such numbers. */
static void reals_without_digits(void **state _unused_)
{
	struct btf *btf = btf__new_empty();
	uint32_t real = (uint32_t)btf__add_float(btf, "double", 8);
	_cleanup_fixture_ struct show_fixture shown = fixture_of(types_adopt(btf));

	check_value(&shown, real, &(double){1.5}, "1.5", "1.5");
	check_value(&shown, real, &(double){INFINITY}, "inf", "null");
	check_value(&shown, real, &(double){-NAN}, "-nan", "null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers),
		cmocka_unit_test(texts),
		cmocka_unit_test(pointers),
		cmocka_unit_test(tuples),
		cmocka_unit_test(arrays),
		cmocka_unit_test(structs),
		cmocka_unit_test(kernel_structs),
		cmocka_unit_test(names_of_probes),
		cmocka_unit_test(texts_in_the_tail),
		cmocka_unit_test(foreign_types),
		cmocka_unit_test(divisors),
		cmocka_unit_test(reals_without_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
