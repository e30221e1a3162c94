/* SPDX-License-Identifier: Apache-2.0 */
/* Attach points as text, and the table of probe types. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "libcommon/probes/probe.h"

static struct arena arena;

static int stop(void **state _unused_)
{
	arena_deinit(&arena);
	return 0;
}

static void parts_between_colons(void **state _unused_)
{
	struct probe_spec spec;

	assert_success(spec_parse(&arena, "tracepoint:sched:sched_switch", &spec));
	assert_string_equal(spec.text, "tracepoint:sched:sched_switch");
	assert_string_equal(spec.provider, "tracepoint");
	assert_int_equal(spec.count, 2);
	assert_string_equal(spec.parts[0], "sched");
	assert_string_equal(spec.parts[1], "sched_switch");

	assert_success(spec_parse(&arena, "BEGIN", &spec));
	assert_string_equal(spec.provider, "BEGIN");
	assert_int_equal(spec.count, 0);

	assert_success(spec_parse(&arena, "software:faults:", &spec));
	assert_int_equal(spec.count, 2);
	assert_string_equal(spec.parts[1], "");
}

/* LANG-43 */
static void quotes_keep_colons(void **state _unused_)
{
	struct probe_spec spec;

	assert_success(spec_parse(&arena, "uprobe:\"/lib/a:b.so\":\"ns::f\"", &spec));
	assert_int_equal(spec.count, 2);
	assert_string_equal(spec.parts[0], "/lib/a:b.so");
	assert_string_equal(spec.parts[1], "ns::f");
	assert_success(spec_parse(&arena, "uprobe:/lib/\"c++ lib\".so:f", &spec));
	assert_string_equal(spec.parts[0], "/lib/c++ lib.so");
}

/* In quotes only, but for a quote itself. */
static void escapes(void **state _unused_)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{"x:\"a\\\"b\"", "a\"b"},
		{"x:a\\\"b", "a\"b"},
		{"x:\"a\\\\b\"", "a\\b"},
		{"x:a\\\\b", "a\\\\b"},
		{"x:\"a\\nb\\x1bc\"", "a\nb\x1b"
				      "c"},
		{"x:a\\nb", "a\\nb"},
		{"x:\"\\x00\\x1\\xg0\\d\"", "\\x00\\x1\\xg0\\d"},
		{"x:\"a\\*b\"", "a\\*b"},
	};
	struct probe_spec spec;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_success(spec_parse(&arena, cases[i].text, &spec));
		assert_string_equal(spec.parts[0], cases[i].part);
	}
}

static void broken_specs(void **state _unused_)
{
	struct probe_spec spec = {.text = "untouched"};

	assert_failure(spec_parse(&arena, "", &spec), "'' lacks a probe type");
	assert_failure(spec_parse(&arena, ":a", &spec), "':a' lacks a probe type");
	assert_failure(spec_parse(&arena, "uprobe:\"/lib:f", &spec),
		"unterminated quote in 'uprobe:\"/lib:f'");
	assert_failure(spec_parse(&arena, "x:\"a\\", &spec), "unterminated quote in 'x:\"a\\'");
	assert_string_equal(spec.text, "untouched");
}

static void numbers(void **state _unused_)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {
		{"0", 0},
		{"99", 99},
		{"1_000", 1000},
		{"1e6", 1000000},
		{"0x1149", 0x1149},
		{"0xFf", 255},
		{"18446744073709551615", UINT64_MAX},
		{"0e99", 0},
	};
	static const char *const bad[] = {"", "x", "-1", "1.5", "1e", "e3", "1e-3", "0x", "0xg",
		"12a", "18446744073709551616", "1e20"};
	uint64_t value = 0;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(spec_number(good[i].text, &value));
		assert_true(value == good[i].value);
	}
	value = 4711;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(spec_number(bad[i], &value));
	assert_int_equal(value, 4711);
}

static void wildcards(void **state _unused_)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "anything", true},
		{"a", "a", true},
		{"a", "ab", false},
		{"a*", "ab", true},
		{"*b", "ab", true},
		{"*b", "abc", false},
		{"a*c", "abbbc", true},
		{"a*c", "abbbcd", false},
		{"*ab*", "xxaabyy", true},
		{"*ab*ab*", "ab", false},
		{"a**b", "ab", true},
		{"*aab", "aaaaab", true},
		{"?", "a", false},
		{"a\\*b", "a*b", true},
		{"a\\*b", "axb", false},
		{"*\\**", "a*b", true},
		{"*\\**", "ab", false},
		{"a\\b", "a\\b", true},
		{"a\\\\*b", "a\\*b", true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(spec_wildcard(cases[i].pattern, cases[i].text), cases[i].matches);
}

/* A pattern of many stars does not take for ever. */
static void many_stars(void **state _unused_)
{
	char pattern[200] = "", text[2000] = "";

	for (size_t i = 0; i < 90; i++)
		strcat(pattern, "*a");
	strcat(pattern, "*b");
	memset(text, 'a', sizeof(text) - 1);
	assert_false(spec_wildcard(pattern, text));
}

static void attach_kinds_have_names(void **state _unused_)
{
	for (enum attach_kind kind = 0; kind < NR_ATTACH; kind++) {
		enum attach_kind found = NR_ATTACH;

		assert_true(attach_find(attach_descs[kind].name, &found));
		assert_int_equal(found, kind);
	}

	enum attach_kind found = NR_ATTACH;

	assert_false(attach_find("nothing", &found));
	assert_int_equal(found, NR_ATTACH);
}

/* Each name and alias finds its row, and no two rows share one. */
static void types_by_name(void **state _unused_)
{
	assert_true(probe_type_count > 0);
	for (size_t i = 0; i < probe_type_count; i++) {
		const struct probe_ops *type = probe_types[i];

		assert_ptr_equal(probe_type_find(type->name, NULL), type);
		for (size_t j = 0; j < ARRAY_SIZE(type->aliases) && type->aliases[j]; j++)
			assert_ptr_equal(probe_type_find(type->aliases[j], NULL), type);
		assert_non_null(type->match);
		assert_true(*type->doc && *type->spelling);
	}
	assert_string_equal(probe_type_find("KProbe", NULL)->name, "kprobe");
	assert_string_equal(probe_type_find("KR", NULL)->name, "kretprobe");
}

static struct error *match(const char *text, struct suggestion *suggestion, probe_matches *ret)
{
	const struct host nothing = HOST_INIT;
	const struct probe_world world = {.host = &nothing};
	struct probe_spec spec;

	assert_success(spec_parse(&arena, text, &spec));
	return probe_match(&world, &spec, &arena, suggestion, ret);
}

/* PROBE-64 */
static void unknown_types(void **state _unused_)
{
	struct suggestion suggestion = {};
	probe_matches matches = {};

	assert_failure(match("foo:bar", &suggestion, &matches), "Invalid probe type: foo");
	assert_null(suggestion.best);
	assert_failure(
		match("tracepont:a:b", &suggestion, &matches), "Invalid probe type: tracepont");
	assert_string_equal(suggestion.best, "tracepoint");
	assert_failure(match("tracepont:a:b", NULL, &matches), "Invalid probe type: tracepont");
	assert_int_equal(matches.count, 0);
}

/* PROBE-45, PROBE-46 */
static void special_probes(void **state _unused_)
{
	static const char *const names[] = {"BEGIN", "begin", "END", "End"};
	probe_matches matches = {};

	assert_success(match("BEGIN", NULL, &matches));
	assert_success(match("begin", NULL, &matches));
	assert_success(match("END", NULL, &matches));
	assert_success(match("End", NULL, &matches));
	assert_int_equal(matches.count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(matches.items[i].name, names[i]);
		assert_int_equal(matches.items[i].attach, i < 2 ? ATTACH_BEGIN : ATTACH_END);
		assert_int_equal(matches.items[i].context, CONTEXT_NONE);
	}
	assert_failure(match("BEGIN:x", NULL, &matches), "'BEGIN:x' does not have the form BEGIN");
	vec_deinit(&matches);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_between_colons),
		cmocka_unit_test(quotes_keep_colons),
		cmocka_unit_test(escapes),
		cmocka_unit_test(broken_specs),
		cmocka_unit_test(numbers),
		cmocka_unit_test(wildcards),
		cmocka_unit_test(many_stars),
		cmocka_unit_test(attach_kinds_have_names),
		cmocka_unit_test(types_by_name),
		cmocka_unit_test(unknown_types),
		cmocka_unit_test(special_probes),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
