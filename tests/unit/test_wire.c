/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/door/wire.h"

struct fixture {
	struct arena arena;
	json_t *json;
	struct wire wire;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){};
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	json_decref(fixture->json);
	error_free(fixture->wire.error);
	arena_deinit(&fixture->arena);
	return 0;
}

/* Starts anew, with the object that text is. */
static struct wire *start(struct fixture *fixture, const char *text)
{
	json_decref(fixture->json);
	error_free(fixture->wire.error);
	fixture->json = NULL;
	assert_success(json_parse(text, strlen(text), &fixture->json));
	fixture->wire = wire_start(fixture->json, "thing", &fixture->arena);
	return &fixture->wire;
}

static void assert_wrong(struct wire *wire, const char *message)
{
	assert_non_null(wire->error);
	assert_string_equal(wire->error->message, message);
}

static void members_of_all_kinds(void **state)
{
	struct wire *wire = start(*state,
		"{\"n\": 7, \"b\": true, \"t\": \"text\", \"a\": [1, 2], \"o\": {\"x\": 1}}");
	size_t length = 0;

	assert_int_equal(wire_number(wire, "n", 7, 7), 7);
	assert_true(wire_bool(wire, "b"));
	assert_string_equal(wire_text(wire, "t"), "text");
	assert_string_equal(wire_bytes(wire, "t", &length), "text");
	assert_int_equal(length, 4);
	assert_int_equal(json_array_size(wire_array(wire, "a", 2)), 2);
	assert_int_equal(json_object_size(wire_object(wire, "o")), 1);
	assert_string_equal(wire_optional_text(wire, "t"), "text");
	assert_null(wire_optional_text(wire, "none"));
	assert_null(wire->error);
}

static void the_first_error_stays(void **state)
{
	struct wire *wire = start(*state, "{\"n\": 7, \"t\": \"text\", \"b\": true, \"a\": []}");

	assert_int_equal(wire_number(wire, "n", 8, 9), 0);
	assert_string_equal(wire_text(wire, "none"), "");
	assert_string_equal(wire_text(wire, "t"), "");
	assert_null(wire_optional_text(wire, "t"));
	assert_int_equal(wire_number(wire, "n", 0, 9), 0);
	assert_int_equal(wire_bits(wire, "n"), 0);
	assert_false(wire_bool(wire, "b"));
	assert_null(wire_array(wire, "a", 1));
	wire_fail(wire, "later");
	assert_wrong(wire, "thing: 'n' is not between 8 and 9");
}

static void what_is_no_object_has_no_members(void **state)
{
	struct wire *wire = start(*state, "[\"t\"]");

	assert_string_equal(wire_text(wire, "t"), "");
	assert_wrong(wire, "thing: is not an object");
}

static void numbers_at_their_edges(void **state)
{
	struct fixture *fixture = *state;
	struct wire *wire = start(fixture, "{\"m\": -1, \"r\": 1.0, \"t\": \"1\"}");

	assert_true(wire_bits(wire, "m") == UINT64_MAX);
	assert_true(wire_number(wire, "m", 0, UINT64_MAX) == UINT64_MAX);
	assert_null(wire->error);
	assert_int_equal(wire_number(wire, "m", 0, INT64_MAX), 0);
	assert_wrong(wire, "thing: 'm' is not between 0 and 9223372036854775807");
	wire = start(fixture, "{\"r\": 1.0}");
	assert_int_equal(wire_bits(wire, "r"), 0);
	assert_wrong(wire, "thing: 'r' is not an integer");
	wire = start(fixture, "{\"r\": \"1\"}");
	assert_int_equal(wire_number(wire, "r", 0, 9), 0);
	assert_wrong(wire, "thing: 'r' is not an integer");
}

static void members_of_another_kind(void **state)
{
	struct fixture *fixture = *state;
	struct wire *wire = start(fixture, "{\"x\": 1}");

	assert_false(wire_bool(wire, "x"));
	assert_wrong(wire, "thing: 'x' is not a boolean");
	wire = start(fixture, "{\"x\": 1}");
	assert_null(wire_array(wire, "x", 9));
	assert_wrong(wire, "thing: 'x' is not an array");
	wire = start(fixture, "{\"x\": [1, 2]}");
	assert_null(wire_array(wire, "x", 1));
	assert_wrong(wire, "thing: 'x' has more than 1 elements");
	wire = start(fixture, "{\"x\": []}");
	assert_null(wire_object(wire, "x"));
	assert_wrong(wire, "thing: 'x' is not an object");
	wire = start(fixture, "{\"x\": null}");
	assert_string_equal(wire_optional_text(wire, "x"), "");
	assert_wrong(wire, "thing: 'x' is not a string");
}

static void every_byte_arrives(void **state)
{
	struct fixture *fixture = *state;
	struct wire *wire = start(fixture, "{}");
	char all[256];
	size_t length = 0;

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)(i + 1);
	json_object_set_new(fixture->json, "all", wire_text_to_json(all, sizeof(all)));
	json_object_set_new(fixture->json, "utf8", wire_text_to_json("\xc3\xa4\0x", 4));
	json_object_set_new(fixture->json, "none", wire_text_to_json(NULL, 0));
	assert_memory_equal(wire_bytes(wire, "all", &length), all, sizeof(all));
	assert_int_equal(length, sizeof(all));
	assert_memory_equal(wire_bytes(wire, "utf8", &length), "\xc3\xa4\0x", 4);
	assert_int_equal(length, 4);
	assert_true(json_is_string(json_object_get(fixture->json, "utf8")));
	assert_string_equal(wire_bytes(wire, "none", &length), "");
	assert_int_equal(length, 0);
	assert_null(wire->error);
}

static void texts_hold_no_nul_byte(void **state)
{
	struct fixture *fixture = *state;
	static const char *const cases[] = {
		"{\"x\": \"a\\u0000b\"}", "{\"x\": {\"hex\": \"ff00\"}}"};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct wire *wire = start(fixture, cases[i]);
		size_t length = 0;

		wire_bytes(wire, "x", &length);
		assert_null(wire->error);
		assert_string_equal(wire_text(wire, "x"), "");
		assert_wrong(wire, "thing: 'x' contains a NUL byte");
	}
}

static void digits_that_are_none(void **state)
{
	struct fixture *fixture = *state;
	static const char *const cases[] = {"{}", "{\"hex\": 12}", "{\"hex\": \"f\"}",
		"{\"hex\": \"fF\"}", "{\"hex\": \"g0\"}", "{\"hex\": \"0/\"}", "{\"hex\": \"0:\"}",
		"{\"hex\": \"`a\"}", "{\"hex\": \"\\u0000\\u0000\"}", "{\"HEX\": \"ff\"}"};
	struct wire *wire = start(fixture, "{\"x\": {\"hex\": \"09af\"}}");

	assert_string_equal(wire_text(wire, "x"), "\x09\xaf");
	assert_null(wire->error);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *value = NULL;

		wire = start(fixture, "{}");
		assert_success(json_parse(cases[i], strlen(cases[i]), &value));
		json_object_set_new(fixture->json, "x", value);
		assert_string_equal(wire_text(wire, "x"), "");
		assert_wrong(wire, "thing: 'x' is not a string");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(members_of_all_kinds, setup, teardown),
		cmocka_unit_test_setup_teardown(the_first_error_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_object_has_no_members, setup, teardown),
		cmocka_unit_test_setup_teardown(numbers_at_their_edges, setup, teardown),
		cmocka_unit_test_setup_teardown(members_of_another_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(every_byte_arrives, setup, teardown),
		cmocka_unit_test_setup_teardown(texts_hold_no_nul_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(digits_that_are_none, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
