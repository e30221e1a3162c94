/* SPDX-License-Identifier: Apache-2.0 */
#include "bpftrace/runner/show/flame_svg.h"
#include "tests/unit/profile_fixture.h"

/* The document that the run ends with; the caller frees it. */
static char *document(struct show_fixture *shown)
{
	shown->output->ops->finish(shown->output);
	return fixture_written(shown);
}

static void assert_holds(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in %s", part, text);
}

static void nothing(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();

	fixture_output(&shown, "flamegraph");

	_cleanup_free_ char *written = document(&shown);

	assert_holds(written, ">Nothing was recorded: ");
	assert_string_equal(written + strlen(written) - 7, "</svg>\n");
}

static const char *const stacks[] = {"", "work\nmain", "sys\nentry", "</script>]]>\"\nmain"};

/* Frames are drawn to scale, and are numbers for the script. */
static void frames(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	const uint32_t parts[] = {fixture_stack(&shown, MEANING_KSTACK, ""),
		fixture_stack(&shown, MEANING_USTACK, "")};
	_cleanup_map_content_ struct map_content map = fixture_map(&shown, "@m",
		types_tuple(types, parts, 2), fixture_aggregate(&shown, MEANING_COUNT));

	fixture_output(&shown, "flamegraph");

	struct names *named = fixture_stacks(&shown, stacks);

	fixture_element(&map, ((uint64_t[]){2, 1}), &(uint64_t){3000});
	fixture_element(&map, ((uint64_t[]){0, 3}), &(uint64_t){1000});
	fixture_show(&shown, &map, 0, 1);

	_cleanup_free_ char *written = document(&shown);

	assert_holds(written, ">@m</text>");
	assert_holds(written, ">4,000 in total</text>");
	assert_holds(written, ">user</text>");
	assert_holds(written, ">kernel</text>");
	assert_null(strstr(written, ">key</text>"));
	assert_holds(written, "data-rows=\"5\"");
	assert_holds(written, "M308.0 94.5h875.5"); /* work, behind a quarter for the other */
	assert_holds(written, ">&lt;/script&gt;]]&gt;&quot;</text>");
	assert_holds(written, "main\nu");
	/* main and </script>; back by one, work, entry and sys */
	assert_holds(written, "<metadata class=\"stacks\">(*()wA)+*+,gr)</metadata>");
	assert_null(strstr(written, "</script>]]>\""));
	output_close(shown.output);
	shown.output = NULL;
	names_free(named);
}

static void bars(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t text = types_string(types, 8);
	const uint32_t parts[] = {text, types_integer(types, 8, true)};
	_cleanup_map_content_ struct map_content map =
		fixture_map(&shown, "@h", types_tuple(types, parts, 2),
			fixture_histogram(&shown, MEANING_LHIST, 4, "min=10,max=30,step=10"));
	const struct {
		char text[8];
		int64_t number;
	} first = {"<a>", 1}, second = {"b", 2};

	fixture_output(&shown, "flamegraph");
	fixture_element(&map, &first, ((uint64_t[]){1, 0, 2, 0}));
	fixture_element(&map, &second, ((uint64_t[]){0, 0, 9, 0}));
	fixture_show(&shown, &map, 0, 1);

	_cleanup_free_ char *written = document(&shown);
	const char *larger = strstr(written, ">b, 2</text>");

	assert_holds(written, ">12 in total</text>");
	assert_non_null(larger);
	assert_holds(larger, ">&lt;a&gt;, 1</text>");
	assert_holds(written, "width=\"200.0\" height=\"15\" rx=\"2\"><title>(..., 10): 1</title>");
	assert_holds(written, "<title>[10, 20): 0</title>");
	assert_holds(written, "width=\"400.0\" height=\"15\" rx=\"2\"><title>[20, 30): 2</title>");
	assert_null(strstr(written, "<metadata class"));
}

/* Of a histogram by stacks, buckets are frames. */
static void buckets(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	uint32_t stack = fixture_stack(&shown, MEANING_KSTACK, "");
	_cleanup_map_content_ struct map_content map = fixture_map(&shown, "@h", stack,
		fixture_histogram(&shown, MEANING_LHIST, 4, "min=10,max=30,step=10"));

	fixture_output(&shown, "flamegraph");

	struct names *named = fixture_stacks(&shown, stacks);

	fixture_element(&map, &(uint64_t){1}, ((uint64_t[]){1, 0, 3, 0}));
	fixture_show(&shown, &map, 0, 1);

	_cleanup_free_ char *written = document(&shown);

	assert_holds(written, "data-rows=\"4\"");
	assert_holds(written, ">(..., 10)</text>");
	assert_holds(written, ">[20, 30)</text>");
	assert_null(strstr(written, "[10, 20)"));
	assert_holds(written, ">bucket</text>");
	output_close(shown.output);
	shown.output = NULL;
	names_free(named);
}

/* Each map is in the document as it was at its last print, and all that was cleared. */
static void prints(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	uint32_t text = types_string(shown.traced.bundle.types, 8);
	uint32_t count = fixture_aggregate(&shown, MEANING_COUNT);
	_cleanup_map_content_ struct map_content a = fixture_map(&shown, "@a", text, count);
	_cleanup_map_content_ struct map_content b = fixture_map(&shown, "@b", text, count);

	fixture_output(&shown, "flamegraph");
	fixture_element(&a, (char[8]){"x"}, &(uint64_t){30});
	fixture_element(&b, (char[8]){"y"}, &(uint64_t){50});
	fixture_show(&shown, &a, 0, 1);
	fixture_show(&shown, &a, 0, 1);
	show_cleared(shown.output, "@a");
	show_cleared(shown.output, "@never printed");
	fixture_show(&shown, &a, 0, 1);
	fixture_show(&shown, &b, 0, 1);
	fixture_show(&shown, &b, 0, 1);

	_cleanup_free_ char *written = document(&shown);

	assert_holds(written, ">60 in total</text>");
	assert_holds(written, ">50 in total</text>");
}

/* Many narrow frames cost little: they are drawn by the script alone. */
static void size(void **state _unused_)
{
	enum { STACKS = 10000, DEPTH = 30, FUNCTIONS = 1500 };
	struct flame_tree tree = {};
	struct profile_path path = {};
	uint64_t random = 1;

	for (int i = 0; i < STACKS; i++) {
		path.frames.count = 0;
		str_truncate(&path.names, 0);
		for (int j = 0; j < DEPTH; j++) {
			size_t begin = path.names.length;

			random = random * 6364136223846793005 + 1442695040888963407;
			str_printf(&path.names, "library_%d_function_number_%d",
				(int)(random >> 33) % 50, (int)(random >> 40) % (FUNCTIONS / 50));
			vec_push(&path.frames, ((struct path_frame){FRAME_USER, begin,
						       path.names.length - begin, 0}));
		}
		flame_tree_add(&tree, &path, 1 + random % 3);
	}

	const struct flame_picture picture = {"@", &tree, false};
	_cleanup_str_ struct str text = STR_INIT;

	assert_int_equal(tree.cut, 0);
	assert_true(tree.nodes.count > 250000);
	flame_svg_append(&text, &picture, 1);
	assert_in_range(text.length, 100000, 1000000);
	flame_tree_deinit(&tree);
	str_deinit(&path.names);
	vec_deinit(&path.frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),
		cmocka_unit_test(frames),
		cmocka_unit_test(bars),
		cmocka_unit_test(buckets),
		cmocka_unit_test(prints),
		cmocka_unit_test(size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
