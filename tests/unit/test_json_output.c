/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

#include "bpftrace/runner/names/names.h"
#include "bpftrace/runner/names/stacks.h"
#include "libcommon/base/json.h"

static void show(struct show_fixture *shown, const struct map_content *content)
{
	fixture_show(shown, content, 0, 1);
}

/* What was written must be one valid object a line. */
static void assert_lines(struct show_fixture *shown, const char *expected)
{
	_cleanup_free_ char *written = fixture_written(shown);

	assert_string_equal(written, expected);
	for (char *line = written, *end; (end = strchr(line, '\n')); line = end + 1) {
		_cleanup_json_ json_t *json = NULL;

		assert_success(json_parse(line, (size_t)(end - line), &json));
		assert_true(json_is_string(json_object_get(json, "type")));
		assert_non_null(json_object_get(json, "data"));
	}
}

static void events(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct output *out = fixture_output(&shown, "json");
	int64_t number = 1;

	out->ops->attached(out, 1);
	out->ops->printed(out, "printf", "hi\n", 3);
	out->ops->printed(out, "time", "17\n", 3);
	out->ops->printed(out, "printf", "", 0);
	out->ops->value(out, &(struct value){.reader = &out->reader,
				     .type = types_integer(shown.traced.bundle.types, 8, true),
				     .data = &number});
	out->ops->dump(out);
	out->ops->loss(out, &(struct loss){.kind = LOSS_EVENTS, .count = 42});
	out->ops->loss(out, &(struct loss){LOSS_UPDATES, .count = 7, .map = "@", .limit = 9});
	assert_lines(&shown, "{\"type\": \"attached_probes\", \"data\": {\"probes\": 1}}\n"
			     "{\"type\": \"printf\", \"data\": \"hi\\n\"}\n"
			     "{\"type\": \"time\", \"data\": \"17\\n\"}\n"
			     "{\"type\": \"printf\", \"data\": \"\"}\n"
			     "{\"type\": \"value\", \"data\": 1}\n"
			     "{\"type\": \"lost_events\", \"data\": {\"events\": 42}}\n"
			     "{\"type\": \"lost_updates\", \"data\": {\"map\": \"@\", "
			     "\"updates\": 7, \"max_map_keys\": 9}}\n");
}

/* Each byte there is, alone and after others. */
static void any_bytes_are_valid(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct output *out = fixture_output(&shown, "json");
	char bytes[256];

	for (int i = 0; i < 256; i++) {
		bytes[i] = (char)i;
		out->ops->printed(out, "printf", &bytes[i], 1);
	}
	out->ops->printed(out, "printf", bytes, sizeof(bytes));

	_cleanup_free_ char *written = fixture_written(&shown);
	int lines = 0;

	for (char *line = written, *end; (end = strchr(line, '\n')); line = end + 1, lines++) {
		_cleanup_json_ json_t *json = NULL;

		assert_success(json_parse(line, (size_t)(end - line), &json));
		assert_true(json_string_length(json_object_get(json, "data")) > 0);
	}
	assert_int_equal(lines, 257);
}

static void maps(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t s64 = types_integer(types, 8, true), u64 = types_integer(types, 8, false);
	const uint32_t parts[] = {s64, types_string(types, 8)};
	uint32_t tuple = types_tuple(types, parts, 2);
	_cleanup_map_content_ struct map_content single = fixture_map(&shown, "@a", 0, u64);
	_cleanup_map_content_ struct map_content keyed = fixture_map(&shown, "@t", tuple, s64);
	_cleanup_map_content_ struct map_content tuples = fixture_map(&shown, "@v", s64, tuple);
	const struct {
		int64_t number;
		char text[8];
	} first = {1, "b"}, second = {2, "\"\xff"};

	fixture_output(&shown, "json");
	fixture_element(&single, "", &(uint64_t){UINT64_MAX});
	fixture_element(&keyed, &first, &(int64_t){5});
	fixture_element(&keyed, &second, &(int64_t){-5});
	fixture_element(&tuples, &(int64_t){9}, &first);
	show(&shown, &single);
	show(&shown, &keyed);
	show(&shown, &tuples);
	/* 2^64 - 1 is beyond what jansson reads, so these lines are not parsed. */
	assert_written(&shown, "{\"type\": \"map\", \"data\": {\"@a\": 18446744073709551615}}\n"
			       "{\"type\": \"map\", \"data\": {\"@t\": {\"2,\\\"\xef\xbf\xbd\": "
			       "-5, \"1,b\": 5}}}\n"
			       "{\"type\": \"map\", \"data\": {\"@v\": {\"9\": [1, \"b\"]}}}\n");
}

static void aggregations(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	uint32_t s64 = types_integer(shown.traced.bundle.types, 8, true);
	uint32_t hist = fixture_histogram(&shown, MEANING_HIST, 66, "bits=0");
	_cleanup_map_content_ struct map_content count =
		fixture_map(&shown, "@c", 0, fixture_aggregate(&shown, MEANING_COUNT));
	_cleanup_map_content_ struct map_content stats =
		fixture_map(&shown, "@s", 0, fixture_aggregate(&shown, MEANING_STATS));
	_cleanup_map_content_ struct map_content averages =
		fixture_map(&shown, "@av", s64, fixture_aggregate(&shown, MEANING_AVG));
	_cleanup_map_content_ struct map_content single = fixture_map(&shown, "@h", 0, hist);
	_cleanup_map_content_ struct map_content keyed = fixture_map(&shown, "@k", s64, hist);
	uint64_t buckets[66] = {[0] = 2, [3] = 0};

	fixture_output(&shown, "json");
	fixture_element(&count, "", (uint64_t[]){3});
	fixture_element(&stats, "", (uint64_t[]){1, 5});
	fixture_element(&averages, &(int64_t){1}, (uint64_t[]){2, 6});
	fixture_element(&keyed, &(int64_t){2}, buckets);
	buckets[0] = 0;
	buckets[3] = 1;
	fixture_element(&single, "", buckets);
	fixture_element(&keyed, &(int64_t){1}, buckets);
	show(&shown, &count);
	show(&shown, &stats);
	show(&shown, &averages);
	show(&shown, &single);
	show(&shown, &keyed);
	assert_lines(&shown,
		"{\"type\": \"map\", \"data\": {\"@c\": 3}}\n"
		"{\"type\": \"stats\", \"data\": {\"@s\": {\"count\": 1, \"average\": 5, "
		"\"total\": 5}}}\n"
		"{\"type\": \"stats\", \"data\": {\"@av\": {\"1\": 3}}}\n"
		"{\"type\": \"hist\", \"data\": {\"@h\": [{\"min\": 2, \"max\": 3, \"count\": "
		"1}]}}\n"
		"{\"type\": \"hist\", \"data\": {\"@k\": {\"1\": [{\"min\": 2, \"max\": 3, "
		"\"count\": 1}], \"2\": [{\"max\": -1, \"count\": 2}]}}}\n");
}

/* --- frames of stacks --- */

static size_t fetch_frames(
	void *source _unused_, const struct name_key *keys, size_t count, struct str *ret)
{
	for (size_t i = 0; i < count; i++) {
		const char *parameters = keys[i].parameters;

		str_append(ret, "");
		if (strcmp(parameters, STACKS_FIELDS) == 0 && keys[i].number)
			str_append(ret, "a2:ffn1:is3:b.cl1:ai1:1a2:ffn6:a\n\"b\\co2:10f4:ext4a1:1");
		else if (strcmp(parameters, STACKS_FIELDS_BUILD_ID) == 0)
			str_append(ret, "a1:2f2:/xb4:00ffp2:1f");
		else if (strcmp(parameters, STACKS_FIELDS_RAW) == 0)
			str_append(ret, "a1:3");
		else if (keys[i].number)
			str_append(ret, "lines");
		str_append_char(ret, '\0');
	}
	return count;
}

static void close_frames(void *source _unused_)
{
}

static const struct name_ops frame_names = {
	.is_cached = true, .fetch = fetch_frames, .close = close_frames};

static void stacks_as_frames(void **state _unused_)
{
	static const struct {
		const char *mode;
		uint64_t number;
		const char *lines, *frames;
	} rows[] = {
		{"bpftrace", 1, "\"\\n        lines\\n\"",
			"[{\"address\": \"0xff\", \"name\": \"i\", \"file\": \"b.c\", "
			"\"line\": 10, \"inlined\": true}, {\"address\": \"0xff\", \"name\": "
			"\"a\\n\\\"b\\\\c\", \"offset\": 16, "
			"\"object\": \"ext4\"}, {\"address\": \"0x1\"}]"},
		{"build_id", 1, "\"\\n\\tlines\\n\"",
			"[{\"address\": \"0x2\", \"object\": \"/x\", \"build_id\": \"00ff\", "
			"\"object_offset\": 31}]"},
		{"raw", 1, "\"\\n\\tlines\\n\"", "[{\"address\": \"0x3\"}]"},
		{"bpftrace", 0, "\"\\n\"", "[]"},
	};
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	struct output *out = fixture_output(&shown, "json");
	struct names *names = names_new();

	names_add(names, NAME_USER_STACK, &frame_names, NULL);
	out->reader.names = names;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct value value = {
			.reader = &out->reader,
			.type = types_with_meaning(types, MEANING_USTACK,
				types_integer(types, 8, false), rows[i].mode),
			.data = &rows[i].number,
		};
		_cleanup_free_ char *expected =
			xasprintf("{\"type\": \"value\", \"data\": %s}\n{\"type\": \"value\", "
				  "\"data\": %s}\n",
				rows[i].lines, rows[i].frames);

		shown.traced.bundle.manifest.settings.json_frames = 0;
		out->ops->value(out, &value);
		shown.traced.bundle.manifest.settings.json_frames = 1;
		out->ops->value(out, &value);
		assert_lines(&shown, expected);
	}
	names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks_as_frames),
		cmocka_unit_test(events),
		cmocka_unit_test(any_bytes_are_valid),
		cmocka_unit_test(maps),
		cmocka_unit_test(aggregations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
