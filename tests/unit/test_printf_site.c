/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

#include "bpftrace/runner/show/printf.h"

/* A record of a head and these arguments. */
static uint32_t record_type(struct show_fixture *shown, const uint32_t *arguments, size_t count)
{
	struct types *types = shown->traced.bundle.types;
	static const char *const names[] = {"_0", "_1", "_2", "_3", "_4"};
	struct types_field fields[6] = {{"site", types_integer(types, 8, false)}};

	for (size_t i = 0; i < count; i++)
		fields[i + 1] = (struct types_field){names[i], arguments[i]};
	return types_struct(types, NULL, fields, count + 1);
}

static struct error *prepare(
	struct show_fixture *shown, uint32_t record, const char *format, struct printf_site **ret)
{
	return printf_prepare(&shown->traced, record, 1, format, strlen(format), ret);
}

static void check_printf(struct show_fixture *shown, uint32_t record_id, const char *format,
	const void *record, size_t size, const char *expected)
{
	struct printf_site *site = NULL;
	struct value_reader reader = {.bundle = &shown->traced.bundle};
	_cleanup_str_ struct str out = STR_INIT;

	assert_success(prepare(shown, record_id, format, &site));
	printf_format(site, &reader, record, size, false, &out);
	assert_string_equal(str_text(&out), expected);
	value_reader_deinit(&reader);
}

static void no_arguments(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	uint32_t type = record_type(&shown, NULL, 0);
	uint64_t record = 0;

	check_printf(&shown, type, "hello\n", &record, sizeof(record), "hello\n");
	check_printf(&shown, type, "100%%\n", &record, sizeof(record), "100%\n");
	check_printf(&shown, type, "", &record, sizeof(record), "");
}

struct number {
	uint32_t bytes;
	bool is_signed;
	const char *format;
	uint64_t value;
	const char *text;
};

/* type makes the type of such a number. */
static void check_numbers(const struct number *cases, size_t count,
	uint32_t (*type)(struct types *types, uint32_t bytes, bool is_signed))
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();

	for (size_t i = 0; i < count; i++) {
		uint32_t argument =
			type(shown.traced.bundle.types, cases[i].bytes, cases[i].is_signed);
		uint64_t record[2] = {0, cases[i].value};

		check_printf(&shown, record_type(&shown, &argument, 1), cases[i].format, record,
			sizeof(record), cases[i].text);
	}
}

static void numbers(void **state _unused_)
{
	static const struct number cases[] = {
		{8, true, "%d", -7, "-7"},
		{8, false, "%u", UINT64_MAX, "18446744073709551615"},
		{4, true, "%d", 0xffffffff, "-1"},
		{4, false, "%d", 0xffffffff, "-1"},
		{4, false, "%u", 0xffffffff, "4294967295"},
		{4, true, "%llx", -2, "fffffffffffffffe"},
		{4, false, "%ld", 0xffffffff, "4294967295"},
		{1, true, "%lu", -1, "18446744073709551615"},
		{2, false, "%d", 40000, "40000"},
		{1, false, "%x", 0xab, "ab"},
		{8, true, "%hhd", 300, "44"},
		{8, true, "%lx", -1, "ffffffffffffffff"},
		{8, true, "%lld%%", 5, "5%"},
		{1, true, "%c", 'q', "q"},
		{8, false, "%p", 0x1234, "0x1234"},
		{2, false, "%5d|", 7, "    7|"},
		{2, false, "%-5d|", 7, "7    |"},
		{2, false, "%05d|", 7, "00007|"},
	};

	check_numbers(cases, ARRAY_SIZE(cases), types_integer);
}

/* Integers that maps have made wider, and words of registers. */
static void widened_numbers(void **state _unused_)
{
	static const struct number cases[] = {
		{4, true, "%d", UINT32_MAX, "-1"},
		{4, true, "%x", -2, "fffffffe"},
		{4, true, "%lld", -2, "-2"},
		{2, true, "%x", -1, "ffff"},
		{2, true, "%d", 40000, "40000"},
		{1, true, "%u", -1, "255"},
		{1, true, "%d", -1, "-1"},
		{0, true, "%d", UINT64_C(0xffffffd6), "-42"},
		{0, false, "%i", UINT64_C(0xffffffd6), "-42"},
		{0, false, "%5d", UINT64_C(0xffffffd6), "  -42"},
		{0, false, "%ld", UINT64_C(0xffffffd6), "4294967254"},
		{0, false, "%u", UINT64_C(0xffffffd6), "4294967254"},
		{0, true, "%d", UINT64_C(0x1ffffffd6), "8589934550"},
		{0, false, "%d", UINT64_MAX, "-1"},
	};

	check_numbers(cases, ARRAY_SIZE(cases), types_widened);
}

static void several_arguments(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t u64 = types_integer(types, 8, false);
	const uint32_t arguments[] = {types_integer(types, 4, true), types_string(types, 12), u64,
		types_with_meaning(types, MEANING_PROBE, u64, NULL),
		types_with_meaning(types, MEANING_TEXT, u64, NULL)};
	const struct {
		uint64_t site;
		int32_t pid;
		char comm[12];
		uint64_t big;
		uint64_t probe;
		uint64_t text;
		char tail[8];
	} record = {0, 42, "sh", 1, 1, 48 | UINT64_C(7) << 32, "the end"};

	fixture_name(&shown, "BEGIN");
	check_printf(&shown, record_type(&shown, arguments, 5), "%d %s %lu|%7s|%-9s|\n", &record,
		sizeof(record), "42 sh 1|  BEGIN|the end  |\n");
}

static void strings(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	uint32_t argument = types_string(shown.traced.bundle.types, 8);
	uint32_t type = record_type(&shown, &argument, 1);
	const struct {
		uint64_t site;
		char text[8];
	} full = {0, "12345678"}, shorter = {0, "ab"};

	check_printf(&shown, type, "[%s]", &full, sizeof(full), "[12345678]");
	check_printf(&shown, type, "[%.3s]", &full, sizeof(full), "[123]");
	check_printf(&shown, type, "[%5s]", &shorter, sizeof(shorter), "[   ab]");
	check_printf(&shown, type, "[%-5s]", &shorter, sizeof(shorter), "[ab   ]");
}

static void buffers(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t argument = types_array(types, types_integer(types, 1, false), 5);
	uint32_t type = record_type(&shown, &argument, 1);
	const struct {
		uint64_t site;
		char data[8];
	} record = {0, "a\0z\x7f\xff"};

	check_printf(&shown, type, "%r", &record, sizeof(record), "a\\x00z\\x7f\\xff");
	check_printf(&shown, type, "%rh", &record, sizeof(record), "61 00 7a 7f ff");
	check_printf(&shown, type, "%rx", &record, sizeof(record), "\\x61\\x00\\x7a\\x7f\\xff");
}

/* %s takes what print() takes. */
static void anything_as_text(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	const uint32_t parts[] = {types_integer(types, 4, true), types_string(types, 4)};
	uint32_t argument = types_tuple(types, parts, 2);
	const struct {
		uint64_t site;
		int32_t number;
		char text[4];
	} record = {0, 1, "s"};

	check_printf(&shown, record_type(&shown, &argument, 1), "%8s", &record, sizeof(record),
		"  (1, s)");
}

/* A manifest from elsewhere may ask for nonsense. */
static void misfits_are_refused(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t string = types_string(types, 4), number = types_integer(types, 4, true);
	struct printf_site *site = NULL;

	assert_failure(prepare(&shown, record_type(&shown, &number, 1), "%d %d", &site),
		"the format has more conversions than arguments");
	assert_failure(prepare(&shown, record_type(&shown, &string, 1), "%d", &site),
		"%d does not fit its argument");
	assert_failure(prepare(&shown, record_type(&shown, &number, 1), "%r", &site),
		"%r does not fit its argument");
	assert_failure(prepare(&shown, record_type(&shown, &number, 1), "%*d", &site),
		"'*' as a width is not supported");
	assert_null(site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_arguments),
		cmocka_unit_test(numbers),
		cmocka_unit_test(widened_numbers),
		cmocka_unit_test(several_arguments),
		cmocka_unit_test(strings),
		cmocka_unit_test(buffers),
		cmocka_unit_test(anything_as_text),
		cmocka_unit_test(misfits_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
