/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/door/manifest.h"
#include "libcommon/host/feature.h"

/* One of everything; the same whenever it is made. */
static struct manifest full_manifest(void)
{
	struct manifest manifest = {
		.version = "1.2",
		.arch = "aarch64",
		.kernel = "6.1.0",
		.kernel_identity = UINT64_C(0xfedcba9876543210),
		.settings = settings_default(),
		.unsafe = true,
		.is_newer = true,
		.helper_errors = 1,
		.follows_tai = true,
		.features = FEATURE_BIT(FEATURE_LOOP),
	};

	vec_push(&manifest.sources,
		((struct manifest_source){"a.bt", "import \"b.bt\"; BEGIN { f(); }"}));
	vec_push(&manifest.sources,
		((struct manifest_source){"b.bt", "macro f() { printf(\"x\") }"}));
	vec_push(&manifest.statements,
		((struct manifest_statement){.span = {0, 23, 26}, .is_loop = true}));
	vec_push(&manifest.links, ((struct manifest_link){.program = "begin",
					  .attach = ATTACH_BEGIN,
					  .span = {0, 15, 29},
					  .head = {0, 15, 20}}));
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
	vec_push(&manifest.probes, ((struct manifest_probe){.name = "BEGIN"}));
	vec_push(&manifest.probes, ((struct manifest_probe){.name = "tracepoint:a:b",
					   .link = 1,
					   .target = "a",
					   .event = "b",
					   .address = 0x1234,
					   .cookie = 1}));
	vec_push(&manifest.probes,
		((struct manifest_probe){.name = "tracepoint:syscalls:sys_enter_a", .link = 2}));
	vec_push(&manifest.probes, ((struct manifest_probe){.name = "profile:hz:3", .link = 3}));
	vec_push(&manifest.options, ((struct script_option){.name = "top",
					    .kind = SCRIPT_OPTION_INTEGER,
					    .preset = "10",
					    .help = "how many",
					    .offset = 8,
					    .size = 8}));
	vec_push(&manifest.names, "tracepoint:a:b");
	vec_push(&manifest.maps,
		((struct manifest_map){
			.name = "@x", .symbol = "AT_x", .keyed = true, .per_cpu = true}));
	vec_push(&manifest.sites, ((struct manifest_site){.action = ACTION_PRINTF,
					  .record = "printf_0",
					  .text = "a\0\xff",
					  .text_length = 3,
					  .span = {.source = 1, .begin = 12, .end = 23}}));
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
	assert_string_equal(back.arch, "aarch64");
	assert_int_equal(back.sources.count, 2);
	assert_string_equal(back.sources.items[1].name, "b.bt");
	assert_string_equal(back.sources.items[1].text, manifest.sources.items[1].text);
	assert_int_equal(back.statements.count, 1);
	assert_memory_equal(back.statements.items, manifest.statements.items,
		sizeof(struct manifest_statement));
	assert_memory_equal(
		&back.links.items[0].span, &manifest.links.items[0].span, sizeof(struct span));
	assert_memory_equal(
		&back.links.items[0].head, &manifest.links.items[0].head, sizeof(struct span));
	assert_true(back.unsafe && back.is_newer && back.follows_tai);
	assert_int_equal(back.features, manifest.features);
	assert_int_equal(back.options.count, 1);
	assert_string_equal(back.options.items[0].preset, "10");
	assert_int_equal(back.links.count, 4);
	assert_string_equal(back.links.items[2].target, "sys_enter");
	assert_null(back.links.items[1].target);
	assert_int_equal(back.links.items[3].period, 3);
	assert_true(back.links.items[3].by_frequency && back.links.items[3].one_cpu);
	assert_int_equal(back.names.count, 1);
	assert_string_equal(back.names.items[0], "tracepoint:a:b");
	assert_int_equal(back.probes.count, 4);
	assert_int_equal(back.probes.items[1].link, 1);
	assert_int_equal(back.probes.items[1].address, 0x1234);
	assert_string_equal(back.maps.items[0].symbol, "AT_x");
	assert_true(back.maps.items[0].keyed && back.maps.items[0].per_cpu);
	assert_int_equal(back.sites.count, 2);
	assert_int_equal(back.sites.items[0].text_length, 3);
	assert_memory_equal(back.sites.items[0].text, "a\0\xff", 3);
	assert_int_equal(back.sites.items[0].span.source, 1);
	assert_int_equal(back.sites.items[0].span.end, 23);
	assert_int_equal(back.sites.items[1].divisor, UINT64_MAX);
	assert_int_equal(back.sites.items[1].top, 5);
}

static void expansions(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(manifest_deinit) struct manifest manifest = full_manifest();
	struct manifest_source good = {"b.bt", "", .expands = 2, .caller = 0, .begin = 1, .end = 3};
	struct manifest_source bad[] = {
		{"b.bt", "", .expands = 4, .caller = 0, .begin = 1, .end = 3},
		{"b.bt", "", .expands = 2, .caller = 3, .begin = 1, .end = 3},
		{"b.bt", "", .expands = 2, .caller = 0, .begin = 3, .end = 1},
		{"b.bt", "", .expands = 2, .caller = 0, .begin = 0, .end = 1000},
	};
	_cleanup_str_ struct str shown = STR_INIT;

	vec_push(&manifest.sources, good);
	for (size_t i = 0; i < ARRAY_SIZE(bad) + 1; i++) {
		_cleanup_(manifest_deinit) struct manifest back = {};
		_cleanup_json_ json_t *json = NULL;
		struct error *error;

		if (i > 0)
			vec_push(&manifest.sources, bad[i - 1]);
		json = manifest_to_json(&manifest);
		error = parse(json, &arena, &back);
		if (i == 0)
			assert_success(error);
		else
			assert_failure(error, "manifest, entry 3: source: an expansion is outside "
					      "of the sources");
		manifest.sources.count = 3;
	}
	manifest_show(&manifest, (struct span){2, 0, 1}, "message", NULL, &shown);
	assert_non_null(strstr(str_text(&shown), "b.bt:1:1-2: ERROR: message"));
	assert_non_null(strstr(str_text(&shown), "NOTE: expanded from here"));
}

/* A value of each kind, another one for each number. */
static uint64_t distinct(size_t n)
{
	return UINT64_C(0x8000000000000001) + n;
}

static const char *distinct_text(struct arena *arena, size_t n)
{
	return arena_printf(arena, "text %zu", n);
}

#define FILL_TEXT   distinct_text(&arena, n)
#define FILL_SOME   distinct_text(&arena, n)
#define FILL_NAME   distinct_text(&arena, n)
#define FILL_BOOL   true
#define FILL_BITS   distinct(n)
#define FILL_U32    (uint32_t)(UINT32_MAX - n)
#define FILL_PID    (int32_t)(INT32_MAX - n)
#define FILL_WIDTH  (uint32_t)(1 + n % sizeof(uint64_t))
#define FILL_OFFSET (uint16_t)(INT16_MAX - n)
#define FILL_SPAN   ((struct span){.source = 0, .begin = 1, .end = 2 + n % 3})
#define FILL_ATTACH ATTACH_UPROBE

#define SAME_TEXT(a, b)   assert_string_equal(a, b)
#define SAME_SOME(a, b)   assert_string_equal(a, b)
#define SAME_NAME(a, b)   assert_string_equal(a, b)
#define SAME_BOOL(a, b)   assert_int_equal(a, b)
#define SAME_BITS(a, b)   assert_int_equal(a, b)
#define SAME_U32(a, b)    assert_int_equal(a, b)
#define SAME_PID(a, b)    assert_int_equal(a, b)
#define SAME_WIDTH(a, b)  assert_int_equal(a, b)
#define SAME_OFFSET(a, b) assert_int_equal(a, b)
#define SAME_SPAN(a, b)   assert_memory_equal(&(a), &(b), sizeof(struct span))
#define SAME_ATTACH(a, b) assert_int_equal(a, b)

/* Made from manifest.def: a field that is added there is filled and compared here. */
static void every_field_and_back(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(manifest_deinit) struct manifest manifest = {
		.version = "1", .arch = "x86_64", .settings = settings_default()};
	_cleanup_(manifest_deinit) struct manifest back = {};
	size_t n = 0;

#define FIELD(KIND, name) row->name = FILL_##KIND, n++;
#define LIST(name, list, limit, fields)                                                            \
	{                                                                                          \
		struct manifest_##name *row = vec_add(&manifest.list);                             \
		fields                                                                             \
	}
#include "bpftrace/door/manifest.def"
#undef LIST
#undef FIELD
	manifest.probes.items[0].link = 0; /* the only one, of the returns of uprobes */
	manifest.probes.items[0].name = "uretprobe:a:b";
	manifest.maps.items[0].name = "@m1";
	manifest.sources.items[0].expands = 0; /* nothing stands before it */

	_cleanup_json_ json_t *json = manifest_to_json(&manifest);

	assert_success(parse(json, &arena, &back));
#define FIELD(KIND, name) SAME_##KIND(row->name, got->name);
#define LIST(name, list, limit, fields)                                                            \
	{                                                                                          \
		const struct manifest_##name *row = manifest.list.items, *got = back.list.items;   \
		assert_int_equal(back.list.count, 1);                                              \
		fields                                                                             \
	}
#include "bpftrace/door/manifest.def"
#undef LIST
#undef FIELD
}

static void add_probe(struct manifest *manifest, const char *name, uint32_t link, const char *event)
{
	vec_push(&manifest->probes,
		((struct manifest_probe){
			.name = name, .link = link, .target = "t", .event = event}));
}

/* What reading it says; empty: nothing. */
static void check_message(const struct manifest *manifest, const char *message)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(manifest_deinit) struct manifest back = {};
	_cleanup_json_ json_t *json = manifest_to_json(manifest);
	_cleanup_error_ struct error *error = parse(json, &arena, &back);

	assert_string_equal(error ? error->message : "", message);
}

/* A link is about some probe; one of a session about entries, then the returns of the same. */
static void links_have_their_probes(void **state _unused_)
{
	static const struct {
		const char *names[4], *events[4];
		const char *message;
	} cases[] = {
		{{"kprobe:a", "kprobe:b", "kretprobe:a", "kretprobe:b"}, {"a", "b", "a", "b"}, ""},
		{{}, {}, "manifest: link 4 has no probe"},
		{{"kprobe:a"}, {"a"}, "manifest: link 4 is not a session of entries and returns"},
		{{"kprobe:a", "kprobe:a"}, {"a", "a"},
			"manifest: link 4 is not a session of entries and returns"},
		{{"kretprobe:a", "kprobe:a"}, {"a", "a"},
			"manifest: link 4 is not a session of entries and returns"},
		{{"kprobe:a", "kretprobe:b"}, {"a", "b"},
			"manifest: link 4 is not a session of entries and returns"},
		{{"kprobe:a", "kretprobe:a", "kprobe:b", "kretprobe:b"}, {"a", "a", "b", "b"},
			"manifest: link 4 is not a session of entries and returns"},
		{{"kprobe:a", "kprobe:b", "kretprobe:a"}, {"a", "b", "a"},
			"manifest: link 4 is not a session of entries and returns"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(manifest_deinit) struct manifest manifest = full_manifest();

		vec_push(&manifest.links, ((struct manifest_link){.program = "session",
						  .attach = ATTACH_KPROBE_SESSION}));
		for (size_t j = 0; j < 4 && cases[i].names[j]; j++)
			add_probe(&manifest, cases[i].names[j], 4, cases[i].events[j]);
		check_message(&manifest, cases[i].message);
	}
}

/* Links of returns have probes of returns, those of entries have none. */
static void probes_are_what_their_links_attach(void **state _unused_)
{
	static const struct {
		enum attach_kind attach;
		bool is_return;
		const char *name;
		const char *message;
	} cases[] = {
		{ATTACH_KPROBE, false, "kprobe:a", ""},
		{ATTACH_KPROBE, true, "kretprobe:a", ""},
		{ATTACH_UPROBE, false, "usdt:a:b", ""},
		{ATTACH_KPROBE, true, "kprobe:a",
			"manifest, entry 4: probe: 'kprobe:a' is not what kprobe attaches"},
		{ATTACH_UPROBE, false, "uretprobe:a:b",
			"manifest, entry 4: probe: 'uretprobe:a:b' is not what uprobe attaches"},
		{ATTACH_UPROBE, false, "kprobe:a:b",
			"manifest, entry 4: probe: 'kprobe:a:b' is not what uprobe attaches"},
		{ATTACH_FENTRY, false, "kretfunc:a",
			"manifest, entry 4: probe: 'kretfunc:a' is not what fentry attaches"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(manifest_deinit) struct manifest manifest = full_manifest();

		vec_push(&manifest.links, ((struct manifest_link){.program = "p",
						  .attach = cases[i].attach,
						  .is_return = cases[i].is_return}));
		add_probe(&manifest, cases[i].name, 4, "a");
		check_message(&manifest, cases[i].message);
	}
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
		{NULL, 0, "manifest", "3",
			"manifest: its version is 3, this program reads version 7; compile the "
			"script again"},
		{NULL, 0, "manifest", "", "manifest: 'manifest' is missing"},
		{NULL, 0, "sources", "[]",
			"manifest, entry 0: statement: 'span' is outside of the sources"},
		{"sources", 1, "text", "3", "manifest, entry 1: source: 'text' is not a string"},
		{NULL, 0, "helper_errors", "3", "manifest: 'helper_errors' is not between 0 and 2"},
		{NULL, 0, "names", "3", "manifest: 'names' is not an array"},
		{NULL, 0, "probes", "{}", "manifest: 'probes' is not an array"},
		{NULL, 0, "probes", "[3]", "manifest, entry 0: probe: is not an object"},
		{NULL, 0, "settings", "{}", "settings: 'btf' is missing"},
		{NULL, 0, "links", "[]", "manifest, entry 0: probe: there is no link 0"},
		{NULL, 0, "maps", "[]", "manifest, entry 1: call site: there are no maps"},
		{"links", 0, "attach", "\"glue\"",
			"manifest, entry 0: link: unknown attach type 'glue'"},
		{"links", 0, "program", "\"\"", "manifest, entry 0: link: 'program' is empty"},
		{"links", 2, "target", "", "manifest, entry 2: link: 'target' is missing"},
		{"links", 2, "target", "\"\"", "manifest, entry 2: link: 'target' is missing"},
		{"links", 3, "period", "0", "manifest, entry 3: link: 'period' is 0"},
		{"links", 3, "perf_type", "4294967296",
			"manifest, entry 3: link: 'perf_type' is not between 0 and 4294967295"},
		{"links", 3, "one_cpu", "0", "manifest, entry 3: link: 'one_cpu' is not a boolean"},
		{"probes", 1, "link", "4", "manifest, entry 1: probe: there is no link 4"},
		{"probes", 1, "link", "-1",
			"manifest, entry 1: probe: 'link' is not between 0 and 4294967295"},
		{"probes", 1, "target", "", "manifest, entry 1: probe: 'target' is missing"},
		{"probes", 1, "event", "", "manifest, entry 1: probe: 'event' is missing"},
		{"probes", 1, "name", "\"\\u0000\"",
			"manifest, entry 1: probe: 'name' contains a NUL byte"},
		{"links", 3, "attach", "\"syscall\"",
			"manifest, entry 3: link: 'target' is missing"},
		{"maps", 0, "name", "\"x\"", "manifest, entry 0: map: invalid map name 'x'"},
		{"maps", 0, "name", "\"@x\\u001b\"",
			"manifest, entry 0: map: invalid map name '@x\x1b'"},
		{"maps", 0, "symbol", "7", "manifest, entry 0: map: 'symbol' is not a string"},
		{"sites", 0, "action", "\"explode\"",
			"manifest, entry 0: call site: unknown action 'explode'"},
		{"sites", 0, "text", "", "manifest, entry 0: call site: 'text' is missing"},
		{"sites", 0, "record", "\"\"", "manifest, entry 0: call site: 'record' is empty"},
		{"sites", 1, "map", "1",
			"manifest, entry 1: call site: 'map' is not between 0 and 0"},
		{"sites", 1, "divisor", "0", "manifest, entry 1: call site: 'divisor' is 0"},
		{"sites", 1, "divisor", "", "manifest, entry 1: call site: 'divisor' is missing"},
		{"sites", 0, "span", "[1, 8, 26]",
			"manifest, entry 0: call site: 'span' is outside of the sources"},
		{"sites", 0, "span", "[2, 8, 9]",
			"manifest, entry 0: call site: 'span' is outside of the sources"},
		{"sites", 0, "span", "[-1, 8, 9]",
			"manifest, entry 0: call site: 'span' is outside of the sources"},
		{"sites", 0, "span", "[1, -1, 2]",
			"manifest, entry 0: call site: 'span' is outside of the sources"},
		{"sites", 0, "span", "[1, 3, 2]",
			"manifest, entry 0: call site: 'span' is outside of the sources"},
		{"sites", 0, "span", "[1, 3]",
			"manifest, entry 0: call site: 'span' is outside of the sources"},
		{"sites", 0, "span", "[1, 1, \"2\"]",
			"manifest, entry 0: call site: 'span' is outside of the sources"},
		{"sites", 0, "span", "[1, 2, 3, 4]",
			"manifest, entry 0: call site: 'span' has more than 3 elements"},
		{"links", 0, "head", "[0, 1, 99]",
			"manifest, entry 0: link: 'head' is outside of the sources"},
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
		cmocka_unit_test(expansions),
		cmocka_unit_test(every_field_and_back),
		cmocka_unit_test(a_kernel_may_be_missing),
		cmocka_unit_test(links_have_their_probes),
		cmocka_unit_test(probes_are_what_their_links_attach),
		cmocka_unit_test(hostile_manifests_are_refused),
		cmocka_unit_test(broken_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
