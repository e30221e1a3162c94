/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "libcommon/base/alloc.h"
#include "libcommon/base/arena.h"

/* Objects of many sizes neither overlap nor move while others are added. */
static void objects_keep_their_bytes(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	unsigned char *objects[2000];

	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		objects[i] = arena_alloc(&arena, i % 97 == 0 ? i * 10 : i % 50);
		assert_int_equal((uintptr_t)objects[i] % _Alignof(max_align_t), 0);
		memset(objects[i], (int)(i & 0xff), i % 50);
	}
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		for (size_t k = 0; k < i % 50; k++)
			assert_int_equal(objects[i][k], i & 0xff);
	}
}

static void memory_is_zeroed(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;

	for (int round = 0; round < 2; round++) {
		for (size_t i = 1; i < 300; i++) {
			unsigned char *object = arena_alloc(&arena, i);

			for (size_t k = 0; k < i; k++)
				assert_int_equal(object[k], 0);
			memset(object, 0xff, i);
		}
		arena_deinit(&arena);
		assert_null(arena.chunk);
	}
}

static void texts_are_copied(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	char text[] = "a name";
	char *copy = arena_strdup(&arena, text);
	char *part = arena_strndup(&arena, text, 3);
	char *bytes = arena_memdup(&arena, "a\0b", 3);

	text[0] = 'x';
	assert_string_equal(copy, "a name");
	assert_string_equal(part, "a n");
	assert_string_equal(arena_strndup(&arena, "short", 100), "short");
	assert_memory_equal(bytes, "a\0b", 3);
	assert_string_equal(arena_printf(&arena, "%s:%d", copy, 7), "a name:7");
	assert_int_equal(strlen(arena_printf(&arena, "%9999s", "")), 9999);
}

static void typed_helpers_have_the_size(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	uint64_t *one = arena_new(&arena, uint64_t);
	uint64_t *many = arena_array(&arena, uint64_t, 1000);

	*one = 1;
	for (size_t i = 0; i < 1000; i++)
		many[i] = i;
	assert_int_equal(*one, 1);
	assert_int_equal(many[999], 999);
}

/* The address sanitizer ends the process at a size that malloc would refuse, unless told not to. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static jmp_buf refused;

static void jump_out(void)
{
	longjmp(refused, 1);
}

/* A size that cannot be had ends in the handler, not in a NULL. */
static void impossible_sizes_are_refused(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	volatile int times = 0;

	alloc_set_failed(jump_out);
	if (setjmp(refused) == 0)
		arena_alloc(&arena, SIZE_MAX - 3);
	else
		times++;
	if (setjmp(refused) == 0)
		alloc_refused();
	else
		times++;
	alloc_set_failed(abort);
	assert_int_equal(times, 2);
}

static void plain_allocations(void **state _unused_)
{
	_cleanup_free_ char *copy = xmemdup("abc", 4);
	_cleanup_free_ char *part = xstrndup("abcdef", 2);
	_cleanup_free_ char *text = xasprintf("%d-%s", 5, "x");
	_cleanup_free_ void *nothing = xmalloc(0);
	_cleanup_free_ unsigned char *zeros = xcalloc(3, 5);

	assert_string_equal(copy, "abc");
	assert_string_equal(part, "ab");
	assert_string_equal(text, "5-x");
	assert_non_null(nothing);
	for (size_t i = 0; i < 15; i++)
		assert_int_equal(zeros[i], 0);
}

static void texts_are_joined(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;

	assert_string_equal(arena_join(&arena, "a", "", ":", "bc", NULL), "a:bc");
	assert_string_equal(arena_join(&arena, NULL), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_keep_their_bytes),
		cmocka_unit_test(memory_is_zeroed),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(typed_helpers_have_the_size),
		cmocka_unit_test(impossible_sizes_are_refused),
		cmocka_unit_test(plain_allocations),
		cmocka_unit_test(texts_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
