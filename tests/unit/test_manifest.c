/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/door/manifest.h"
#include "libcommon/host/feature.h"

/* One of everything; the same whenever it is made. */
static struct manifest full_manifest(void)
{
	struct manifest manifest = {
		.version = "1.2",
		.kernel = "6.1.0",
		.kernel_identity = UINT64_C(0xfedcba9876543210),
		.source_name = "a.bt",
		.source_text = "BEGIN { printf(\"x\"); }",
		.settings = settings_default(),
		.unsafe = true,
		.helper_errors = 1,
		.follows_tai = true,
		.features = FEATURE_BIT(FEATURE_LOOP),
	};

	vec_push(&manifest.links,
		((struct manifest_link){.program = "begin", .attach = ATTACH_BEGIN}));
	vec_push(&manifest.links,
		((struct manifest_link){.program = "p1", .attach = ATTACH_TRACEPOINT}));
	vec_push(&manifest.links,
		((struct manifest_link){
			.program = "p2", .attach = ATTACH_SYSCALL, .target = "sys_enter"}));
	vec_push(&manifest.links, ((struct manifest_link){.program = "p3",
					  .attach = ATTACH_PERF,
					  .perf_type = 1,
					  .perf_config = 2,
					  .period = 3,
					  .by_frequency = true,
					  .one_cpu = true}));
	vec_push(&manifest.probes, ((struct manifest_probe){.name = "BEGIN", .function = "BEGIN"}));
	vec_push(&manifest.probes, ((struct manifest_probe){.name = "tracepoint:a:b",
					   .link = 1,
					   .target = "a",
					   .event = "b",
					   .address = 0x1234,
					   .cookie = 1}));
	vec_push(&manifest.maps,
		((struct manifest_map){
			.name = "@x", .symbol = "AT_x", .keyed = true, .per_cpu = true}));
	vec_push(&manifest.sites, ((struct manifest_site){.action = ACTION_PRINTF,
					  .record = "printf_0",
					  .text = "a\0\xff",
					  .text_length = 3,
					  .span = {.begin = 8, .end = 19}}));
	vec_push(&manifest.sites, ((struct manifest_site){.action = ACTION_PRINT_MAP,
					  .record = "print_1",
					  .map = 0,
					  .top = 5,
					  .divisor = UINT64_MAX}));
	return manifest;
}

static struct error *parse(const json_t *json, struct arena *arena, struct manifest *ret)
{
	_cleanup_str_ struct str text = STR_INIT;

	json_append(json, &text);
	return manifest_parse(text.data, text.length, arena, ret);
}

static void json_and_back(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(manifest_deinit) struct manifest manifest = full_manifest();
	_cleanup_(manifest_deinit) struct manifest back = {};
	_cleanup_json_ json_t *json = manifest_to_json(&manifest);

	assert_success(parse(json, &arena, &back));
	assert_string_equal(back.version, "1.2");
	assert_string_equal(back.kernel, "6.1.0");
	assert_int_equal(back.kernel_identity, manifest.kernel_identity);
	assert_string_equal(back.source_text, manifest.source_text);
	assert_true(back.unsafe && back.follows_tai);
	assert_int_equal(back.features, manifest.features);
	assert_int_equal(back.links.count, 4);
	assert_string_equal(back.links.items[2].target, "sys_enter");
	assert_null(back.links.items[1].target);
	assert_int_equal(back.links.items[3].period, 3);
	assert_true(back.links.items[3].by_frequency && back.links.items[3].one_cpu);
	assert_int_equal(back.probes.count, 2);
	assert_int_equal(back.probes.items[1].link, 1);
	assert_int_equal(back.probes.items[1].address, 0x1234);
	assert_string_equal(back.maps.items[0].symbol, "AT_x");
	assert_true(back.maps.items[0].keyed && back.maps.items[0].per_cpu);
	assert_int_equal(back.sites.count, 2);
	assert_int_equal(back.sites.items[0].text_length, 3);
	assert_memory_equal(back.sites.items[0].text, "a\0\xff", 3);
	assert_int_equal(back.sites.items[0].span.end, 19);
	assert_int_equal(back.sites.items[1].divisor, UINT64_MAX);
	assert_int_equal(back.sites.items[1].top, 5);
}

static void a_kernel_may_be_missing(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(manifest_deinit) struct manifest manifest = full_manifest();
	_cleanup_(manifest_deinit) struct manifest back = {};

	manifest.kernel = NULL;

	_cleanup_json_ json_t *json = manifest_to_json(&manifest);

	assert_success(parse(json, &arena, &back));
	assert_null(back.kernel);
}

/* The member of list's entry index becomes value ("" removes it); list NULL: the manifest's own. */
static void change(json_t *json, const char *list, size_t index, const char *key, const char *value)
{
	json_t *object = list ? json_array_get(json_object_get(json, list), index) : json;
	json_t *new = NULL;

	assert_non_null(object);
	if (!*value) {
		assert_int_equal(json_object_del(object, key), 0);
		return;
	}
	assert_success(json_parse(value, strlen(value), &new));
	json_object_set_new(object, key, new);
}

static void hostile_manifests_are_refused(void **state _unused_)
{
	const struct {
		const char *list;
		size_t index;
		const char *key, *value, *message;
	} cases[] = {
		{NULL, 0, "manifest", "2",
			"manifest: its version is 2, this program reads version 1"},
		{NULL, 0, "manifest", "", "manifest: 'manifest' is missing"},
		{NULL, 0, "source_text", "3", "manifest: 'source_text' is not a text"},
		{NULL, 0, "helper_errors", "3", "manifest: 'helper_errors' is not between 0 and 2"},
		{NULL, 0, "probes", "{}", "manifest: 'probes' is not an array"},
		{NULL, 0, "probes", "[3]", "manifest, entry 0: probe: is not an object"},
		{NULL, 0, "settings", "{}", "settings: 'btf' is missing"},
		{NULL, 0, "links", "[]", "manifest, entry 0: probe: there is no link 0"},
		{NULL, 0, "maps", "[]", "manifest, entry 1: call site: there are no maps"},
		{"links", 0, "attach", "\"glue\"",
			"manifest, entry 0: link: no way to attach is called 'glue'"},
		{"links", 0, "program", "\"\"", "manifest, entry 0: link: 'program' is empty"},
		{"links", 2, "target", "", "manifest, entry 2: link: 'target' is missing"},
		{"links", 2, "target", "\"\"", "manifest, entry 2: link: 'target' is missing"},
		{"links", 3, "period", "0", "manifest, entry 3: link: 'period' is 0"},
		{"links", 3, "perf_type", "4294967296",
			"manifest, entry 3: link: 'perf_type' is not between 0 and 4294967295"},
		{"links", 3, "one_cpu", "0",
			"manifest, entry 3: link: 'one_cpu' is not true or false"},
		{"probes", 1, "link", "4", "manifest, entry 1: probe: there is no link 4"},
		{"probes", 1, "link", "-1",
			"manifest, entry 1: probe: 'link' is not between 0 and 4294967295"},
		{"probes", 1, "target", "", "manifest, entry 1: probe: 'target' is missing"},
		{"probes", 1, "event", "", "manifest, entry 1: probe: 'event' is missing"},
		{"probes", 1, "name", "\"\\u0000\"",
			"manifest, entry 1: probe: 'name' holds a NUL byte"},
		{"maps", 0, "symbol", "7", "manifest, entry 0: map: 'symbol' is not a text"},
		{"sites", 0, "action", "\"explode\"",
			"manifest, entry 0: call site: no action is called 'explode'"},
		{"sites", 0, "text", "", "manifest, entry 0: call site: 'text' is missing"},
		{"sites", 0, "record", "\"\"", "manifest, entry 0: call site: 'record' is empty"},
		{"sites", 1, "map", "1",
			"manifest, entry 1: call site: 'map' is not between 0 and 0"},
		{"sites", 1, "divisor", "0", "manifest, entry 1: call site: 'divisor' is 0"},
		{"sites", 1, "divisor", "", "manifest, entry 1: call site: 'divisor' is missing"},
		{"sites", 0, "span", "[8, 23]",
			"manifest, entry 0: call site: 'span' is outside of the script"},
		{"sites", 0, "span", "[-1, 2]",
			"manifest, entry 0: call site: 'span' is outside of the script"},
		{"sites", 0, "span", "[3, 2]",
			"manifest, entry 0: call site: 'span' is outside of the script"},
		{"sites", 0, "span", "[3]",
			"manifest, entry 0: call site: 'span' is not two numbers"},
		{"sites", 0, "span", "[1, 2, 3]",
			"manifest, entry 0: call site: 'span' has more than 2 elements"},
		{"sites", 0, "span", "[1, \"2\"]",
			"manifest, entry 0: call site: 'span' is not two numbers"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_arena_ struct arena arena = ARENA_INIT;
		_cleanup_(manifest_deinit) struct manifest manifest = full_manifest();
		_cleanup_json_ json_t *json = manifest_to_json(&manifest);
		struct manifest back = {};

		change(json, cases[i].list, cases[i].index, cases[i].key, cases[i].value);
		assert_failure(parse(json, &arena, &back), cases[i].message);
		assert_null(back.version);
	}
}

/* Every prefix of a good manifest, and every byte of it changed, is refused or read, but never more
 * than that (the sanitizers watch). */
static void broken_bytes_do_no_harm(void **state _unused_)
{
	_cleanup_(manifest_deinit) struct manifest manifest = full_manifest();
	_cleanup_json_ json_t *json = manifest_to_json(&manifest);
	_cleanup_str_ struct str text = STR_INIT;
	size_t refused = 0;

	json_append(json, &text);
	for (size_t i = 0; i < text.length; i++) {
		_cleanup_arena_ struct arena arena = ARENA_INIT;
		_cleanup_(manifest_deinit) struct manifest back = {}, changed = {};
		_cleanup_error_ struct error *cut = NULL, *error = NULL;
		_cleanup_free_ char *exact = malloc(i + 1);

		memcpy(exact, text.data, i);
		cut = manifest_parse(exact, i, &arena, &back);
		assert_non_null(cut);
		text.data[i] ^= 0x11;
		error = manifest_parse(text.data, text.length, &arena, &changed);
		refused += error != NULL;
		text.data[i] ^= 0x11;
	}
	assert_true(refused > text.length / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_and_back),
		cmocka_unit_test(a_kernel_may_be_missing),
		cmocka_unit_test(hostile_manifests_are_refused),
		cmocka_unit_test(broken_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
