/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/door/dump.h"
#include "bpftrace/door/request.h"
#include "libcommon/host/feature.h"

static struct request full_request(void)
{
	static const char text[] = "BEGIN { }\0 \xff";
	struct request request = request_init();

	request.name = "a \xfe name";
	request.text = text;
	request.length = sizeof(text) - 1;
	vec_push(&request.parameters, "one");
	vec_push(&request.parameters, "");
	request.answer = ANSWER_DUMP;
	request.dump_level = 2;
	request.dump_pass = "infer";
	request.unsafe = true;
	request.has_child = true;
	request.pid_namespace = true;
	request.helper_errors = 2;
	request.pid = 77;
	request.verbose = 3;
	request.probe_filter = ":10$";
	request.traceable = "f\ng [m]\n";
	request.no_warnings = true;
	request.colored = true;
	request.waits_since = 1234;
	request.features = FEATURE_BIT(FEATURE_TAI) | FEATURE_BIT(FEATURE_UPROBE_MULTI);
	vec_push(&request.include_dirs, "/a");
	vec_push(&request.include_files, "b.h");
	request.settings.max_strlen = 200;
	request.root = "/some/root";
	request.arch = "aarch64";
	return request;
}

static void json_and_back(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(request_deinit) struct request request = full_request();
	_cleanup_(request_deinit) struct request back = {};
	_cleanup_json_ json_t *json = request_to_json(&request);

	assert_success(request_from_json(json, &arena, &back));
	assert_string_equal(back.name, request.name);
	assert_int_equal(back.length, request.length);
	assert_memory_equal(back.text, request.text, request.length);
	assert_int_equal(back.parameters.count, 2);
	assert_string_equal(back.parameters.items[0], "one");
	assert_string_equal(back.parameters.items[1], "");
	assert_int_equal(back.answer, ANSWER_DUMP);
	assert_int_equal(back.dump_level, 2);
	assert_string_equal(back.dump_pass, "infer");
	assert_string_equal(back.probe_filter, ":10$");
	assert_string_equal(back.traceable, "f\ng [m]\n");
	assert_true(back.unsafe && back.has_child && back.pid_namespace && back.no_warnings &&
		    back.colored && back.waits_since == 1234);
	assert_int_equal(back.helper_errors, 2);
	assert_int_equal(back.pid, 77);
	assert_int_equal(back.verbose, 3);
	assert_int_equal(back.features, request.features);
	assert_string_equal(back.include_dirs.items[0], "/a");
	assert_string_equal(back.include_files.items[0], "b.h");
	assert_int_equal(back.settings.max_strlen, 200);
	assert_string_equal(back.root, "/some/root");
	assert_string_equal(back.arch, "aarch64");
}

static void a_dump_and_the_answer(void **state _unused_)
{
	_cleanup_str_ struct str out = STR_INIT;
	struct slice dump, answer;

	str_append(&out, "dumpanswer");
	dump_close(&out, strlen("dump"));
	assert_true(dump_split(out.data, out.length, &dump, &answer));
	assert_int_equal(dump.length, strlen("dump"));
	assert_int_equal(answer.length, strlen("answer"));
	assert_memory_equal(answer.begin, "answer", answer.length);
	assert_false(dump_split(out.data, 7, &dump, &answer));
	str_truncate(&out, 0);
	dump_close(&out, 1);
	assert_false(dump_split(out.data, out.length, &dump, &answer));
}

static void an_empty_request_is_complete(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct request request = request_init();
	_cleanup_(request_deinit) struct request back = {};
	_cleanup_json_ json_t *json = request_to_json(&request);

	assert_success(request_from_json(json, &arena, &back));
	assert_string_equal(back.name, "stdin");
	assert_int_equal(back.length, 0);
	assert_null(back.dump_pass);
	assert_int_equal(back.settings.max_map_keys, 4096);
	assert_string_equal(back.root, "/");
	assert_null(back.arch);
}

static void hostile_requests_are_refused(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(request_deinit) struct request request = full_request();
	struct request back = {};
	const struct {
		const char *key, *value, *message;
	} cases[] = {
		{"name", "\"a\\u0000b\"", "request: 'name' contains a NUL byte"},
		{"text", "7", "request: 'text' is not a string"},
		{"parameters", "{}", "request: 'parameters' is not an array"},
		{"parameters", "[1]", "request: 'parameters' is not a string"},
		{"settings", "[]", "request: 'settings' is not an object"},
		{"answer", "6", "request: 'answer' is not between 0 and 5"},
		{"answer", "-1", "request: 'answer' is not between 0 and 5"},
		{"dump_pass", "[]", "request: 'dump_pass' is not a string"},
		{"unsafe", "1", "request: 'unsafe' is not a boolean"},
		{"pid", "2147483648", "request: 'pid' is not between 0 and 2147483647"},
		{"root", "null", "request: 'root' is not a string"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_json_ json_t *json = request_to_json(&request);
		json_t *value = NULL;

		assert_success(json_parse(cases[i].value, strlen(cases[i].value), &value));
		json_object_set_new(json, cases[i].key, value);
		assert_failure(request_from_json(json, &arena, &back), cases[i].message);
	}
	assert_null(back.name);
}

static bool is_optional(const char *key)
{
	static const char *const keys[] = {"arch", "dump_pass", "probe_filter", "traceable"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(keys[i], key) == 0)
			return true;
	}
	return false;
}

/* Without any one of its members a request is refused, but for those that may be missing. */
static void missing_members_are_told(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(request_deinit) struct request request = full_request();
	_cleanup_json_ json_t *whole = request_to_json(&request);
	const char *key;
	json_t *value;

	json_object_foreach(whole, key, value)
	{
		_cleanup_json_ json_t *json = json_copy(whole);
		_cleanup_(request_deinit) struct request back = {};

		json_object_del(json, key);
		if (is_optional(key)) {
			assert_success(request_from_json(json, &arena, &back));
			continue;
		}

		_cleanup_error_ struct error *error = request_from_json(json, &arena, &back);

		assert_non_null(error);
		assert_non_null(strstr(error->message, key));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_and_back),
		cmocka_unit_test(a_dump_and_the_answer),
		cmocka_unit_test(an_empty_request_is_complete),
		cmocka_unit_test(hostile_requests_are_refused),
		cmocka_unit_test(missing_members_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
