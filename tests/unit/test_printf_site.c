/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

#include "bpftrace/runner/show/printf.h"

/* A record of a head and these arguments. */
static uint32_t record_type(struct session *session, const uint32_t *arguments, size_t count)
{
	struct types *types = session->bundle.types;
	static const char *const names[] = {"_0", "_1", "_2", "_3", "_4"};
	struct types_field fields[6] = {{"site", types_integer(types, 8, false)}};

	for (size_t i = 0; i < count; i++)
		fields[i + 1] = (struct types_field){names[i], arguments[i]};
	return types_struct(types, NULL, fields, count + 1);
}

static struct error *prepare(
	struct session *session, uint32_t record, const char *format, struct printf_site **ret)
{
	return printf_prepare(session, record, 1, format, strlen(format), ret);
}

static void check_printf(struct session *session, uint32_t record_id, const char *format,
	const void *record, size_t size, const char *expected)
{
	struct printf_site *site = NULL;
	_cleanup_str_ struct str out = STR_INIT;

	assert_success(prepare(session, record_id, format, &site));
	printf_format(site, session, record, size, &out);
	assert_string_equal(str_text(&out), expected);
}

static void no_arguments(void **state _unused_)
{
	_cleanup_session_ struct session session = fixture_session();
	uint32_t type = record_type(&session, NULL, 0);
	uint64_t record = 0;

	check_printf(&session, type, "hello\n", &record, sizeof(record), "hello\n");
	check_printf(&session, type, "100%%\n", &record, sizeof(record), "100%\n");
	check_printf(&session, type, "", &record, sizeof(record), "");
}

static void numbers(void **state _unused_)
{
	static const struct {
		uint32_t bytes;
		bool is_signed;
		const char *format;
		uint64_t value;
		const char *text;
	} cases[] = {
		{8, true, "%d", -7, "-7"},
		{8, false, "%u", UINT64_MAX, "18446744073709551615"},
		{4, true, "%d", 0xffffffff, "-1"},
		{4, false, "%d", 0xffffffff, "4294967295"},
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
	_cleanup_session_ struct session session = fixture_session();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t argument =
			types_integer(session.bundle.types, cases[i].bytes, cases[i].is_signed);
		uint64_t record[2] = {0, cases[i].value};

		check_printf(&session, record_type(&session, &argument, 1), cases[i].format, record,
			sizeof(record), cases[i].text);
	}
}

static void several_arguments(void **state _unused_)
{
	_cleanup_session_ struct session session = fixture_session();
	struct types *types = session.bundle.types;
	uint32_t u64 = types_integer(types, 8, false);
	const uint32_t arguments[] = {types_integer(types, 4, true), types_string(types, 12), u64,
		types_named(types, NAMED_PROBE, u64, NULL),
		types_named(types, NAMED_TEXT, u64, NULL)};
	const struct {
		uint64_t site;
		int32_t pid;
		char comm[12];
		uint64_t big;
		uint64_t probe;
		uint64_t text;
		char tail[8];
	} record = {0, 42, "sh", 1, 0, 48 | UINT64_C(7) << 32, "the end"};

	fixture_probe(&session, "BEGIN", NULL);
	check_printf(&session, record_type(&session, arguments, 5), "%d %s %lu|%7s|%-9s|\n",
		&record, sizeof(record), "42 sh 1|  BEGIN|the end  |\n");
}

static void strings(void **state _unused_)
{
	_cleanup_session_ struct session session = fixture_session();
	uint32_t argument = types_string(session.bundle.types, 8);
	uint32_t type = record_type(&session, &argument, 1);
	const struct {
		uint64_t site;
		char text[8];
	} full = {0, "12345678"}, shorter = {0, "ab"};

	check_printf(&session, type, "[%s]", &full, sizeof(full), "[12345678]");
	check_printf(&session, type, "[%.3s]", &full, sizeof(full), "[123]");
	check_printf(&session, type, "[%5s]", &shorter, sizeof(shorter), "[   ab]");
	check_printf(&session, type, "[%-5s]", &shorter, sizeof(shorter), "[ab   ]");
}

static void buffers(void **state _unused_)
{
	_cleanup_session_ struct session session = fixture_session();
	struct types *types = session.bundle.types;
	uint32_t argument = types_array(types, types_integer(types, 1, false), 5);
	uint32_t type = record_type(&session, &argument, 1);
	const struct {
		uint64_t site;
		char data[8];
	} record = {0, "a\0z\x7f\xff"};

	check_printf(&session, type, "%r", &record, sizeof(record), "a\\x00z\\x7f\\xff");
	check_printf(&session, type, "%rh", &record, sizeof(record), "61 00 7a 7f ff");
	check_printf(&session, type, "%rx", &record, sizeof(record), "\\x61\\x00\\x7a\\x7f\\xff");
}

/* %s takes what print() takes. */
static void anything_as_text(void **state _unused_)
{
	_cleanup_session_ struct session session = fixture_session();
	struct types *types = session.bundle.types;
	const uint32_t parts[] = {types_integer(types, 4, true), types_string(types, 4)};
	uint32_t argument = types_tuple(types, parts, 2);
	const struct {
		uint64_t site;
		int32_t number;
		char text[4];
	} record = {0, 1, "s"};

	check_printf(&session, record_type(&session, &argument, 1), "%8s", &record, sizeof(record),
		"  (1, s)");
}

/* A manifest from elsewhere may ask for nonsense. */
static void misfits_are_refused(void **state _unused_)
{
	_cleanup_session_ struct session session = fixture_session();
	struct types *types = session.bundle.types;
	uint32_t string = types_string(types, 4), number = types_integer(types, 4, true);
	struct printf_site *site = NULL;

	assert_failure(prepare(&session, record_type(&session, &number, 1), "%d %d", &site),
		"the format has more conversions than arguments");
	assert_failure(prepare(&session, record_type(&session, &string, 1), "%d", &site),
		"%d does not fit its argument");
	assert_failure(prepare(&session, record_type(&session, &number, 1), "%r", &site),
		"%r does not fit its argument");
	assert_failure(prepare(&session, record_type(&session, &number, 1), "%y", &site),
		"unknown conversion \"%y\"");
	assert_null(site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_arguments),
		cmocka_unit_test(numbers),
		cmocka_unit_test(several_arguments),
		cmocka_unit_test(strings),
		cmocka_unit_test(buffers),
		cmocka_unit_test(anything_as_text),
		cmocka_unit_test(misfits_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
