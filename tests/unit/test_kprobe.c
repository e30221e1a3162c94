/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of a kernel that is written down in files, and what a name is told to be instead. */
#include "tests/unit/probing.h"

#include "libcommon/base/alloc.h"
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
		"vfs_read\nvfs_write\nopen_it [ext4]\nopen_it [nf_tables]\nkprobe_handler\n"
		"s_next\n_raw_spin_lock\ns_next\n");
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
	match = probing_one(probing, "kprobe:vmlinux:vfs_read");
	assert_string_equal(match->name, "kprobe:vmlinux:vfs_read");
	assert_string_equal(match->target, "");
}

/* Each module has a place of the probe, which is one to the user. */
static void one_name_in_several_modules(void **state)
{
	struct probing *probing = &((struct fixture *)*state)->probing;
	static const char *const points[] = {"kprobe:open_it", "kretprobe:open_i*"};

	for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
		assert_success(probing_match(probing, points[i]));
		assert_int_equal(probing->matches.count, 2);
		for (uint32_t place = 0; place < 2; place++) {
			const struct probe_match *match = &probing->matches.items[place];

			assert_string_equal(strchr(match->name, ':'), ":open_it");
			assert_string_equal(match->target, place ? "nf_tables" : "ext4");
			assert_int_equal(match->location, place);
			assert_false(match->shares_name);
		}
	}
}

/* One match stands for all functions of a module with the name. */
static void one_name_in_one_module(void **state)
{
	struct probing *probing = &((struct fixture *)*state)->probing;
	static const char *const points[] = {
		"kprobe:s_next", "kretprobe:s_ne*", "kprobe:vmlinux:s_next", "kprobe:*:s_next"};

	for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
		const struct probe_match *match = probing_one(probing, points[i]);

		assert_string_equal(match->event, "s_next");
		assert_true(match->shares_name);
		assert_int_equal(match->location, 0);
	}
	assert_failure(probing_match(probing, "kprobe:s_next+4"),
		"s_next+4 is ambiguous: the kernel has several functions of this name");
	assert_failure(probing_match(probing, "kprobe:open_it+4"),
		"open_it+4 is ambiguous: the kernel has several functions of this name");
	assert_int_equal(probing_one(probing, "kprobe:ext4:open_it+4")->address, 4);
}

static void addresses(void **state)
{
	struct probing *probing = &((struct fixture *)*state)->probing;
	const struct probe_match *match = probing_one(probing, "kprobe:0xffffffff81000010");

	assert_string_equal(match->name, "kprobe:0xffffffff81000010");
	assert_int_equal(match->attach, ATTACH_KPROBE_ADDRESS);
	assert_true(match->address == UINT64_C(0xffffffff81000010));
	assert_failure(probing_match(probing, "kretprobe:0x10"),
		"a return probe at the address of a lock function can lock up the machine; "
		"name the function, or use --unsafe");
	probing->world.unsafe = true;
	assert_true(probing_one(probing, "kretprobe:0x10")->is_return);
	probing->world.unsafe = false;
	assert_failure(probing_match(probing, "kprobe:0xyz"), "'0xyz' is not an address");
	assert_failure(probing_match(probing, "kprobe:0x0"), "'0x0' is not an address");
	assert_failure(probing_match(probing, "kprobe:0x10+4"), "'0x10+4' is not an address");
	assert_failure(
		probing_match(probing, "kprobe:ext4:0x10"), "'0x10': an address has no module");
}

/* Locks that the kernel takes while it handles the probe. */
static bool is_listed(struct probing *probing, const char *type, const char *function)
{
	_cleanup_free_ char *wanted = xasprintf("%s:%s", type, function);
	const struct probe_ops *row = probe_type_find(type, NULL);
	host_names names = {};
	const char **name;
	bool found = false;

	assert_success(row->list(row, &probing->world, &probing->arena, &names));
	vec_for_each (&names, name)
		found |= strcmp(*name, wanted) == 0;
	vec_deinit(&names);
	return found;
}

static void dangerous_returns(void **state)
{
	struct probing *probing = &((struct fixture *)*state)->probing;

	assert_failure(probing_match(probing, "kretprobe:_raw_spin_lock"),
		"kretprobe:_raw_spin_lock can lock up the machine: the kernel's lock is held then, "
		"and a probe may ask for the same one; use --unsafe to attach it anyway");
	assert_non_null(probing_one(probing, "kretprobe:_raw_spin_l*")->refusal);
	assert_null(probing_one(probing, "kprobe:_raw_spin_l*")->refusal);
	assert_null(probing_one(probing, "kprobe:_raw_spin_lock")->refusal);
	assert_true(is_listed(probing, "kprobe", "_raw_spin_lock"));
	assert_true(is_listed(probing, "kretprobe", "vfs_read"));
	assert_false(is_listed(probing, "kretprobe", "_raw_spin_lock"));
	probing->world.unsafe = true;
	assert_null(probing_one(probing, "kretprobe:_raw_spin_l*")->refusal);
	assert_null(probing_one(probing, "kretprobe:_raw_spin_lock")->refusal);
	probing->world.unsafe = false;
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
	assert_int_equal(match->function_offset, 16);
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
		{"kprobe:quiet", "quiet cannot be traced: it is marked notrace or blacklisted"},
		{"kprobe:jiffies", "jiffies is data, not a function"},
		{"kprobe:split", "the compiler emitted only a variant of split: split.isra.0"},
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
		cmocka_unit_test_setup_teardown(one_name_in_several_modules, setup, teardown),
		cmocka_unit_test_setup_teardown(one_name_in_one_module, setup, teardown),
		cmocka_unit_test_setup_teardown(addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(dangerous_returns, setup, teardown),
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
