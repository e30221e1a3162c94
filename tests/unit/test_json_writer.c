/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <math.h>
#include <stdlib.h>

#include "libcommon/base/json.h"
#include "libcommon/base/json_writer.h"

static void structure(void **state _unused_)
{
	_cleanup_str_ struct str out = STR_INIT;
	struct json_writer writer = {.out = &out};

	json_write_begin(&writer, '{');
	json_write_member(&writer, "a");
	json_write_begin(&writer, '[');
	json_write_integer(&writer, UINT64_MAX, false);
	json_write_integer(&writer, UINT64_MAX, true);
	json_write_begin(&writer, '[');
	json_write_end(&writer, ']');
	json_write_string(&writer, "s", 1);
	json_write_end(&writer, ']');
	json_write_name(&writer, "b\0c", 3);
	json_write_real(&writer, 0.5);
	json_write_member(&writer, "d");
	json_write_real(&writer, NAN);
	json_write_end(&writer, '}');
	assert_string_equal(str_text(&out),
		"{\"a\": [18446744073709551615, -1, [], \"s\"], \"b\\u0000c\": 0.5, \"d\": null}");
}

/* Strings are those of json_append(), which has jansson write them. */
static void assert_as_jansson(const void *data, size_t size)
{
	_cleanup_str_ struct str ours = STR_INIT, theirs = STR_INIT;
	_cleanup_json_ json_t *json = json_text(data, size);
	struct json_writer writer = {.out = &ours};

	json_write_string(&writer, data, size);
	json_append(json, &theirs);
	assert_string_equal(ours.data, theirs.data);
}

static void strings_of_any_bytes(void **state _unused_)
{
	unsigned char bytes[64];

	assert_as_jansson("", 0);
	for (int i = 0; i < 256 * 256; i++) {
		bytes[0] = (unsigned char)(i >> 8);
		bytes[1] = (unsigned char)i;
		assert_as_jansson(bytes, 2);
	}
	srand(1);
	for (int i = 0; i < 20000; i++) {
		size_t size = (size_t)rand() % sizeof(bytes);

		for (size_t k = 0; k < size; k++)
			bytes[k] = (unsigned char)(rand() % 3 ? 0x80 | rand() % 128 : rand());
		assert_as_jansson(bytes, size);
	}
	assert_as_jansson("\xe2\x82\xac \xf0\x9f\x90\x9d \xed\xa0\x80 \xc0\x80 \xe2\x82", 18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structure),
		cmocka_unit_test(strings_of_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
