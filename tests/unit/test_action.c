/* SPDX-License-Identifier: Apache-2.0 */
/* Actions from their records, by the way of dispatch. */
#include "tests/unit/show_fixture.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <time.h>

#include "bpftrace/runner/loop/dispatch.h"
#include "libcommon/base/log.h"
#include "tests/unit/bpf_fixture.h"

/* Adds a site whose records have one member of a type behind their head (0: none). */
static void add_site(
	struct show_fixture *shown, enum action action, const char *text, uint32_t member)
{
	struct types *types = shown->traced.bundle.types;
	uint32_t u64 = types_integer(types, 8, false);
	struct types_field fields[3] = {{"site", u64}};
	size_t count = 1;
	char *name = arena_printf(
		&shown->traced.arena, "record_%zu", shown->traced.bundle.manifest.sites.count);

	if (action_descs[action].ring == RING_CONTROL)
		fields[count++] = (struct types_field){"data_position", u64};
	if (member)
		fields[count++] = (struct types_field){"_0", member};
	types_struct(types, name, fields, count);
	vec_push(&shown->traced.bundle.manifest.sites, ((struct manifest_site){
							       .action = action,
							       .record = name,
							       .text = text,
							       .text_length = strlen(text),
							       .divisor = 1,
							       .span = {.begin = 8, .end = 13},
						       }));
}

/* Sends a record to the shown's only site. */
static void act(struct show_fixture *shown, const void *record, size_t size)
{
	struct dispatch dispatch;
	enum action action = shown->traced.bundle.manifest.sites.items[0].action;

	assert_success(dispatch_init(fixture_actions(shown), &dispatch));
	dispatch_record(&dispatch, action_descs[action].ring, record, size, false);
	assert_int_equal(dispatch.dropped, 0);
	dispatch_end(&dispatch);
}

static void print_value(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	const uint32_t parts[] = {types_integer(types, 4, true), types_string(types, 4)};
	const struct {
		uint64_t site;
		int32_t number;
		char text[4];
	} record = {0, 1, "s"};

	add_site(&shown, ACTION_PRINT, "", types_tuple(types, parts, 2));
	fixture_output(&shown, "text");
	act(&shown, &record, sizeof(record));
	assert_written(&shown, "(1, s)\n");
}

static void check_time(const char *format, const char *expected)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	uint64_t record = 0;

	add_site(&shown, ACTION_TIME, format, 0);
	fixture_output(&shown, "json");
	act(&shown, &record, sizeof(record));
	assert_written(&shown, expected);
}

static void time_of_day(void **state _unused_)
{
	time_t now = time(NULL);
	struct tm local;
	char expected[64];

	setenv("TZ", "UTC-9", 1);
	tzset();
	localtime_r(&now, &local);
	strftime(expected, sizeof(expected), "{\"type\": \"time\", \"data\": \"%Y %z\"}\n", &local);
	check_time("%Y %z", expected);
	assert_non_null(strstr(expected, "+0900"));
	check_time("", "{\"type\": \"time\", \"data\": \"\"}\n");
	check_time("x\n", "{\"type\": \"time\", \"data\": \"x\\n\"}\n");
}

/* As long as a line of a terminal and longer. */
static void long_time(void **state _unused_)
{
	_cleanup_str_ struct str format = STR_INIT, expected = STR_INIT;

	str_append(&expected, "{\"type\": \"time\", \"data\": \"");
	for (int i = 0; i < 1000; i++) {
		str_append(&format, "%%");
		str_append(&expected, "%");
	}
	str_append(&expected, "\"}\n");
	check_time(format.data, expected.data);
}

/* What is written to stderr while a record is acted on; the caller frees it. */
static char *stderr_of(struct show_fixture *shown, const void *record, size_t size)
{
	_cleanup_close_ int file = memfd_create("stderr", MFD_CLOEXEC);
	_cleanup_close_ int before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	char *text = calloc(1, 1024);

	fflush(stderr);
	dup2(file, STDERR_FILENO);
	act(shown, record, size);
	fflush(stderr);
	dup2(before, STDERR_FILENO);
	assert_true(pread(file, text, 1023, 0) >= 0);
	return text;
}

static const struct {
	uint64_t site;
	int32_t result;
} failed_update = {0, -7};

/* The site of the failed update, and where its message goes. */
static void prepare_failed_update(struct show_fixture *shown, const char *format)
{
	add_site(shown, ACTION_HELPER_ERROR, "map_update_elem",
		types_integer(shown->traced.bundle.types, 4, true));
	vec_push(&shown->traced.bundle.manifest.sources,
		((struct manifest_source){"stdin", "BEGIN { @[1]=1; }"}));
	fixture_output(shown, format);
}

static void helper_error(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();

	prepare_failed_update(&shown, "text");

	_cleanup_free_ char *message = stderr_of(&shown, &failed_update, 16);

	assert_string_equal(message, "stdin:1:9-14: WARNING: Failed to map_update_elem: Argument "
				     "list too long (-7)\n"
				     "BEGIN { @[1]=1; }\n"
				     "        ~~~~~\n");
	log_settings.no_warnings = true;

	_cleanup_free_ char *hidden = stderr_of(&shown, &failed_update, 16);

	log_settings.no_warnings = false;
	assert_string_equal(hidden, "");
}

static void helper_error_in_json(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();

	prepare_failed_update(&shown, "json");

	_cleanup_free_ char *message = stderr_of(&shown, &failed_update, 16);

	assert_string_equal(message, "");
	assert_written(&shown, "{\"type\": \"helper_error\", \"msg\": \"Argument list too long\", "
			       "\"helper\": \"map_update_elem\", \"retcode\": -7, "
			       "\"filename\": \"stdin\", \"line\": 1, \"col\": 9}\n");
}

static void exit_status(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();

	add_site(&shown, ACTION_EXIT, "", types_integer(shown.traced.bundle.types, 4, true));
	act(&shown, (uint64_t[]){0, 0, 3}, 24);
	assert_true(shown.actions.exited);
	assert_int_equal(shown.actions.exit_status, 3);
	act(&shown, (uint64_t[]){0, 0, 5}, 24);
	assert_int_equal(shown.actions.exit_status, 3);
}

static void maps(void **state _unused_)
{
	if (!bpf_fixture_possible())
		skip();

	static const struct {
		enum action action;
		const char *written, *left;
	} cases[] = {
		{ACTION_PRINT_MAP, "@m[1]: 5\n", "\n\n@m[1]: 5\n"},
		{ACTION_ZERO, "", "\n\n@m[1]: 0\n"},
		{ACTION_CLEAR, "", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_fixture_ struct show_fixture shown = fixture_open();
		uint32_t u64 = types_integer(shown.traced.bundle.types, 8, false);
		_cleanup_close_ int fd =
			bpf_map_create(BPF_MAP_TYPE_HASH, "action", 8, 8, 10, NULL);
		const uint64_t key = 1, value = 5;

		bpf_map_update_elem(fd, &key, &value, BPF_ANY);
		shown.traced.map_layouts = arena_new(&shown.traced.arena, struct map_layout);
		assert_success(map_layout_init(
			shown.traced.bundle.types, u64, u64, fd, shown.traced.map_layouts));
		vec_push(&shown.traced.bundle.manifest.maps, ((struct manifest_map){.name = "@m"}));
		add_site(&shown, cases[i].action, "", 0);
		fixture_output(&shown, "text");
		act(&shown, (uint64_t[]){0, 0}, 16);
		assert_written(&shown, cases[i].written);
		show_maps(shown.output, &shown.traced);
		assert_written(&shown, cases[i].left);
	}
}

/* Records must be made as their actions need them. */
static void wrong_records(void **state _unused_)
{
	static const struct {
		enum action action;
		const char *text;
		bool has_member, is_text;
		const char *error;
	} cases[] = {
		{ACTION_PRINT, "", false, false,
			"call 0 (print): struct record_0 does not have one value"},
		{ACTION_EXIT, "", false, false,
			"call 0 (exit): struct record_0 does not have one value"},
		{ACTION_EXIT, "", true, true,
			"call 0 (exit): struct record_0 does not hold a number"},
		{ACTION_PRINTF, "%d", false, false,
			"call 0 (printf): the format has more conversions than arguments"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_fixture_ struct show_fixture shown = fixture_open();
		struct types *types = shown.traced.bundle.types;
		uint32_t member =
			cases[i].is_text ? types_string(types, 8) : types_integer(types, 8, true);
		struct dispatch dispatch;

		add_site(&shown, cases[i].action, cases[i].text, cases[i].has_member ? member : 0);
		assert_failure(dispatch_init(fixture_actions(&shown), &dispatch), cases[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(print_value),
		cmocka_unit_test(time_of_day),
		cmocka_unit_test(long_time),
		cmocka_unit_test(helper_error),
		cmocka_unit_test(helper_error_in_json),
		cmocka_unit_test(exit_status),
		cmocka_unit_test(maps),
		cmocka_unit_test(wrong_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
