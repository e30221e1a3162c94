/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/runner/names/frames.h"

static void assert_text(const char *a, const char *b)
{
	if (a && b)
		assert_string_equal(a, b);
	else
		assert_ptr_equal(a, b);
}

static void assert_frame(const struct frame *a, const struct frame *b)
{
	assert_int_equal(a->address, b->address);
	assert_text(a->name, b->name);
	assert_int_equal(a->offset, b->offset);
	assert_text(a->object, b->object);
	assert_text(a->build_id, b->build_id);
	assert_int_equal(a->object_offset, b->object_offset);
	assert_text(a->source, b->source);
	assert_int_equal(a->line, b->line);
	assert_int_equal(a->is_inlined, b->is_inlined);
}

static void frames_are_what_was_written(void **state _unused_)
{
	static const struct frame frames[] = {
		{},
		{.address = UINT64_MAX,
			.name = "main",
			.offset = UINT64_MAX,
			.object = "/bin/true"},
		{.address = 1, .name = "", .object = ""},
		{.address = 2, .name = "a3:b\n\"\\;n4:\x01\xff\t", .object = "/tmp/a b\nn1:c"},
		{.address = 4, .name = "x", .source = "a\nb.c", .line = 77, .is_inlined = 1},
		{.address = 3, .object = "/x", .build_id = "00ff", .object_offset = 0x1234},
	};
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_str_ struct str text = STR_INIT;
	struct frame *found;

	for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
		frames_append(&frames[i], &text);
	assert_int_equal(frames_parse(text.data, &arena, &found), ARRAY_SIZE(frames));
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
		assert_frame(&found[i], &frames[i]);
}

/* The frames in front of a mistake, and the fields of the last one, are kept. */
static void what_follows_a_mistake_is_ignored(void **state _unused_)
{
	static const struct {
		const char *text;
		size_t count;
		const char *last;
	} rows[] = {
		{"", 0, NULL},
		{"n4:main", 0, NULL},
		{"a1:5n4:main", 1, "main"},
		{"a1:5z3:abcn4:main", 1, "main"},
		{"a1:5n4:mai", 1, NULL},
		{"a1:5n:main", 1, NULL},
		{"a1:5n-1:main", 1, NULL},
		{"a1:5n 4:main", 1, NULL},
		{"a1:5n18446744073709551615:main", 1, NULL},
		{"a1:5n99999999999999999999999:main", 1, NULL},
		{"a1:5n4main", 1, NULL},
		{"a1:5n4:maina", 1, "main"},
		{"a1:5n4:maina1:6!", 2, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena_ struct arena arena = ARENA_INIT;
		struct frame *found;

		assert_int_equal(frames_parse(rows[i].text, &arena, &found), rows[i].count);
		if (rows[i].count)
			assert_text(found[rows[i].count - 1].name, rows[i].last);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_what_was_written),
		cmocka_unit_test(what_follows_a_mistake_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
