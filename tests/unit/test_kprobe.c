/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of a kernel that is written down in files, and what a name is told to be instead. */
#include "tests/unit/probing.h"

#include "tests/unit/module_index.h"

struct fixture {
	struct tree tree;
	struct probing probing;
};

static int setup(void **state)
{
	static struct fixture fixture;
	const struct tree *tree = &fixture.tree;

	fixture.tree = tree_make();
	tree_directory(tree, "/sys/kernel/tracing/events");
	tree_write_text(tree, "/sys/kernel/tracing/available_filter_functions",
		"vfs_read\nvfs_write\nopen_it [ext4]\nopen_it [nf_tables]\nkprobe_handler\n");
	tree_write_text(tree, "/sys/kernel/debug/kprobes/blacklist",
		"0x1-0x2\tkprobe_handler\n0x3-0x4\tnever_listed\n");
	tree_write_text(
		tree, "/proc/kallsyms", "1 T vfs_read\n2 T quiet\n3 D jiffies\n4 t split.isra.0\n");
	tree_write_text(tree, "/proc/modules", "ext4 1 0 - Live 0x0\nnf_tables 1 0 - Live 0x0\n");
	tree_write_text(tree, "/proc/sys/kernel/osrelease", INDEX_RELEASE "\n");
	INDEX_WRITE(tree, "modules.dep.bin", {"xfs", "kernel/fs/xfs/xfs.ko:"},
		{"nf_tables", "kernel/net/nf_tables.ko:"});
	INDEX_WRITE(tree, "modules.alias.bin", {"fs_ext4", "ext4"}, {"my_fs", "xfs"});
	INDEX_WRITE(tree, "modules.symbols.bin", {"symbol:xfs_iget", "xfs"});
	probing_open(&fixture.probing, fixture.tree.path);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	probing_close(&fixture->probing);
	tree_remove(&fixture->tree);
	return 0;
}

static void one_function(void **state)
{
	struct probing *probing = &((struct fixture *)*state)->probing;
	const struct probe_match *match = probing_one(probing, "k:vfs_read");

	assert_string_equal(match->name, "kprobe:vfs_read");
	assert_string_equal(match->function, "vfs_read");
	assert_string_equal(match->event, "vfs_read");
	assert_string_equal(match->target, "");
	assert_int_equal(match->attach, ATTACH_KPROBE);
	assert_int_equal(match->context, CONTEXT_REGS);
	assert_false(match->is_return || match->optional);

	match = probing_one(probing, "kretprobe:vfs_read");
	assert_string_equal(match->name, "kretprobe:vfs_read");
	assert_int_equal(match->context, CONTEXT_REGS_RETURN);
	assert_true(match->is_return);
}

static void functions_of_modules(void **state)
{
	struct probing *probing = &((struct fixture *)*state)->probing;
	const struct probe_match *match = probing_one(probing, "kprobe:nf_tables:open_it");

	assert_string_equal(match->name, "kprobe:nf_tables:open_it");
	assert_string_equal(match->target, "nf_tables");
	match = probing_one(probing, "kprobe:open_it");
	assert_string_equal(match->name, "kprobe:open_it");
	assert_string_equal(match->target, "ext4");
	match = probing_one(probing, "kprobe:vmlinux:vfs_read");
	assert_string_equal(match->name, "kprobe:vmlinux:vfs_read");
	assert_string_equal(match->target, "");
}

static void wildcards(void **state)
{
	struct probing *probing = &((struct fixture *)*state)->probing;
	const struct probe_match *match;

	assert_success(probing_match(probing, "kprobe:*it*"));
	assert_int_equal(probing->matches.count, 3);
	assert_string_equal(probing->matches.items[0].name, "kprobe:vfs_write");
	assert_string_equal(probing->matches.items[1].target, "ext4");
	assert_string_equal(probing->matches.items[2].target, "nf_tables");
	assert_true(probing->matches.items[0].optional);
	assert_null(probing->matches.items[0].refusal);
	match = probing_one(probing, "kprobe:ext*:*");
	assert_string_equal(match->name, "kprobe:ext4:open_it");
	assert_success(probing_match(probing, "kprobe:*:open_it"));
	assert_int_equal(probing->matches.count, 2);
	match = probing_one(probing, "kprobe:*_handler");
	assert_string_equal(match->refusal, "the kernel forbids probes there");
	assert_success(probing_match(probing, "kprobe:none*"));
	assert_int_equal(probing->matches.count, 0);
}

static void places_inside_of_functions(void **state)
{
	struct probing *probing = &((struct fixture *)*state)->probing;
	const struct probe_match *match = probing_one(probing, "kprobe:vfs_read+0x10");

	assert_string_equal(match->name, "kprobe:vfs_read+16");
	assert_int_equal(match->attach, ATTACH_KPROBE_INSIDE);
	assert_int_equal(match->address, 16);
	assert_int_equal(match->inside, 16);
	match = probing_one(probing, "kprobe:vfs_read+0");
	assert_string_equal(match->name, "kprobe:vfs_read");
	assert_int_equal(match->attach, ATTACH_KPROBE);
	assert_success(probing_match(probing, "kretprobe:vfs_read+0"));
}

static void spellings_that_are_none(void **state)
{
	struct probing *probing = &((struct fixture *)*state)->probing;
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"kprobe:vfs_read+", "'' is not an offset"},
		{"kprobe:vfs_read+x", "'x' is not an offset"},
		{"kprobe:vfs_read+-1", "'-1' is not an offset"},
		{"kprobe:vfs_read+99999999999999999999", "'99999999999999999999' is not an offset"},
		{"kretprobe:vfs_read+1", "kretprobe takes no offset"},
		{"kprobe:vfs_*+1", "'vfs_*+1': an offset needs one function"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_failure(probing_match(probing, cases[i].text), cases[i].message);
	for (size_t i = 0; i < 5; i++) {
		static const char *const incomplete[] = {
			"kprobe", "kprobe:", "kprobe:+1", "kprobe::vfs_read", "kprobe:a:b:c"};
		_cleanup_error_ struct error *error = probing_match(probing, incomplete[i]);

		assert_non_null(error);
		assert_non_null(strstr(error->message, "kprobe:FUNCTION"));
	}
}

/* And what can be done about it. */
static void what_a_name_is_instead(void **state)
{
	struct probing *probing = &((struct fixture *)*state)->probing;
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"kprobe:never_listed", "never_listed is blacklisted: the kernel forbids probes "
					"there, since it runs while probes are handled"},
		{"kprobe:quiet", "quiet cannot be traced: the kernel keeps probes out of it"},
		{"kprobe:jiffies", "jiffies is data, not a function"},
		{"kprobe:split", "the compiler left only a variant of split: split.isra.0"},
		{"kprobe:xfs_iget",
			"xfs_iget: module xfs is not loaded; load it with modprobe xfs"},
		{"kprobe:vfs_raed",
			"the kernel has no function vfs_raed (if its source has one, the compiler "
			"put it into its callers)"},
		{"kprobe:ext4:vfs_read", "vfs_read is no function of ext4 but of vmlinux"},
		{"kprobe:vmlinux:open_it", "open_it is no function of vmlinux but of ext4"},
		{"kprobe:xfs:open", "open: module xfs is not loaded; load it with modprobe xfs"},
		{"kprobe:my-fs:open", "open: module xfs is not loaded; load it with modprobe xfs"},
		{"kprobe:btrfs:open", "the kernel has no module btrfs"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_failure(probing_match(probing, cases[i].text), cases[i].message);
}

/* By another of its names a module is not one that could be loaded. */
static void other_names_of_loaded_modules(void **state)
{
	struct probing *probing = &((struct fixture *)*state)->probing;

	assert_failure(probing_match(probing, "kprobe:nf-tables:open_it"),
		"the kernel has no module nf-tables; it is called nf_tables");
	assert_failure(probing_match(probing, "kprobe:fs-ext4:open_it"),
		"the kernel has no module fs-ext4; it is called ext4");
}

static void suggestions(void **state)
{
	struct probing *probing = &((struct fixture *)*state)->probing;

	error_free(probing_match(probing, "kprobe:vfs_raed"));
	assert_string_equal(probing->suggestion.best, "kprobe:vfs_read");
	error_free(probing_match(probing, "kretprobe:split"));
	assert_string_equal(probing->suggestion.best, "kretprobe:split.isra.0");
	error_free(probing_match(probing, "kprobe:something_else_entirely"));
	assert_null(probing->suggestion.best);
}

static void kernels_without_kprobes(void **state)
{
	struct fixture *fixture = *state;

	tree_directory(&fixture->tree, "/sys/bus/event_source/devices/software");
	assert_failure(probing_match(&fixture->probing, "kprobe:vfs_read"),
		"kprobe: this kernel has no kprobes: it was built without CONFIG_KPROBE_EVENTS");
	assert_failure(probing_match(&fixture->probing, "kprobe:*"),
		"kprobe: this kernel has no kprobes: it was built without CONFIG_KPROBE_EVENTS");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_function, setup, teardown),
		cmocka_unit_test_setup_teardown(functions_of_modules, setup, teardown),
		cmocka_unit_test_setup_teardown(wildcards, setup, teardown),
		cmocka_unit_test_setup_teardown(places_inside_of_functions, setup, teardown),
		cmocka_unit_test_setup_teardown(spellings_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_name_is_instead, setup, teardown),
		cmocka_unit_test_setup_teardown(other_names_of_loaded_modules, setup, teardown),
		cmocka_unit_test_setup_teardown(suggestions, setup, teardown),
		cmocka_unit_test_setup_teardown(kernels_without_kprobes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
