/* SPDX-License-Identifier: Apache-2.0 */
#include "bpftrace/runner/show/flame_tree.h"

#include "libcommon/base/alloc.h"
#include "tests/unit/unit.h"

/* Adds a path of user frames: a letter each. */
static void add(struct flame_tree *tree, const char *letters, uint64_t count)
{
	struct profile_path path = {};

	str_append(&path.names, letters);
	for (size_t i = 0; letters[i]; i++)
		vec_push(&path.frames,
			((struct path_frame){.kind = FRAME_USER, .name = i, .length = 1}));
	flame_tree_add(tree, &path, count);
	str_deinit(&path.names);
	vec_deinit(&path.frames);
}

/* "name:depth:begin:self/total", blanks between frames. */
static void assert_layout(const struct flame_tree *tree, bool with_empty, const char *expected)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct flame_layout layout = flame_tree_layout(tree, with_empty);
	const struct flame_frame *frame;

	vec_for_each (&layout.frames, frame)
		str_printf(&text, " %s:%u:%d:%d/%d",
			frame->depth ? tree->names.items[frame->name].text : "", frame->depth,
			(int)frame->begin, (int)frame->self, (int)frame->total);
	assert_string_equal(str_text(&text), expected);
	flame_layout_deinit(&layout);
}

static void merging(void **state _unused_)
{
	struct flame_tree tree = {};

	assert_layout(&tree, false, "");
	add(&tree, "bc", 2);
	add(&tree, "ba", 3);
	add(&tree, "b", 4);
	add(&tree, "a", 1);
	add(&tree, "bc", 5);
	add(&tree, "d", 0);
	assert_layout(&tree, false, " :0:0:0/15 a:1:0:1/1 b:1:1:4/14 a:2:1:3/3 c:2:4:7/7");
	assert_layout(
		&tree, true, " :0:0:0/15 a:1:0:1/1 b:1:1:4/14 a:2:1:3/3 c:2:4:7/7 d:1:15:0/0");
	assert_int_equal(tree.names.count, 4);
	flame_tree_deinit(&tree);
}

/* Each print shows all of a map, unless it was cleared. */
static void prints(void **state _unused_)
{
	struct flame_tree tree = {};

	add(&tree, "a", 1);
	flame_tree_restart(&tree);
	add(&tree, "a", 2);
	assert_layout(&tree, false, " :0:0:0/2 a:1:0:2/2");
	flame_tree_keep(&tree);
	flame_tree_keep(&tree);
	flame_tree_restart(&tree);
	add(&tree, "b", 3);
	assert_layout(&tree, false, " :0:0:0/5 a:1:0:2/2 b:1:2:3/3");
	flame_tree_restart(&tree);
	assert_layout(&tree, false, " :0:0:0/2 a:1:0:2/2");
	add(&tree, "a", UINT64_MAX);
	assert_true(flame_node_count(&tree.nodes.items[1]) == UINT64_MAX);
	flame_tree_deinit(&tree);
}

/* What finds no room is counted by a caller. */
static void limits(void **state _unused_)
{
	struct flame_tree tree = {.nodes_most = 3};

	add(&tree, "abc", 1);
	add(&tree, "ax", 1);
	add(&tree, "x", 1);
	add(&tree, "ab", 1);
	assert_layout(&tree, false, " :0:0:1/4 a:1:0:1/3 b:2:0:2/2");
	assert_int_equal(tree.cut, 3);
	flame_tree_keep(&tree);
	add(&tree, "x", 1);
	flame_tree_restart(&tree);
	assert_int_equal(tree.cut, 3);
	tree.name_bytes = FLAME_NAMES_MAX;
	tree.nodes_most = 0;
	add(&tree, "aby", 1);
	add(&tree, "abc", 1);
	assert_int_equal(tree.cut, 4);
	flame_tree_deinit(&tree);
}

static const char *added_name(struct flame_tree *tree, const char *name, size_t size)
{
	struct profile_path path = {};

	str_append_bytes(&path.names, name, size);
	vec_push(&path.frames, ((struct path_frame){.length = size}));
	flame_tree_add(tree, &path, 1);
	str_deinit(&path.names);
	vec_deinit(&path.frames);
	return vec_last(&tree->names)->text;
}

/* A document of XML may hold them. */
static void names(void **state _unused_)
{
	struct flame_tree tree = {};
	_cleanup_free_ char *large = xmalloc(65536);
	const char *cut;

	memset(large, 'x', 65536);
	assert_string_equal(added_name(&tree, "a\0\x1b\n", 4), "a\\x00\\x1b\\n");
	assert_string_equal(added_name(&tree, "\xff\xed\xa0\x80", 4),
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	assert_string_equal(added_name(&tree, "\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd", 9),
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	cut = added_name(&tree, large, 65536);
	assert_int_equal(strlen(cut), FLAME_NAME_MAX + 3);
	assert_string_equal(cut + FLAME_NAME_MAX, "\xe2\x80\xa6");
	large[65535] = 'y';
	added_name(&tree, large, 65536);
	assert_int_equal(tree.nodes.count, 6);
	flame_tree_deinit(&tree);
}

/* User code calls the kernel; buckets stand by what they count, not by their names. */
static void order(void **state _unused_)
{
	struct flame_tree tree = {};
	struct profile_path path = {};
	static const struct path_frame frames[] = {
		{FRAME_BUCKET, 2, 1, 10},
		{FRAME_KERNEL, 0, 1, 0},
		{FRAME_BUCKET, 0, 1, 20},
		{FRAME_BUCKET, 1, 1, INT64_MIN},
		{FRAME_USER, 2, 1, 0},
		{FRAME_KEY, 2, 1, 0},
	};

	str_append(&path.names, "abc");
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
		path.frames.count = 0;
		vec_push(&path.frames, frames[i]);
		flame_tree_add(&tree, &path, 1);
	}
	assert_layout(&tree, false,
		" :0:0:0/6 c:1:0:1/1 c:1:1:1/1 a:1:2:1/1 b:1:3:1/1 c:1:4:1/1 a:1:5:1/1");
	str_deinit(&path.names);
	vec_deinit(&path.frames);
	flame_tree_deinit(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merging),
		cmocka_unit_test(prints),
		cmocka_unit_test(limits),
		cmocka_unit_test(names),
		cmocka_unit_test(order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
