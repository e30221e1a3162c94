/* SPDX-License-Identifier: Apache-2.0 */
/* What bpftrace-list finds, in a tree of files with a few events and types. */
#include "tests/unit/unit.h"

#include "bpftrace-list/definition.h"
#include "bpftrace-list/listing.h"
#include "bpftrace-list/options.h"
#include "libcommon/base/alloc.h"
#include "libcommon/host/kbtf.h"
#include "tests/unit/tree.h"

#define TRACING "/sys/kernel/tracing"

static const char format[] = "name: x\nID: 1\nformat:\n"
			     "\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
			     "\tfield:int pid;\toffset:24;\tsize:4;\tsigned:1;\n";

static struct str written;

static void write_probe(const char *name, const char *declarations)
{
	str_printf(&written, "%s\n%s", name, declarations ? declarations : "");
}

static void write_type(const struct definition *definition)
{
	str_printf(&written, "%s\n", definition->text ? definition->text : definition->name);
}

static const struct output_ops to_memory = {.probe = write_probe, .type = write_type};

static struct {
	struct tree tree;
	struct host host;
	struct kbtf *kbtf;
	struct functions *functions;
} fixture;

static void write_types(void)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	uint32_t size;
	int inner = btf__add_struct(btf, "inner", 4);

	btf__add_field(btf, "x", number, 0, 0);
	btf__add_struct(btf, "outer", 8);
	btf__add_field(btf, "inner", inner, 0, 0);
	btf__add_field(btf, "y", number, 32, 0);
	btf__add_enum(btf, "color", 4);
	btf__add_enum_value(btf, "RED", 1);
	btf__add_typedef(btf, "btf_trace_hook", number);

	const void *data = btf__raw_data(btf, &size);

	tree_write(&fixture.tree, "/sys/kernel/btf/vmlinux", data, size);
	btf__free(btf);
}

static int open_fixture(void **state _unused_)
{
	fixture.tree = tree_make();
	fixture.host = HOST_INIT;
	tree_write_text(&fixture.tree, TRACING "/available_events", "a:one\na:two\nb:one_more\n");
	tree_write_text(&fixture.tree, TRACING "/events/a/one/format", format);
	tree_write_text(&fixture.tree, TRACING "/events/a/two/format", format);
	tree_write_text(&fixture.tree, TRACING "/events/b/one_more/format", format);
	write_types();
	assert_success(host_open_root(fixture.tree.path, &fixture.host));
	fixture.kbtf = kbtf_new(&fixture.host, NULL);
	fixture.functions = functions_new(&fixture.host);
	return 0;
}

static int close_fixture(void **state _unused_)
{
	str_deinit(&written);
	functions_free(fixture.functions);
	kbtf_free(fixture.kbtf);
	host_deinit(&fixture.host);
	tree_remove(&fixture.tree);
	return 0;
}

static struct listing make(enum detail detail)
{
	struct probe_world world = {
		.host = &fixture.host, .kbtf = fixture.kbtf, .functions = fixture.functions};

	str_deinit(&written);

	struct listing listing = listing_make(&world, &to_memory);

	listing.detail = detail;
	return listing;
}

#define _cleanup_listing_ _cleanup_(listing_deinit)

static void assert_shown(const char *pattern, enum detail detail, const char *text)
{
	_cleanup_listing_ struct listing listing = make(detail);
	struct suggestion suggestion = {};

	assert_success(listing_show(&listing, pattern, &suggestion));
	assert_string_equal(str_text(&written), text);
}

static void assert_refused(const char *pattern, const char *message, const char *meant)
{
	_cleanup_listing_ struct listing listing = make(DETAIL_NAMES);
	struct suggestion suggestion = {};

	assert_failure(listing_show(&listing, pattern, &suggestion), message);
	assert_string_equal(str_text(&written), "");
	if (meant)
		assert_string_equal(suggestion.best, meant);
	else
		assert_null(suggestion.best);
}

static bool has_line(const char *line)
{
	_cleanup_free_ char *whole = xasprintf("\n%s\n", line);
	_cleanup_free_ char *all = xasprintf("\n%s", str_text(&written));

	return strstr(all, whole) != NULL;
}

/* CLI-11 */
static void all_probes(void **state _unused_)
{
	static const char *const lines[] = {"BEGIN", "END",
		"hardware:cycles:", "interval:ms:", "profile:hz:", "rawtracepoint:vmlinux:hook",
		"rawtracepoint:two", "software:faults:", "tracepoint:a:one",
		"tracepoint:b:one_more"};
	_cleanup_listing_ struct listing listing = make(DETAIL_NAMES);

	assert_success(listing_all(&listing));
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_true(has_line(lines[i]));
}

/* CLI-12, PROBE-62 */
static void patterns(void **state _unused_)
{
	assert_shown("tracepoint:a:one", DETAIL_NAMES, "tracepoint:a:one\n");
	assert_shown("t:a:*", DETAIL_NAMES, "tracepoint:a:one\ntracepoint:a:two\n");
	assert_shown("tracepoint:*", DETAIL_NAMES,
		"tracepoint:a:one\ntracepoint:a:two\ntracepoint:b:one_more\n");
	assert_shown(
		"t", DETAIL_NAMES, "tracepoint:a:one\ntracepoint:a:two\ntracepoint:b:one_more\n");
	assert_shown("*more*", DETAIL_NAMES, "rawtracepoint:one_more\ntracepoint:b:one_more\n");
	assert_shown("*:b:*", DETAIL_NAMES, "tracepoint:b:one_more\n");
	assert_shown("software:cs:", DETAIL_NAMES, "software:cs:\n");
	assert_shown("software:cs:7", DETAIL_NAMES, "software:cs:7\n");
	assert_shown("end", DETAIL_NAMES, "END\n");
}

static void each_name_once(void **state _unused_)
{
	_cleanup_listing_ struct listing listing = make(DETAIL_NAMES);
	struct suggestion suggestion = {};

	assert_success(listing_show(&listing, "t:a:one", &suggestion));
	assert_success(listing_show(&listing, "t:a:*", &suggestion));
	assert_string_equal(str_text(&written), "tracepoint:a:one\ntracepoint:a:two\n");
}

/* CLI-13 */
static void arguments(void **state _unused_)
{
	assert_shown("tracepoint:a:t*", DETAIL_ARGUMENTS,
		"tracepoint:a:two\n    char comm[16]\n    int pid\n");
	assert_shown("rt:hook", DETAIL_ARGUMENTS, "rawtracepoint:hook\n");
}

/* CLI-14: the type alone, without those it is made of. */
static void types(void **state _unused_)
{
	assert_shown("struct outer", DETAIL_NAMES,
		"struct outer {\n\tstruct inner inner;\n\tint y;\n};\n");
	assert_shown("enum color", DETAIL_ARGUMENTS, "enum color {\n\tRED = 1,\n};\n");
	assert_shown("struct *", DETAIL_NAMES, "struct inner\nstruct outer\n");
	assert_shown("struct in*", DETAIL_ARGUMENTS, "struct inner {\n\tint x;\n};\n");
	assert_shown("struct inner", DETAIL_LAYOUT,
		"struct inner {\n\tint x; /*     0      4 */\n};\n"
		"/* 4 bytes in 1 cache line, 1 member */\n");
}

static void unknown_names(void **state _unused_)
{
	assert_refused("t:a:on", "tracepoint not found: a:on", "tracepoint:a:one");
	assert_refused("t:a:none*", "nothing matches 't:a:none*'", "tracepoint:a:one");
	assert_refused("t:aa:*", "nothing matches 't:aa:*'", "tracepoint:a:*");
	assert_refused("a:one", "Invalid probe type: a", "tracepoint:a:one");
	assert_refused("a:t*", "Invalid probe type: a", "tracepoint:a:t*");
	assert_refused("outer", "Invalid probe type: outer", "struct outer");
	assert_refused(
		"uprobe", "uprobe needs a file, 'uprobe:PATH:*', or a process, -p PID", NULL);
	assert_refused("zzz*", "nothing matches 'zzz*'", NULL);
	assert_refused("foo:bar", "Invalid probe type: foo", NULL);
	assert_refused(
		"kprobe:f", TRACING "/available_filter_functions: No such file or directory", NULL);
	assert_refused("struct outr", "nothing matches 'struct outr'", "struct outer");
	assert_refused("union outer", "nothing matches 'union outer'", NULL);
	assert_refused("u:/none", "uprobe target file '/none' does not exist", NULL);
}

static void options_anywhere(void **state _unused_)
{
	const char *words[] = {"bpftrace-list", "-v", "a*", "-f", "json", "b*", "-p", "7", NULL};
	struct options options;

	assert_success(
		options_parse((int)ARRAY_SIZE(words) - 1, (char **)(uintptr_t)words, &options));
	assert_int_equal(options.verbose, 1);
	assert_int_equal(options.pid, 7);
	assert_int_equal(options.patterns.count, 2);
	assert_string_equal(options.patterns.items[0], "a*");
	assert_string_equal(options.patterns.items[1], "b*");
	assert_ptr_equal(options.format, output_find("json"));
	options_deinit(&options);

	const char *bad[] = {"bpftrace-list", "a*", "-f", "xml", NULL};

	assert_failure(options_parse(4, (char **)(uintptr_t)bad, &options),
		"lists have no format 'xml': -f takes text or json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_probes),
		cmocka_unit_test(patterns),
		cmocka_unit_test(each_name_once),
		cmocka_unit_test(arguments),
		cmocka_unit_test(types),
		cmocka_unit_test(unknown_names),
		cmocka_unit_test(options_anywhere),
	};

	return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
