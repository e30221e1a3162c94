/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>

#include "libcommon/host/tracefs.h"
#include "tests/unit/tree_host.h"

#define COMMON                                                                                     \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"                     \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"                     \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"             \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

#define EVENT(fields)                                                                              \
	"name: x\nID: 327\nformat:\n" COMMON fields "\nprint fmt: \"field:%d\", REC->x\n"
#define FIELD(declaration) "\tfield:" declaration ";\toffset:8;\tsize:4;\tsigned:0;\n"

struct parsed {
	struct arena arena;
	struct tracefs_format format;
};

static struct parsed parse(const char *text)
{
	struct parsed parsed = {};

	assert_success(tracefs_format_parse(text, strlen(text), &parsed.arena, &parsed.format));
	return parsed;
}

static void cleanup_parsed(struct parsed *parsed)
{
	tracefs_format_deinit(&parsed->format);
	arena_deinit(&parsed->arena);
}

#define _cleanup_parsed_ _cleanup_(cleanup_parsed)

static void fields_of_an_event(void **state _unused_)
{
	_cleanup_parsed_ struct parsed parsed =
		parse(EVENT("\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
			    "\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n"
			    "\tfield:const char * filename;\toffset:32;\tsize:8;\tsigned:0;\n"));
	const struct tracefs_field *field = parsed.format.fields.items;

	assert_int_equal(parsed.format.id, 327);
	assert_int_equal(parsed.format.fields.count, 3);
	assert_string_equal(field[0].declaration, "char prev_comm[16]");
	assert_string_equal(field[0].type, "char");
	assert_string_equal(field[0].name, "prev_comm");
	assert_true(field[0].is_array);
	assert_int_equal(field[0].count, 16);
	assert_int_equal(field[0].offset, 8);
	assert_int_equal(field[0].size, 16);
	assert_int_equal(field[0].location, TRACEFS_IN_PLACE);
	assert_string_equal(field[1].type, "pid_t");
	assert_string_equal(field[1].name, "prev_pid");
	assert_true(field[1].is_signed);
	assert_false(field[1].is_array);
	assert_string_equal(field[2].type, "const char *");
	assert_string_equal(field[2].name, "filename");
	assert_false(field[2].is_signed);
}

static void declarations(void **state _unused_)
{
	static const struct {
		const char *text, *type, *name;
		enum tracefs_location location;
		bool is_array;
		uint32_t count;
	} rows[] = {
		{EVENT(FIELD("__data_loc char[] name")), "char", "name", TRACEFS_DATA_LOC, true, 0},
		{EVENT(FIELD("__rel_loc u64[] addrs")), "u64", "addrs", TRACEFS_REL_LOC, true, 0},
		{EVENT(FIELD("__data_loc unsigned int[] lengths")), "unsigned int", "lengths",
			TRACEFS_DATA_LOC, true, 0},
		{EVENT(FIELD("unsigned long args[]")), "unsigned long", "args", TRACEFS_IN_PLACE,
			true, 0},
		{EVENT(FIELD("u8 grid[4][3]")), "u8", "grid", TRACEFS_IN_PLACE, true, 12},
		{EVENT(FIELD("char comm[TASK_COMM_LEN]")), "char", "comm", TRACEFS_IN_PLACE, true,
			0},
		{EVENT(FIELD("u8 x[99999][99999]")), "u8", "x", TRACEFS_IN_PLACE, true, 0},
		{EVENT(FIELD("const char *const *argv")), "const char *const *", "argv",
			TRACEFS_IN_PLACE, false, 0},
		{EVENT(FIELD("struct sockaddr __attribute__((user)) * addr")),
			"struct sockaddr __attribute__((user)) *", "addr", TRACEFS_IN_PLACE, false,
			0},
		{EVENT(FIELD("int __syscall_nr")), "int", "__syscall_nr", TRACEFS_IN_PLACE, false,
			0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_parsed_ struct parsed parsed = parse(rows[i].text);
		const struct tracefs_field *field = parsed.format.fields.items;

		assert_int_equal(parsed.format.fields.count, 1);
		assert_string_equal(field->type, rows[i].type);
		assert_string_equal(field->name, rows[i].name);
		assert_int_equal(field->location, rows[i].location);
		assert_int_equal(field->is_array, rows[i].is_array);
		assert_int_equal(field->count, rows[i].count);
	}
}

/* What 7.x kernels add to system call events belongs to the trace buffer only. */
static void buffer_only_fields_are_hidden(void **state _unused_)
{
	_cleanup_parsed_ struct parsed parsed = parse(EVENT(
		FIELD("const char * filename") FIELD("__data_loc char[] __filename_val")
			FIELD("__data_loc char[] __other_val") FIELD("int __filename_value")));
	const struct tracefs_field *field = parsed.format.fields.items;

	assert_int_equal(parsed.format.fields.count, 3);
	assert_string_equal(field[0].name, "filename");
	assert_string_equal(field[1].name, "__other_val");
	assert_string_equal(field[2].name, "__filename_value");
}

/* regcache_sync of 5.10 has two of one name. */
static void first_of_a_name_counts(void **state _unused_)
{
	_cleanup_parsed_ struct parsed parsed =
		parse(EVENT(FIELD("__data_loc char[] type") FIELD("int type") FIELD("int last")));
	const struct tracefs_field *field = parsed.format.fields.items;

	assert_int_equal(parsed.format.fields.count, 2);
	assert_int_equal(field[0].location, TRACEFS_DATA_LOC);
	assert_string_equal(field[1].name, "last");
}

static void no_fields_is_an_event_too(void **state _unused_)
{
	_cleanup_parsed_ struct parsed parsed = parse(EVENT(""));

	assert_int_equal(parsed.format.fields.count, 0);
}

static void hostile_text_is_refused(void **state _unused_)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"", "no event number"},
		{"\n\n:;;", "no event number"},
		{"ID: x\n", "line 1: not an event number"},
		{"ID: 99999999999999999999\n", "line 1: not an event number"},
		{"ID: -1\n", "line 1: not an event number"},
		{"ID: 1\nfield:", "line 2: not a field"},
		{"ID: 1\nfield:;offset:0;size:4;signed:0;", "line 2: not a field"},
		{"ID: 1\nfield:int;offset:0;size:4;signed:0;", "line 2: not a field"},
		{"ID: 1\nfield:[4];offset:0;size:4;signed:0;", "line 2: not a field"},
		{"ID: 1\nfield:int 3x;offset:0;size:4;signed:0;", "line 2: not a field"},
		{"ID: 1\nfield:int \x1b[1mx;offset:0;size:4;signed:0;", "line 2: not a field"},
		{"ID: 1\nfield:int x]];offset:0;size:4;signed:0;", "line 2: not a field"},
		{"ID: 1\nfield:int x;offset:;size:4;signed:0;", "line 2: not a field"},
		{"ID: 1\nfield:int x;offset:0;size:4;", "line 2: not a field"},
		{"ID: 1\nfield:int x;size:4;offset:0;signed:0;", "line 2: not a field"},
		{"ID: 1\nfield:int x;offset:65537;size:4;signed:0;", "line 2: not a field"},
		{"ID: 1\nfield:int x;offset:0;size:4294967297;signed:0;", "line 2: not a field"},
		{"ID: 1\nfield:int x;offset:0;size:4;signed:2;", "line 2: not a field"},
		{"ID: 1\nfield:__data_loc char[] x;offset:0;size:8;signed:0;",
			"line 2: not a field"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena_ struct arena arena = ARENA_INIT;
		struct tracefs_format format = {.id = 77};

		assert_failure(
			tracefs_format_parse(rows[i].text, strlen(rows[i].text), &arena, &format),
			rows[i].message);
		assert_int_equal(format.id, 77);
	}
}

static void mounted_in_either_place(void **state)
{
	struct tree_host *fixture = *state;
	const char *path = NULL;

	assert_failure(tracefs_find(&fixture->host, &path),
		"tracefs is not mounted on /sys/kernel/tracing; \"mount -t tracefs "
		"tracefs /sys/kernel/tracing\" does it");
	tree_directory(&fixture->tree, "/sys/kernel/debug/tracing/events");
	assert_success(tracefs_find(&fixture->host, &path));
	assert_string_equal(path, "/sys/kernel/debug/tracing");
	tree_directory(&fixture->tree, "/sys/kernel/tracing");
	assert_success(tracefs_find(&fixture->host, &path));
	assert_string_equal(path, "/sys/kernel/debug/tracing");
	tree_directory(&fixture->tree, "/sys/kernel/tracing/events");
	assert_success(tracefs_find(&fixture->host, &path));
	assert_string_equal(path, "/sys/kernel/tracing");
}

static void lists_are_sorted_without_twins(void **state)
{
	struct tree_host *fixture = *state;
	tracefs_events events = {};

	tree_directory(&fixture->tree, "/sys/kernel/tracing/events");
	tree_write_text(&fixture->tree, "/sys/kernel/tracing/available_events",
		"sched:sched_waking\nirq:x\nnonsense\nsched:sched_switch\nirq:x\nirq_vectors:a");
	assert_success(tracefs_list(&fixture->host, &fixture->arena, &events));
	assert_int_equal(events.count, 4);
	assert_string_equal(events.items[0].category, "irq");
	assert_string_equal(events.items[0].name, "x");
	assert_string_equal(events.items[1].category, "irq_vectors");
	assert_string_equal(events.items[1].name, "a");
	assert_string_equal(events.items[2].name, "sched_switch");
	assert_string_equal(events.items[3].name, "sched_waking");
	vec_deinit(&events);
}

static void events_are_enabled(void **state)
{
	struct tree_host *fixture = *state;
	_cleanup_str_ struct str text = STR_INIT;

	tree_write_text(&fixture->tree, "/sys/kernel/tracing/events/a/b/enable", "0");
	assert_success(tracefs_enable(&fixture->host, "a", "b"));
	assert_success(
		host_read_file(&fixture->host, "/sys/kernel/tracing/events/a/b/enable", &text));
	assert_string_equal(str_text(&text), "1");
	assert_failure(tracefs_enable(&fixture->host, "a", ".."), "no event is called a:..");

	_cleanup_error_ struct error *error = tracefs_enable(&fixture->host, "a", "c");

	assert_non_null(error);
	assert_int_equal(error->number, ENOENT);
}

static void formats_are_read_by_name(void **state)
{
	struct tree_host *fixture = *state;
	struct tracefs_format format = {};

	tree_write_text(
		&fixture->tree, "/sys/kernel/tracing/events/a/b/format", EVENT(FIELD("int x")));
	tree_write_text(&fixture->tree, "/sys/kernel/tracing/events/a/bad/format", "ID: x");
	assert_true(tracefs_has_event(&fixture->host, "a", "b"));
	assert_false(tracefs_has_event(&fixture->host, "a", "c"));
	assert_false(tracefs_has_event(&fixture->host, "a/b", ""));
	assert_false(tracefs_has_event(&fixture->host, "..", "events/a/b"));
	assert_false(tracefs_has_event(&fixture->host, "a", ".."));
	assert_success(tracefs_format_read(&fixture->host, "a", "b", &fixture->arena, &format));
	assert_string_equal(format.fields.items[0].name, "x");
	tracefs_format_deinit(&format);
	assert_failure(tracefs_format_read(&fixture->host, "a", "bad", &fixture->arena, &format),
		"/sys/kernel/tracing/events/a/bad/format: line 1: not an event number");
	assert_failure(tracefs_format_read(&fixture->host, "a", "../a/b", &fixture->arena, &format),
		"no event is called a:../a/b");
}

/* Every event of the running kernel can be read, and its id is the one in its own file. */
static void the_running_kernel(void **state _unused_)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	tracefs_events events = {};
	const struct tracefs_event *event;
	const char *tracefs;
	size_t fields = 0, located = 0;

	assert_success(host_open_root("/", &host));

	_cleanup_error_ struct error *error = tracefs_find(&host, &tracefs);

	if (error)
		skip();
	assert_success(tracefs_list(&host, &arena, &events));
	assert_true(events.count > 100);
	vec_for_each (&events, event) {
		struct tracefs_format format = {};
		const struct tracefs_field *field;
		_cleanup_str_ struct str path = STR_INIT, id = STR_INIT;

		assert_true(tracefs_has_event(&host, event->category, event->name));
		assert_success(
			tracefs_format_read(&host, event->category, event->name, &arena, &format));
		str_printf(&path, "%s/events/%s/%s/id", tracefs, event->category, event->name);
		assert_success(host_read_file(&host, path.data, &id));
		assert_int_equal(format.id, strtoul(id.data, NULL, 10));
		vec_for_each (&format.fields, field) {
			assert_true(strncmp(field->name, "common_", 7) != 0);
			fields++;
			located += field->location != TRACEFS_IN_PLACE;
		}
		tracefs_format_deinit(&format);
	}
	assert_true(fields > events.count);
	assert_true(located > 0);
	vec_deinit(&events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_of_an_event),
		cmocka_unit_test(declarations),
		cmocka_unit_test(buffer_only_fields_are_hidden),
		cmocka_unit_test(first_of_a_name_counts),
		cmocka_unit_test(no_fields_is_an_event_too),
		cmocka_unit_test(hostile_text_is_refused),
		cmocka_unit_test_setup_teardown(
			mounted_in_either_place, tree_host_setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			lists_are_sorted_without_twins, tree_host_setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			events_are_enabled, tree_host_setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			formats_are_read_by_name, tree_host_setup, tree_host_teardown),
		cmocka_unit_test(the_running_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
