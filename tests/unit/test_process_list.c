/* SPDX-License-Identifier: Apache-2.0 */
/* What the runner says of processes arrives as it was; nothing else is taken. */
#include "tests/unit/unit.h"

#include "bpftrace/door/process_list.h"

static void a_round_trip(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_processes_ struct processes processes = {.is_limited = true}, back = {};

	vec_push(&processes.roots, ((struct process_root){.pid = 7, .host = HOST_INIT}));
	vec_push(&processes.files, ((struct process_file){.path = "/a\377", .root = 1}));
	vec_push(&processes.files,
		((struct process_file){
			.path = "/b", .link = "/proc/7/exe", .home = 1, .is_program = true}));

	_cleanup_json_ json_t *json = process_list_to_json(&processes);

	assert_success(process_list_from_json(json, &arena, &back));
	assert_true(back.is_limited);
	assert_int_equal(back.roots.count, 1);
	assert_int_equal(back.roots.items[0].pid, 7);
	assert_int_equal(back.roots.items[0].host.root, 1);
	assert_int_equal(back.roots.items[0].host.root_fd, -1);
	assert_int_equal(back.files.count, 2);
	assert_string_equal(back.files.items[0].path, "/a\377");
	assert_null(back.files.items[0].link);
	assert_int_equal(back.files.items[0].root, 1);
	assert_false(back.files.items[0].is_program);
	assert_string_equal(back.files.items[1].link, "/proc/7/exe");
	assert_int_equal(back.files.items[1].home, 1);
	assert_true(back.files.items[1].is_program);
}

static void what_is_refused(void **state _unused_)
{
	static const char *const texts[] = {
		"[]",
		"{}",
		"{\"roots\": [], \"files\": []}",
		"{\"roots\": [{}], \"files\": [], \"is_limited\": false}",
		"{\"roots\": [{\"pid\": 0}], \"files\": [], \"is_limited\": false}",
		"{\"roots\": [], \"files\": [{\"path\": \"/\", \"root\": 1, \"home\": 0, "
		"\"is_program\": false}], \"is_limited\": false}",
		"{\"roots\": [], \"files\": [{\"path\": \"/\", \"root\": 0, \"home\": 1, "
		"\"is_program\": false}], \"is_limited\": false}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_arena_ struct arena arena = ARENA_INIT;
		_cleanup_processes_ struct processes processes = {};
		_cleanup_json_ json_t *json = NULL;

		assert_success(json_parse(texts[i], strlen(texts[i]), &json));

		_cleanup_error_ struct error *error =
			process_list_from_json(json, &arena, &processes);

		assert_non_null(error);
		assert_int_equal(processes.roots.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_round_trip),
		cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
