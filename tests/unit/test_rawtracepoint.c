/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/probing.h"

#include <errno.h>

#include "tests/unit/tree.h"

struct fixture {
	struct tree tree;
	struct probing probing;
};

static void add_hook(struct btf *btf, const char *name, int number)
{
	char symbol[64];
	int unnamed = btf__add_func_proto(btf, 0);

	btf__add_func_param(btf, NULL, number);
	btf__add_func_param(btf, NULL, number);
	snprintf(symbol, sizeof(symbol), "btf_trace_%s", name);
	btf__add_typedef(btf, symbol, btf__add_ptr(btf, unnamed));
}

/* Of a function that the kernel has for the hook: its parameters have names. */
static void add_function(struct btf *btf, const char *symbol, int number, const char *argument)
{
	int named = btf__add_func_proto(btf, number);

	btf__add_func_param(btf, "__data", number);
	btf__add_func_param(btf, argument, number);
	btf__add_func(btf, symbol, BTF_FUNC_STATIC, named);
}

static void write_btf(const struct tree *tree, const char *path, struct btf *btf)
{
	uint32_t size;
	const void *data = btf__raw_data(btf, &size);

	tree_write(tree, path, data, size);
}

/* The kernel has three hooks, one of which is an event too; a module has one. */
static void write_types(const struct tree *tree)
{
	struct btf *kernel = btf__new_empty();
	int number = btf__add_int(kernel, "int", 4, BTF_INT_SIGNED);

	add_hook(kernel, "sched_switch", number);
	add_hook(kernel, "hidden", number);
	add_hook(kernel, "both", number);
	add_function(kernel, "__traceiter_sched_switch", number, "prev");
	add_function(kernel, "__traceiter_both", number, "of_caller");
	add_function(kernel, "__probestub_both", number, "of_stub");
	write_btf(tree, "/sys/kernel/btf/vmlinux", kernel);

	struct btf *module = btf__new_empty_split(kernel);

	add_hook(module, "kvm_exit", number);
	add_hook(module, "hidden", number);
	add_function(module, "__traceiter_kvm_exit", number, "vcpu");
	write_btf(tree, "/sys/kernel/btf/kvm", module);
	btf__free(module);
	btf__free(kernel);
}

static void fixture_open(struct fixture *fixture, bool with_btf)
{
	fixture->tree = tree_make();
	tree_directory(&fixture->tree, "/sys/kernel/tracing/events");
	tree_write_text(&fixture->tree, "/sys/kernel/tracing/available_events",
		"sched:sched_switch\nxfs:xfs_read\nsyscalls:sys_enter_read\nkvm:kvm_exit\n"
		"lost:lost\n");
	tree_write_text(&fixture->tree, "/sys/kernel/tracing/available_filter_functions",
		"__traceiter_sched_switch\n__traceiter_xfs_read [xfs]\n"
		"__traceiter_kvm_exit [kvm]\n");
	tree_write_text(
		&fixture->tree, "/proc/modules", "xfs 4096 0 - Live 0x0\nkvm 4096 0 - Live 0x0\n");
	if (with_btf)
		write_types(&fixture->tree);
	probing_open(&fixture->probing, fixture->tree.path);
}

static void fixture_close(struct fixture *fixture)
{
	probing_close(&fixture->probing);
	tree_remove(&fixture->tree);
}

#define _cleanup_fixture_ _cleanup_(fixture_close)

/* PROBE-25 */
static void by_name(void **state _unused_)
{
	for (int with_btf = 0; with_btf < 2; with_btf++) {
		_cleanup_fixture_ struct fixture fixture;

		fixture_open(&fixture, with_btf);

		const struct probe_match *match = probing_one(&fixture.probing, "rt:sched_switch");

		assert_string_equal(match->name, "rawtracepoint:sched_switch");
		assert_string_equal(match->function, "sched_switch");
		assert_string_equal(match->target, "sched_switch");
		assert_int_equal(match->attach, ATTACH_RAW_TRACEPOINT);
		assert_int_equal(match->context, CONTEXT_RAW);
		assert_string_equal(match->module, "");

		/* Hooks of modules, of which types describe only one. */
		match = probing_one(&fixture.probing, "rawtracepoint:xfs_read");
		assert_string_equal(match->module, "xfs");
		match = probing_one(&fixture.probing, "rawtracepoint:kvm_exit");
		assert_string_equal(match->name, "rawtracepoint:kvm_exit");
		assert_string_equal(match->module, "kvm");

		/* an event whose hook is unknown */
		match = probing_one(&fixture.probing, "rawtracepoint:lost");
		assert_null(match->module);
	}
}

static void unknown_names(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture;
	struct probing *probing = &fixture.probing;

	fixture_open(&fixture, true);
	assert_failure(probing_match(probing, "rt:nope"), "rawtracepoint not found: nope");
	assert_failure(
		probing_match(probing, "rt:sched_swich"), "rawtracepoint not found: sched_swich");
	assert_string_equal(probing->suggestion.best, "rawtracepoint:sched_switch");
	assert_failure(probing_match(probing, "rt:sys_enter_read"),
		"rawtracepoint not found: sys_enter_read");
	assert_failure(probing_match(probing, "rt:a:b:c"),
		"'rt:a:b:c' does not have the form rawtracepoint:EVENT or "
		"rawtracepoint:MODULE:EVENT");
	assert_failure(probing_match(probing, "rt::b"),
		"'rt::b' does not have the form rawtracepoint:EVENT or "
		"rawtracepoint:MODULE:EVENT");
}

/* PROBE-66 */
static void by_module(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture;
	struct probing *probing = &fixture.probing;
	const struct probe_match *match;

	fixture_open(&fixture, true);
	match = probing_one(probing, "rt:vmlinux:sched_switch");
	assert_string_equal(match->name, "rawtracepoint:vmlinux:sched_switch");
	assert_string_equal(match->target, "sched_switch");
	match = probing_one(probing, "rt:kvm:kvm_exit");
	assert_string_equal(match->name, "rawtracepoint:kvm:kvm_exit");
	match = probing_one(probing, "rt:xfs:*");
	assert_string_equal(match->name, "rawtracepoint:xfs:xfs_read");
	match = probing_one(probing, "rt:*:kvm_exit");
	assert_string_equal(match->name, "rawtracepoint:kvm:kvm_exit");
	assert_failure(probing_match(probing, "rt:xfs:kvm_exit"),
		"kvm_exit is no raw tracepoint of xfs but of kvm");
	assert_failure(probing_match(probing, "rt:none:kvm_exit"), "the kernel has no module none");
	assert_failure(probing_match(probing, "rt:none:*"), "the kernel has no module none");
}

static void wildcards(void **state _unused_)
{
	static const char *const names[] = {"rawtracepoint:vmlinux:both",
		"rawtracepoint:vmlinux:hidden", "rawtracepoint:kvm:kvm_exit", "rawtracepoint:lost",
		"rawtracepoint:vmlinux:sched_switch", "rawtracepoint:xfs:xfs_read"};
	_cleanup_fixture_ struct fixture fixture;
	struct probing *probing = &fixture.probing;

	fixture_open(&fixture, true);
	assert_success(probing_match(probing, "rt:*"));
	assert_int_equal(probing->matches.count, ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_string_equal(probing->matches.items[i].name, names[i]);
	assert_success(probing_match(probing, "rt:none*"));
	assert_int_equal(probing->matches.count, 0);
}

static void expect_declaration(struct probing *probing, const char *text, const char *expected)
{
	_cleanup_str_ struct str out = STR_INIT;
	const struct probe_match *match = probing_one(probing, text);

	assert_success(match->type->declare(&probing->world, match, &out));
	assert_string_equal(str_text(&out), expected);
}

/* PROBE-67: what the language has as args is what a listing shows. */
static void named_arguments(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture;
	struct probing *probing = &fixture.probing;

	fixture_open(&fixture, true);
	expect_declaration(probing, "rt:sched_switch", "    int prev\n");
	expect_declaration(probing, "rt:both", "    int of_stub\n");
	expect_declaration(probing, "rt:hidden", "    int arg0\n");
	expect_declaration(probing, "rt:kvm_exit", "    int vcpu\n");

	const struct probe_match *match = probing_one(probing, "rt:kvm_exit");
	_cleanup_types_ struct types *types = types_new(probing->kbtf);
	struct types_member member;
	uint32_t args = 0;

	assert_success(match->type->arguments(&probing->world, match, types, &args));
	assert_int_equal(types_member_count(types, args), 1);
	assert_true(types_member(types, args, "vcpu", &member));
	assert_int_equal(types_size(types, member.type), 4);
	assert_int_equal(types_size(types, args), 8);
}

static void undescribed_arguments(void **state _unused_)
{
	for (int with_btf = 0; with_btf < 2; with_btf++) {
		_cleanup_fixture_ struct fixture fixture;
		_cleanup_str_ struct str out = STR_INIT;
		const struct probe_match *match;

		fixture_open(&fixture, with_btf);
		match = probing_one(&fixture.probing, "rt:lost");

		_cleanup_error_ struct error *error =
			match->type->declare(&fixture.probing.world, match, &out);

		assert_int_equal(error->number, ENODATA);
		assert_non_null(strstr(error->message, "use arg0"));
	}
}

static void without_any_source(void **state _unused_)
{
	struct tree tree = tree_make();
	struct probing probing;

	probing_open(&probing, tree.path);
	assert_failure(probing_match(&probing, "rt:sched_switch"),
		"tracefs is not mounted on /sys/kernel/tracing; \"mount -t tracefs "
		"tracefs /sys/kernel/tracing\" does it");
	probing_close(&probing);
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_name),
		cmocka_unit_test(unknown_names),
		cmocka_unit_test(by_module),
		cmocka_unit_test(wildcards),
		cmocka_unit_test(named_arguments),
		cmocka_unit_test(undescribed_arguments),
		cmocka_unit_test(without_any_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
