/* SPDX-License-Identifier: Apache-2.0 */
#include "bpftrace/runner/show/folded.h"
#include "tests/unit/profile_fixture.h"

static void assert_name(const char *name, size_t size, const char *expected)
{
	_cleanup_str_ struct str text = STR_INIT;

	folded_append_name(&text, name, size);
	assert_string_equal(str_text(&text), expected);
}

/* Nothing in a name ends its frame or its line. */
static void names(void **state _unused_)
{
	assert_name("f", 1, "f");
	assert_name("operator new(unsigned long)", 27, "operator new(unsigned long)");
	assert_name("a;b;", 4, "a:b:");
	assert_name("a\nb\r\t\v\0c", 8, "a\\nb\\r\\t\\x0b\\x00c");
	assert_name("\xc3\xa9\xff", 3, "\xc3\xa9\xef\xbf\xbd");
	assert_name("a\xc2\x85"
		    "b\xe2\x80\xa8"
		    "c\xe2\x80\xa9"
		    "d",
		12, "a\\xc2\\x85b c d");
	assert_name("a  ", 3, "a");
	assert_name("  ", 2, "_");
	assert_name("", 0, "_");
}

static void assert_line(const char *first, const char *last, const char *expected)
{
	struct profile_path path = {};
	_cleanup_str_ struct str line = STR_INIT;

	str_append(&path.names, first);
	str_append(&path.names, last);
	vec_push(&path.frames, ((struct path_frame){.length = strlen(first)}));
	vec_push(
		&path.frames, ((struct path_frame){.name = strlen(first), .length = strlen(last)}));
	folded_append_line(&line, &path, 7);
	assert_string_equal(str_text(&line), expected);
	str_deinit(&path.names);
	vec_deinit(&path.frames);
}

/* Only one number stands at the end. */
static void numbers(void **state _unused_)
{
	assert_line("a", "b", "a;b 7\n");
	assert_line("a 1", "2", "a 1;2 7\n");
	assert_line("a", "b 12", "a;b_12 7\n");
	assert_line("a", "b  1.5", "a;b _1.5 7\n");
	assert_line("a", " 12", "a;_12 7\n");
	assert_line("a", "b12", "a;b12 7\n");
}

static const char *const stacks[] = {"", "work\nmain\n_start", "do_syscall\nentry", "a;b"};

static void maps(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t kernel = fixture_stack(&shown, MEANING_KSTACK, "");
	uint32_t user = fixture_stack(&shown, MEANING_USTACK, "perf");
	uint32_t raw = fixture_stack(&shown, MEANING_USTACK, "raw");
	uint32_t s64 = types_integer(types, 8, true), text = types_string(types, 8);
	const uint32_t parts[] = {kernel, text, user};
	uint32_t inner = types_tuple(types, parts, 3);
	const uint32_t outer[] = {s64, inner};
	const struct {
		uint64_t kernel;
		char text[8];
		uint64_t user;
	} key = {2, "c d", 1}, none = {0, "", 0};
	const struct {
		int64_t number;
		__typeof__(key) inner;
	} nested = {-5, key};
	_cleanup_map_content_ struct map_content mixed =
		fixture_map(&shown, "@m", inner, fixture_aggregate(&shown, MEANING_COUNT));
	_cleanup_map_content_ struct map_content deep =
		fixture_map(&shown, "@d", types_tuple(types, outer, 2), s64);
	_cleanup_map_content_ struct map_content alone =
		fixture_map(&shown, "@a", user, fixture_aggregate(&shown, MEANING_SUM));
	_cleanup_map_content_ struct map_content addresses =
		fixture_map(&shown, "@r", raw, fixture_aggregate(&shown, MEANING_COUNT));

	fixture_output(&shown, "folded");

	struct names *named = fixture_stacks(&shown, stacks);

	fixture_element(&mixed, &key, &(uint64_t){3});
	fixture_element(&mixed, &none, &(uint64_t){2});
	fixture_element(&deep, &nested, &(int64_t){20});
	fixture_element(&alone, &(uint64_t){0}, &(int64_t){1});
	fixture_element(&alone, &(uint64_t){3}, &(int64_t){4});
	fixture_element(&alone, &(uint64_t){1}, &(int64_t){0});
	fixture_element(&alone, &(uint64_t){2}, &(int64_t){-4});
	fixture_element(&addresses, &(uint64_t){1}, &(uint64_t){1});
	fixture_show(&shown, &mixed, 0, 1);
	fixture_show(&shown, &deep, 0, 10);
	fixture_show(&shown, &alone, 0, 1);
	fixture_show(&shown, &addresses, 0, 1);
	shown.output->has_several_profiles = true;
	fixture_show(&shown, &mixed, 1, 1);
	assert_written(&shown, "[empty] 2\n"
			       "c d;_start;main;work;entry;do_syscall 3\n"
			       "-5;c d;_start;main;work;entry;do_syscall 2\n"
			       "[no stack] 1\na:b 4\n"
			       "2e;1f 1\n"
			       "@m;c d;_start;main;work;entry;do_syscall 3\n");
	output_close(shown.output);
	shown.output = NULL;
	names_free(named);
}

/* What adds up. */
static void values(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t s64 = types_integer(types, 8, true);
	_cleanup_map_content_ struct map_content average =
		fixture_map(&shown, "@a", s64, fixture_aggregate(&shown, MEANING_AVG));
	_cleanup_map_content_ struct map_content stats =
		fixture_map(&shown, "@s", 0, fixture_unsigned(&shown, MEANING_STATS));
	_cleanup_map_content_ struct map_content hist = fixture_map(
		&shown, "@h", s64, fixture_histogram(&shown, MEANING_HIST, 66, "bits=0"));
	_cleanup_map_content_ struct map_content smallest =
		fixture_map(&shown, "@n", s64, fixture_aggregate(&shown, MEANING_MIN));
	_cleanup_map_content_ struct map_content number = fixture_map(&shown, "@i", s64, s64);
	uint64_t buckets[66] = {[0] = 2, [4] = 4, [12] = 6};

	fixture_output(&shown, "folded");
	fixture_element(&average, &(int64_t){9}, ((uint64_t[]){2, 20}));
	fixture_element(&stats, "", ((uint64_t[]){3, 5, 1}));
	fixture_element(&hist, &(int64_t){9}, buckets);
	fixture_element(&smallest, &(int64_t){9}, ((uint64_t[]){1, 1}));
	fixture_element(&number, &(int64_t){9}, &(int64_t){9});
	fixture_show(&shown, &average, 0, 1);
	fixture_show(&shown, &stats, 0, 1);
	fixture_show(&shown, &hist, 0, 2);
	fixture_show(&shown, &smallest, 0, 1);
	fixture_show(&shown, &number, 0, 1);
	assert_written(&shown, "9 20\n@s 4294967301\n9;(..., 0) 1\n9;[4, 8) 2\n9;[1K, 2K) 3\n");
}

/* Which maps are profiles is seen by their types, so that a run gives each line the same root. */
static void several(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t s64 = types_integer(types, 8, true);
	uint32_t stack = fixture_stack(&shown, MEANING_KSTACK, "");
	struct map_layout layouts[3] = {
		{.key_type = s64, .value_type = s64},
		{.key_type = stack, .value_type = s64},
		{.key_type = s64, .value_type = fixture_aggregate(&shown, MEANING_COUNT)},
	};

	fixture_output(&shown, "folded");
	assert_success(aggregate_find(types, layouts[2].value_type, &layouts[2].aggregate));
	shown.traced.map_layouts = layouts;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		vec_push(&shown.traced.bundle.manifest.maps, ((struct manifest_map){.name = "@"}));
		show_prepare(shown.output, &shown.traced);
		assert_int_equal(shown.output->has_several_profiles, i == 2);
	}
	shown.traced.map_layouts = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(numbers),
		cmocka_unit_test(maps),
		cmocka_unit_test(values),
		cmocka_unit_test(several),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
